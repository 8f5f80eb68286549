import ElnathCore

/// The curve of an extended target in three radii; taken from `radii_<target>.csv`.
struct RadiiPlot {
  private struct Point {
    var time: Double
    var radius: Int
    var delta: Double
    var error: Double
    /// Minus the curve in the chosen radius on the same frame, mag.
    var difference: Double
  }

  private let target: String
  private let filter: String
  private let points: [Point]
  /// px, ascending, and which of them is that of the light curve.
  private let radii: [Double]
  private let chosen: Int
  private let axis: NightAxis
  private let width: Plot.Width

  /// Nil where there are not two radii with points.
  init?(_ table: SavedTable, target: String, filter: String) {
    let band = CSVText.cleaned(filter)
    let rows = table.rows.filter {
      table.text($0, "filter") == band && table.text($0, "used") == "1" && table.real($0, "delta_mag").isFinite
    }
    radii = Set(rows.map { table.real($0, "radius_px") }.filter(\.isFinite)).sorted()
    let times = rows.map { (table.real($0, "bjd_tdb"), table.real($0, "jd_utc")) }
    let own = rows.first { table.text($0, "chosen") == "1" }.map { table.real($0, "radius_px") }
    guard radii.count > 1, let own, let chosen = radii.firstIndex(of: own), let narrow = NightAxis(times) else {
      return nil
    }
    width = narrow.panels.count > 2 ? .twoColumns : .oneColumn
    guard let axis = NightAxis(times, width: width) else { return nil }
    let middle = Dictionary(
      rows.filter { table.text($0, "chosen") == "1" }.map {
        (table.text($0, "frame"), table.real($0, "delta_mag"))
      }, uniquingKeysWith: { first, _ in first })
    points = zip(rows, times).map { [radii] row, time in
      let delta = table.real(row, "delta_mag")
      return Point(
        time: axis.place(time.0, time.1), radius: (radii.firstIndex(of: table.real(row, "radius_px")) ?? 0) + 1,
        delta: delta, error: table.real(row, "delta_mag_err"),
        difference: delta - (middle[table.text(row, "frame")] ?? .nan))
    }
    (self.target, self.filter, self.chosen, self.axis) = (target, filter, chosen, axis)
  }

  func plot(name: String) -> Plot {
    let range = ValueRange(points.map(\.delta), errors: points.map(\.error), least: 0.005) ?? .unit
    let differences = ValueRange(points.map(\.difference), least: 0.002) ?? .unit
    return Plot(
      name: name, script: "radii.gp",
      variables: axis.variables + [
        ("data", Gnuplot.quoted(name + ".csv")), ("name", Gnuplot.quoted(target)), ("filter", Gnuplot.quoted(filter)),
        ("count", "\(radii.count)"), Gnuplot.array("radii", radii), ("chosen", "\(chosen + 1)"),
        ("bright", "\(range.lower)"), ("faint", "\(range.upper)"), ("low", "\(differences.lower)"),
        ("high", "\(differences.upper)"),
        ("tic", "\(RoundStep.atLeast(0.28 * (differences.upper - differences.lower)))"), ("left", "\(width.axes.left)"),
        ("right", "\(width.axes.right)"),
      ],
      tables: [Plot.Table(name: name + ".csv", bytes: data)], width: width, aspect: width == .oneColumn ? 0.85 : 0.45)
  }

  private var data: [UInt8] {
    CSVFormat.bytes(
      of: points,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real($0.time) },
        Column("delta_mag", "mag", "Magnitude difference in this radius.") { .real($0.delta) },
        Column("error", "mag", "Error of delta_mag.") { .real($0.error) },
        Column("difference", "mag", "delta_mag minus that in the radius of the light curve.") { .real($0.difference) },
        Column("radius", "", "Number of the radius, from the smallest.") { .integer($0.radius) },
      ])
  }
}
