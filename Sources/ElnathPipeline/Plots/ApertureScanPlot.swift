import ElnathCore

/// How stars like a target scatter in every aperture, which of them were excluded, and which one the target has; taken
/// from `aperture_scan.csv`.
struct ApertureScanPlot {
  private struct Point {
    var radius: Double
    var scatter: Double
    var expected: Double
    var contamination: Double
    var isEligible: Bool
    var isChosen: Bool
  }

  private let target: String
  private let filter: String
  private let points: [Point]
  private let fwhm: Double
  private let stars: Int

  /// Nil where the table has no scatter for this target in this filter.
  init?(_ table: SavedTable, target: String, filter: String) {
    let (name, band) = (CSVText.cleaned(target), CSVText.cleaned(filter))
    let rows = table.rows.filter { table.text($0, "target") == name && table.text($0, "filter") == band }
    points = rows.map { row in
      Point(
        radius: table.real(row, "radius_px"), scatter: 1000 * table.real(row, "scatter_mag"),
        expected: 1000 * table.real(row, "expected_mag"), contamination: 100 * table.real(row, "contamination"),
        isEligible: table.text(row, "eligible") == "1", isChosen: table.text(row, "chosen") == "1")
    }
    (self.target, self.filter) = (target, filter)
    fwhm = rows.first.map { table.real($0, "fwhm_px") } ?? .nan
    stars = rows.map { Int(table.text($0, "stars")) ?? 0 }.max() ?? 0
    guard points.contains(where: { $0.scatter > 0 && $0.scatter < 1e6 }), points.allSatisfy({ $0.radius < 1e6 }),
      points.count > 1
    else { return nil }
  }

  func plot(name: String) -> Plot {
    let radii = points.map(\.radius)
    let margin = 0.04 * ((radii.max() ?? 1) - (radii.min() ?? 0))
    let scatter = ValueRange(
      points.flatMap { [$0.scatter, $0.expected] }.filter { $0 > 0 && $0 < 1e6 }, least: 0.05)
    let neighbours = points.map(\.contamination).filter { $0.isFinite && $0 < 1e6 }.max() ?? 0
    let top = 1.2 * max(neighbours, 100 * AutomaticRadius().contamination)
    let axes = Plot.Width.oneColumn.axes
    return Plot(
      name: name, script: "aperture_scan.gp",
      variables: [
        ("data", Gnuplot.quoted(name + ".csv")), ("name", Gnuplot.quoted(target)), ("filter", Gnuplot.quoted(filter)),
        ("stars", "\(stars)"), ("radius_min", "\((radii.min() ?? 0) - margin)"),
        ("radius_max", "\((radii.max() ?? 1) + margin)"),
        ("fwhm", "\(fwhm > 0 ? fwhm : 0)"), ("chosen", "\(points.first(where: \.isChosen)?.radius ?? 0)"),
        ("scatter_min", "\(max(0, scatter?.lower ?? 0))"), ("scatter_max", "\(scatter?.upper ?? 1)"),
        ("limit", "\(100 * AutomaticRadius().contamination)"),
        ("neighbours_max", "\(top)"), ("neighbours_tic", "\(RoundStep.atLeast(0.3 * top))"),
        ("has_excluded", points.contains { !$0.isEligible } ? "1" : "0"), ("left", "\(axes.left)"),
        ("right", "\(axes.right)"),
      ],
      tables: [Plot.Table(name: name + ".csv", bytes: data)], aspect: 0.9)
  }

  private var data: [UInt8] {
    CSVFormat.bytes(
      of: points,
      columns: [
        Column("radius", "px", "Radius of the aperture.") { .real($0.radius) },
        Column("scatter", "mmag", "S(r): median scatter of the stars like the target.") { .real($0.scatter) },
        Column("expected", "mmag", "Scatter that the errors of these stars expect.") { .real($0.expected) },
        Column("contamination", "%", "Flux of neighbours within the aperture over the target's own.") {
          .real($0.contamination)
        },
        Column("eligible", "", "1 for an aperture that was to be chosen from.") { .boolean($0.isEligible) },
        Column("chosen", "", "1 for the aperture of the light curve.") { .boolean($0.isChosen) },
      ])
  }
}
