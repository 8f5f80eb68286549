import ElnathCore

/// The comparison stars of one filter: zero points, and how far each star departs from them.
struct ComparisonsPlot {
  private let filter: String
  private let points: [LightCurvePoint]
  private let stars: [ComparisonCurve]
  private let axis: NightAxis

  /// - Parameter curve: Of the target in whose aperture the stars are shown. Nil where there are none.
  init?(_ curve: LightCurve, filter: String, comparisons: [ComparisonCurve]) {
    let points = curve.points.filter { $0.used && $0.frame.filter == filter && $0.frame.zeroPoint.isFinite }
    let stars = comparisons.filter { $0.filter == filter && !$0.points.isEmpty }
    guard !stars.isEmpty, let axis = NightAxis(points.map { ($0.bjdTDB, $0.frame.jdUTC) }, width: .twoColumns)
    else { return nil }
    (self.filter, self.points, self.stars, self.axis) = (filter, points, stars, axis)
  }

  func plot(name: String) -> Plot? {
    let range = ValueRange(points.map(\.frame.zeroPoint), errors: points.map(\.frame.zeroPointError), least: 0.01)
    guard let range else { return nil }
    let aspect = 0.30 + 0.04 * Double(stars.count)
    let width = Plot.Width.twoColumns
    return Plot(
      name: name, script: "comparisons.gp",
      variables: axis.variables + [
        ("zero_points", Gnuplot.quoted(name + "_zero_points.csv")), ("data", Gnuplot.quoted(name + ".csv")),
        ("filter", Gnuplot.quoted(filter)), ("count", "\(stars.count)"), Gnuplot.array("names", stars.map(\.star)),
        ("spacing", "\(spacing)"), ("low", "\(range.lower)"), ("high", "\(range.upper)"),
        ("has_flagged", points.contains { $0.frame.status == .flagged } ? "1" : "0"),
        ("left", "\(width.axes.left)"), ("right", "\(width.axes.right)"), ("split", "\(1 - 0.19 / aspect)"),
        ("page", "\(0.45 / aspect)"),
      ],
      tables: [
        Plot.Table(name: name + "_zero_points.csv", bytes: zeroPoints), Plot.Table(name: name + ".csv", bytes: data),
      ], width: width, aspect: aspect)
  }

  /// Between two stars: most of their points do not overlap.
  private var spacing: Double {
    let reach = Median.percentile(stars.flatMap { $0.points.map { abs($0.deltaMagnitude) } }.filter(\.isFinite), 0.98)
    return RoundStep.atLeast(1.2 * max(reach, 5e-4))
  }

  private var zeroPoints: [UInt8] {
    CSVFormat.bytes(
      of: points,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place($0.bjdTDB, $0.frame.jdUTC)) },
        Column("zero_point", "mag", "Zero point of the frame.") { .real($0.frame.zeroPoint) },
        Column("error", "mag", "Error of the zero point.") { .real($0.frame.zeroPointError) },
        Column("state", "", "0 used, 1 flagged.") { .integer($0.frame.status == .flagged ? 1 : 0) },
      ])
  }

  private var data: [UInt8] {
    let times = Dictionary(
      points.map { ($0.frame.frame, axis.place($0.bjdTDB, $0.frame.jdUTC)) }, uniquingKeysWith: { first, _ in first })
    let rows = stars.enumerated().flatMap { index, star in
      star.points.map { (star: index + 1, time: times[$0.frame] ?? .nan, delta: $0.deltaMagnitude) }
    }
    return CSVFormat.bytes(
      of: rows,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real($0.time) },
        Column("delta_mag", "mag", "Magnitude difference of the star.") { .real($0.delta) },
        Column("star", "", "Number of the star.") { .integer($0.star) },
      ])
  }
}
