import ElnathCore

/// What the plots show, taken from the tables.
enum PlotContent {
  /// The light curve of a target in one filter. Nil where no frame of the filter has a value.
  static func lightCurve(
    _ curve: LightCurve, filter: String, name: String, comparisons: [ComparisonCurve]
  ) -> PlotStage.Plot? {
    let points = curve.points.filter { $0.frame.filter == filter }
    let axis = TimeAxis(points.map { ($0.bjdTDB, $0.frame.jdUTC) })
    guard let axis, points.contains(where: { $0.deltaMagnitude.isFinite }) else { return nil }
    let data = CSVFormat.bytes(
      of: points.filter { $0.deltaMagnitude.isFinite },
      columns: [
        Column("time", "d", "Time since the zero of the axis.") {
          .real(axis.place($0.bjdTDB, $0.frame.jdUTC))
        },
        Column("delta_mag", "mag", "Magnitude difference.") { .real($0.deltaMagnitude) },
        Column("error", "mag", "Its error, with the floor where it is known.") {
          .real($0.deltaMagnitudeErrorScaled.isNaN ? $0.deltaMagnitudeError : $0.deltaMagnitudeErrorScaled)
        },
        Column("state", "", "0 used, 1 flagged, 2 not used.") {
          .integer($0.used ? ($0.frame.status == .flagged ? 1 : 0) : 2)
        },
        Column("check", "mag", "Magnitude difference of the check star.") { .real($0.checkMagnitude) },
        Column("check_error", "mag", "Its error.") { .real($0.checkMagnitudeError) },
      ])
    let times = Dictionary(
      points.map { ($0.frame.frame, axis.place($0.bjdTDB, $0.frame.jdUTC)) }, uniquingKeysWith: { first, _ in first })
    let beside = comparisons.filter { $0.filter == filter }
      .flatMap { star in star.points.map { (time: times[$0.frame] ?? .nan, delta: $0.deltaMagnitude) } }
    let comparisonData = CSVFormat.bytes(
      of: beside,
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real($0.time) },
        Column("delta_mag", "mag", "Magnitude difference of a comparison star.") { .real($0.delta) },
      ])
    let checks = points.filter(\.used).map(\.checkMagnitude).filter(\.isFinite)
    let spread = (beside.map(\.delta) + checks).map(abs)
    let reach = spread.isEmpty ? 0.02 : max(0.005, 1.3 * Median.percentile(spread, 0.98))
    return PlotStage.Plot(
      name: name, script: "lightcurve.gp",
      variables: [
        ("data", Gnuplot.quoted(name + ".csv")), ("comparisons", Gnuplot.quoted(name + "_comparisons.csv")),
        ("name", Gnuplot.quoted(curve.target.name)), ("filter", Gnuplot.quoted(filter)),
        ("time_label", Gnuplot.quoted(axis.label)), ("half_height", "\(reach)"),
        ("half_height_tic", "\(tic(reach))"),
        ("has_check", checks.isEmpty ? "0" : "1"), ("has_comparisons", beside.isEmpty ? "0" : "1"),
        ("time_min", "\(axis.from)"), ("time_max", "\(axis.to)"),
      ],
      tables: [(name + ".csv", data), (name + "_comparisons.csv", comparisonData)], aspect: 0.77)
  }

  /// A round step of which two or three fit into `reach`.
  private static func tic(_ reach: Double) -> Double {
    var decade = 1.0
    while decade > reach { decade /= 10 }
    return decade * ([5, 2, 1, 0.5].first { 2 * $0 * decade <= reach } ?? 0.5)
  }

  /// FWHM, sky, transparency and shift of all frames. Nil where no frame has a time.
  static func quality(_ frames: [FrameSummary]) -> PlotStage.Plot? {
    guard let axis = TimeAxis(frames.map { (.nan, $0.jdUTC) }) else { return nil }
    let states: [FrameSummary.Status: Int] = [.used: 0, .flagged: 1, .unused: 2, .rejected: 3]
    let data = CSVFormat.bytes(
      of: frames.filter { $0.jdUTC.isFinite },
      columns: [
        Column("time", "d", "Time since the zero of the axis.") { .real(axis.place(.nan, $0.jdUTC)) },
        Column("fwhm", "px", "Full width at half maximum.") { .real($0.fwhm) },
        Column("sky", "e-/px", "Level of the sky.") { .real($0.sky) },
        Column("transparency", "", "Relative transparency.") { .real($0.transparency) },
        Column("dx", "px", "Shift in x.") { .real($0.shiftX) },
        Column("dy", "px", "Shift in y.") { .real($0.shiftY) },
        Column("state", "", "0 used, 1 flagged, 2 unused, 3 rejected.") { .integer(states[$0.status] ?? 3) },
      ])
    return PlotStage.Plot(
      name: "quality", script: "quality.gp",
      variables: [
        ("data", Gnuplot.quoted("quality.csv")), ("name", Gnuplot.quoted("Frames")),
        ("time_label", Gnuplot.quoted(axis.label)), ("time_min", "\(axis.from)"), ("time_max", "\(axis.to)"),
      ],
      tables: [("quality.csv", data)], aspect: 1)
  }
}

/// Times counted from a whole day near the first, so that the axis needs no seven digits.
struct TimeAxis {
  let isBarycentric: Bool
  let zero: Double
  let from: Double
  let to: Double

  /// - Parameter times: BJD_TDB and JD_UTC of each point; NaN where unknown. Nil without any time, or with an absurd one.
  init?(_ times: [(bjd: Double, jd: Double)]) {
    let barycentric = times.map(\.bjd).filter(\.isFinite)
    isBarycentric = !barycentric.isEmpty
    let known = isBarycentric ? barycentric : times.map(\.jd).filter(\.isFinite)
    guard let first = known.min(), let last = known.max(), max(abs(first), abs(last)) < 1e9 else { return nil }
    zero = first.rounded(.down)
    let margin = max(0.03 * (last - first), 0.002)
    from = first - zero - margin
    to = last - zero + margin
  }

  func place(_ bjd: Double, _ jd: Double) -> Double {
    DecimalRounding.decimals((isBarycentric ? bjd : jd) - zero, 8)
  }

  var label: String { (isBarycentric ? "BJD_TDB" : "JD_UTC") + " - \(Int(zero)) (d)" }
}
