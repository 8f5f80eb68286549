import ElnathCore

/// The light curve of one target in one filter, above its check star and comparison stars.
struct LightCurvePlot {
  private let curve: LightCurve
  private let filter: String
  /// Points that have a value.
  private let points: [LightCurvePoint]
  private let axis: NightAxis
  private let range: ValueRange
  private let comparisons: [ComparisonCurve]
  private let binned: [BinnedPoint]

  /// Nil where no frame of the filter has a value.
  init?(_ curve: LightCurve, filter: String, comparisons: [ComparisonCurve], binning: Binning?) {
    let points = curve.points.filter { $0.frame.filter == filter && $0.deltaMagnitude.isFinite }
    let times = points.map { ($0.bjdTDB, $0.frame.jdUTC) }
    guard let narrow = NightAxis(times), let axis = NightAxis(times, width: Self.width(narrow)),
      let range = Self.range(of: points)
    else { return nil }
    (self.curve, self.filter, self.points, self.axis, self.range) = (curve, filter, points, axis, range)
    self.comparisons = comparisons.filter { $0.filter == filter }
    binned = binning.map { curve.binned($0).filter { $0.filter == filter } } ?? []
  }

  /// Three nights and more need a whole page.
  private static func width(_ axis: NightAxis) -> Plot.Width { axis.panels.count > 2 ? .twoColumns : .oneColumn }

  /// Error bars as they are shown: with the floor where it is known.
  static func error(_ point: LightCurvePoint) -> Double {
    point.deltaMagnitudeErrorScaled.isNaN ? point.deltaMagnitudeError : point.deltaMagnitudeErrorScaled
  }

  /// Used points fill the axis; a frame that is not used must not flatten the curve.
  static func range(of points: [LightCurvePoint]) -> ValueRange? {
    let shown = points.contains(where: \.used) ? points.filter(\.used) : points
    return ValueRange(shown.map(\.deltaMagnitude), errors: shown.map(error), least: 0.005)
  }

  /// 0 used, 1 flagged, 2 not used; beyond the axis 3 above (brighter), 4 below.
  static func state(_ point: LightCurvePoint, in range: ValueRange) -> Int {
    if point.used { return point.frame.status == .flagged ? 1 : 0 }
    guard range.edge(of: point.deltaMagnitude) != nil else { return 2 }
    return point.deltaMagnitude < range.lower ? 3 : 4
  }

  private var data: [UInt8] {
    CSVFormat.bytes(
      of: points,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place($0.bjdTDB, $0.frame.jdUTC)) },
        Column("delta_mag", "mag", "Magnitude difference; at the edge of the axis for a point beyond it.") {
          .real($0.used ? $0.deltaMagnitude : range.edge(of: $0.deltaMagnitude) ?? $0.deltaMagnitude)
        },
        Column("error", "mag", "Error of delta_mag, with the floor where it is known.") { .real(Self.error($0)) },
        Column("state", "", "0 used, 1 flagged, 2 not used; beyond the axis 3 above, 4 below.") {
          .integer(Self.state($0, in: range))
        },
        Column("check", "mag", "Magnitude difference of the check star.") { .real($0.used ? $0.checkMagnitude : .nan) },
        Column("check_error", "mag", "Error of check.") { .real($0.checkMagnitudeError) },
      ])
  }

  private var beside: [(time: Double, delta: Double)] {
    let times = Dictionary(
      points.map { ($0.frame.frame, axis.place($0.bjdTDB, $0.frame.jdUTC)) }, uniquingKeysWith: { first, _ in first })
    return comparisons.flatMap { star in star.points.map { (times[$0.frame] ?? .nan, $0.deltaMagnitude) } }
  }

  private var means: [UInt8] {
    CSVFormat.bytes(
      of: binned,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place($0.bjdTDB, $0.jdUTC)) },
        Column("delta_mag", "mag", "Mean magnitude difference.") { .real($0.deltaMagnitude) },
        Column("error", "mag", "Error of delta_mag.") { .real($0.deltaMagnitudeError) },
      ])
  }

  /// - Parameter name: File name without ending.
  func plot(name: String) -> Plot {
    let beside = beside
    let checks = points.filter { $0.used && $0.checkMagnitude.isFinite }
    let reach = reach(beside.map(\.delta), checks)
    let comparisonData = CSVFormat.bytes(
      of: beside,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real($0.time) },
        Column("delta_mag", "mag", "Magnitude difference of a comparison star.") { .real($0.delta) },
      ])
    let width = Self.width(axis)
    return Plot(
      name: name, script: "lightcurve.gp",
      variables: axis.variables + [
        ("data", Gnuplot.quoted(name + ".csv")), ("comparisons", Gnuplot.quoted(name + "_comparisons.csv")),
        ("binned", Gnuplot.quoted(name + "_means.csv")), ("name", Gnuplot.quoted(curve.target.name)),
        ("filter", Gnuplot.quoted(filter)), ("bright", "\(range.lower)"), ("faint", "\(range.upper)"),
        ("half_height", "\(reach)"), ("half_height_tic", "\(Self.tic(reach))"),
        ("has_flagged", flag { $0 == 1 }), ("has_unused", flag { $0 >= 2 }), ("has_binned", binned.isEmpty ? "0" : "1"),
        ("has_check", checks.isEmpty ? "0" : "1"), ("has_comparisons", beside.isEmpty ? "0" : "1"),
        ("left", "\(width.axes.left)"), ("right", "\(width.axes.right)"),
      ],
      tables: [
        Plot.Table(name: name + ".csv", bytes: data),
        Plot.Table(name: name + "_comparisons.csv", bytes: comparisonData),
        Plot.Table(name: name + "_means.csv", bytes: means),
      ], width: width, aspect: width == .oneColumn ? 0.77 : 0.45)
  }

  private func flag(_ isWanted: (Int) -> Bool) -> String {
    points.contains { isWanted(Self.state($0, in: range)) } ? "1" : "0"
  }

  /// Half the height of the lower panel: room for nearly all comparison stars, and for the check star's error bars.
  private func reach(_ comparisons: [Double], _ checks: [LightCurvePoint]) -> Double {
    let bars = checks.map { abs($0.checkMagnitude) + ($0.checkMagnitudeError.isFinite ? $0.checkMagnitudeError : 0) }
    let dots = comparisons.filter(\.isFinite).map(abs)
    let needed = [(dots, 0.98), (bars, 0.99)].filter { !$0.0.isEmpty }.map { Median.percentile($0.0, $0.1) }
    return max(0.005, 1.15 * (needed.max() ?? 0.02))
  }

  /// A round step of which two or three fit into `reach`.
  private static func tic(_ reach: Double) -> Double { RoundStep.atLeast(0.35 * reach) }
}
