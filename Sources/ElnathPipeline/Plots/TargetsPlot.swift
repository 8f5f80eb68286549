import ElnathCore

/// The light curves of all targets in one filter, above each other on one time axis.
struct TargetsPlot {
  private struct Row {
    var name: String
    var points: [LightCurvePoint]
    var range: ValueRange
    var brightEnd: Double
  }

  private let filter: String
  private let rows: [Row]
  private let axis: NightAxis

  /// More curves would not fit on a page.
  private static let most = 12

  /// Nil where fewer than two targets have values.
  init?(_ curves: [LightCurve], filter: String) {
    let rows = curves.compactMap { curve -> Row? in
      let points = curve.points.filter { $0.frame.filter == filter && $0.deltaMagnitude.isFinite }
      return LightCurvePlot.range(of: points).map { range in
        // Room for the name above the points.
        let headroom = 0.16 * (range.upper - range.lower)
        return Row(
          name: curve.target.name, points: points, range: range, brightEnd: range.lower - headroom)
      }
    }.prefix(Self.most)
    let times = rows.flatMap { $0.points.map { ($0.bjdTDB, $0.frame.jdUTC) } }
    guard rows.count > 1, let axis = NightAxis(times, width: .twoColumns) else { return nil }
    (self.filter, self.rows, self.axis) = (filter, Array(rows), axis)
  }

  func plot(name: String) -> Plot {
    let aspect = 0.09 + 0.17 * Double(rows.count)
    let page = 0.45 / aspect
    let width = Plot.Width.twoColumns
    let files = rows.indices.map { "\(name)_\($0 + 1).csv" }
    func words(_ value: (Row) -> Double) -> String {
      Gnuplot.quoted(rows.map { "\(value($0))" }.joined(separator: " "))
    }
    func any(_ isWanted: (Int) -> Bool) -> String {
      rows.contains { row in row.points.contains { isWanted(LightCurvePlot.state($0, in: row.range)) } } ? "1" : "0"
    }
    return Plot(
      name: name, script: "targets.gp",
      variables: axis.variables + [
        ("filter", Gnuplot.quoted(filter)), ("count", "\(rows.count)"), Gnuplot.array("files", files),
        Gnuplot.array("names", rows.map(\.name)), ("brights", words(\.brightEnd)), ("faints", words(\.range.upper)),
        ("has_flagged", any { $0 == 1 }), ("has_unused", any { $0 >= 2 }), ("left", "\(width.axes.left)"),
        ("right", "\(width.axes.right)"), ("bottom", "\(0.14 * page)"), ("page", "\(page)"),
      ],
      tables: zip(files, rows).map { file, row in Plot.Table(name: file, bytes: data(row)) }, width: width,
      aspect: aspect)
  }

  private func data(_ row: Row) -> [UInt8] {
    CSVFormat.bytes(
      of: row.points,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place($0.bjdTDB, $0.frame.jdUTC)) },
        Column("delta_mag", "mag", "Magnitude difference; at the edge of the axis for a point beyond it.") {
          .real($0.used ? $0.deltaMagnitude : row.range.edge(of: $0.deltaMagnitude) ?? $0.deltaMagnitude)
        },
        Column("error", "mag", "Error of delta_mag, with the floor where it is known.") {
          .real(LightCurvePlot.error($0))
        },
        Column("state", "", "0 used, 1 flagged, 2 not used; beyond the axis 3 above, 4 below.") {
          .integer(LightCurvePlot.state($0, in: row.range))
        },
      ])
  }
}
