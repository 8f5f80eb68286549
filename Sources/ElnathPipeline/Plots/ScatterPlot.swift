import ElnathCore

/// Scatter against magnitude of all stars in one filter, with the noise that is expected, term by term.
struct ScatterPlot {
  private let filter: String
  private let rows: [StarVariability]
  private let noise: [NoiseCurvePoint]
  private let targets: Set<String>
  private let checks: Set<String>
  private let used: Set<String>

  /// Nil where no star has both magnitude and scatter.
  init?(_ product: LightCurves, filter: String, table: PhotometryTable) {
    self.filter = filter
    // Hand-edited numbers beyond all magnitudes would leave no axis.
    rows = product.variability.filter {
      $0.filter == filter && $0.rms > 0 && $0.rms < 1e3 && abs($0.magnitude) < 1e3
    }
    guard !rows.isEmpty else { return nil }
    let verdicts = product.comparisons.filter { $0.filter == filter }
    used = Set(verdicts.filter(\.used).map(\.star))
    targets = Set(table.stars.filter { $0.role == .target }.map(\.name))
    checks = Set(table.stars.filter { $0.role == .check }.map(\.name))
      .union(verdicts.filter { $0.reason == "check star" }.map(\.star))
    let zeroPoints = product.curves.flatMap(\.points).filter { $0.used && $0.frame.filter == filter }
      .map { $0.frame.zeroPointError }.filter { $0 > 0 }
    noise = NoiseCurve.points(
      rows, filter: filter, table: table, ensembleError: zeroPoints.isEmpty ? 0 : Median.of(zeroPoints))
  }

  func plot(name: String) -> Plot {
    let (low, high) = (rows.map(\.rms).min() ?? 0, rows.map(\.rms).max() ?? 1)
    let floor = min(low, noise.map(\.total).filter { $0 > 0 }.min() ?? low)
    let axes = Plot.Width.oneColumn.axes
    return Plot(
      name: name, script: "rms.gp",
      variables: [
        ("data", Gnuplot.quoted(name + ".csv")), ("noise", Gnuplot.quoted(name + "_noise.csv")),
        ("filter", Gnuplot.quoted(filter)), ("has_noise", noise.isEmpty ? "0" : "1"),
        ("terms", Gnuplot.quoted(terms(above: 0.5 * floor).joined(separator: " "))),
        ("rms_min", "\(0.5 * floor)"), ("rms_max", "\(2 * high)"),
        ("mag_min", "\((rows.map(\.magnitude).min() ?? 0) - 0.3)"),
        ("mag_max", "\((rows.map(\.magnitude).max() ?? 0) + 0.3)"), ("left", "\(axes.left)"),
        ("right", "\(axes.right)"),
      ],
      tables: [Plot.Table(name: name + ".csv", bytes: stars), Plot.Table(name: name + "_noise.csv", bytes: curves)])
  }

  /// The noise terms that reach into the axis.
  private func terms(above floor: Double) -> [String] {
    let all: [(String, KeyPath<NoiseCurvePoint, Double>)] = [
      ("source", \.source), ("background", \.background), ("sky_estimate", \.skyEstimate),
      ("scintillation", \.scintillation), ("position", \.position), ("ensemble", \.ensemble),
    ]
    return all.filter { term in noise.contains { $0[keyPath: term.1] > floor } }.map(\.0)
  }

  private var stars: [UInt8] {
    CSVFormat.bytes(
      of: rows,
      columns: [
        Column("star", "", "Name of the star.") { .text($0.star) },
        Column("mag", "mag", "Median magnitude.") { .real($0.magnitude) },
        Column("rms", "mag", "Standard deviation of the star's magnitudes.") { .real($0.rms) },
        Column("expected", "mag", "What its errors expect.") { .real($0.expected) },
        Column("kind", "", "0 measured, 1 comparison star, 2 target, 3 check star.") { row in
          .integer(targets.contains(row.star) ? 2 : checks.contains(row.star) ? 3 : used.contains(row.star) ? 1 : 0)
        },
      ])
  }

  private var curves: [UInt8] {
    CSVFormat.bytes(
      of: noise,
      columns: [
        Column("mag", "mag", "Magnitude.") { .real($0.magnitude) },
        Column("total", "mag", "All noise terms together.") { .real($0.total) },
        Column("source", "mag", "Photons of the star.") { .real($0.source) },
        Column("background", "mag", "Sky, read noise, dark and digitisation.") { .real($0.background) },
        Column("sky_estimate", "mag", "Error of the sky level.") { .real($0.skyEstimate) },
        Column("scintillation", "mag", "Scintillation.") { .real($0.scintillation) },
        Column("position", "mag", "Where in its pixels the star falls.") { .real($0.position) },
        Column("ensemble", "mag", "Zero point of the frame.") { .real($0.ensemble) },
      ])
  }
}
