import ElnathCore

/// AAVSO Extended File Format 1.2 (https://www.aavso.org/aavso-extended-file-format): one used point a line.
///
/// It takes magnitudes of two kinds: standard ones against an ensemble with catalogue magnitudes, or differences to one
/// comparison star that the AAVSO knows. Anything else is refused.
struct AAVSOFormat: CurveFormat {
  let keepsEveryPoint = false

  private static let headLines = 7

  /// How the magnitudes are to be understood.
  private enum Scale {
    case standard
    case difference(comparison: Star, name: String)
  }

  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct] {
    let time = options.time ?? .jd
    guard time != .bjd else {
      throw PipelineError(.usage, "--time bjd_tdb", "the AAVSO's Extended format takes jd_utc or hjd_utc only")
    }
    let observer = try AAVSOText.observer(options)
    let name = try AAVSOText.field(curve.name(options), "the star's name", limit: 30, option: "--name")
    let filter = try AAVSOFilter.code(of: curve.filter, options, exoplanets: false)
    let scale = try scale(of: curve, options)
    let check = try checkStar(of: curve)
    let chart = try options.chart.map { (text) throws(PipelineError) in
      try AAVSOText.field(text, "the chart", limit: 20, option: "--chart")
    }
    let notes = try options.notes.map { (text) throws(PipelineError) in
      try AAVSOText.field(text, "the note", limit: 100, option: "--notes")
    }
    let needsStars = check != nil || !isStandard(scale)
    let measured = try needsStars ? curve.companions.photometry(stars: curve.stars, for: "this format") : [:]

    var lines = [
      "#TYPE=EXTENDED", "#OBSCODE=\(observer)", "#SOFTWARE=\(AAVSOText.software)", "#DELIM=,",
      "#DATE=\(time == .jd ? "JD" : "HJD")", "#OBSTYPE=\(options.detector.rawValue)",
      "#NAME,DATE,MAG,MERR,FILT,TRANS,MTYPE,CNAME,CMAG,KNAME,KMAG,AMASS,GROUP,CHART,NOTES",
    ]
    for point in curve.points {
      let stars = StarFluxes(curve: curve, point: point, frame: measured[point.frame.frame])
      guard let (magnitude, error) = magnitude(of: point, curve, scale, stars, options) else { continue }
      let (comparison, comparisonMagnitude) =
        switch scale {
        case .standard: ("ENSEMBLE", "na")
        case .difference(let star, let name): (name, Self.field(stars.instrumental(star), width: 8))
        }
      let checkMagnitude =
        switch scale {
        case .standard: check.map { stars.magnitude($0) }
        case .difference: check.map { stars.instrumental($0) }
        }
      let fields = [
        name, try curve.timeText(point, time), magnitude, error, filter.code, options.transformed ? "YES" : "NO",
        isStandard(scale) ? "STD" : "DIF", comparison, comparisonMagnitude,
        check.flatMap { Self.text($0.name, limit: 20) } ?? "na",
        checkMagnitude.map { Self.field($0, width: 8) } ?? "na",
        Self.field(point.airmass, width: 7), "na", chart ?? "na",
        (notes ?? "") + "|VMAGINS=" + Self.field(stars.instrumental(flux: point.flux), width: 8),
      ]
      lines.append(fields.joined(separator: ","))
    }
    return [
      ExportProduct(
        ending: ".aavso.txt", content: .text(lines.joined(separator: "\n") + "\n"), rows: lines.count - Self.headLines)
    ]
  }

  private func isStandard(_ scale: Scale) -> Bool {
    if case .standard = scale { true } else { false }
  }

  private func scale(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> Scale {
    if curve.isCalibrated { return .standard }
    let comparisons = curve.comparisonStars
    guard comparisons.count == 1 else {
      let shown = CSVText.cleaned(curve.filter)
      throw PipelineError(
        .badData, curve.file,
        "the magnitudes are instrumental, against an ensemble of \(comparisons.count) stars without magnitudes in band "
          + "'\(shown)', which this format has no place for; give mag and band of comparison stars in the table of "
          + "stars, or use one comparison star that the AAVSO knows")
    }
    guard let name = options.comparison ?? (comparisons[0].detected ? nil : comparisons[0].name) else {
      throw PipelineError(
        .usage, "",
        "the comparison star \(comparisons[0].name) has no name that the AAVSO knows; give --comparison with it")
    }
    return .difference(
      comparison: comparisons[0],
      name: try AAVSOText.field(name, "the comparison star's name", limit: 20, option: "--comparison"))
  }

  /// Its name may be one that the format has no room for: then none is named.
  private func checkStar(of curve: ExportedCurve) throws(PipelineError) -> Star? {
    guard let star = curve.checkStar, Self.text(star.name, limit: 20) != nil, curve.companions.hasPhotometry else {
      return nil
    }
    return star
  }

  private static func text(_ text: String, limit: Int) -> String? {
    try? AAVSOText.field(text, "", limit: limit, option: "")
  }

  /// Magnitude and error; the limit and `na` where the star was too faint. Nil where there is neither.
  private func magnitude(
    of point: LightCurvePoint, _ curve: ExportedCurve, _ scale: Scale, _ stars: StarFluxes, _ options: ExportOptions
  ) -> (String, String)? {
    var (value, error, limit) = (point.magnitude, curve.magnitudeError(point, options), point.limitMagnitude)
    if case .difference(let comparison, _) = scale {
      let reference = stars.instrumental(comparison)
      value = stars.instrumental(flux: point.flux) - reference
      error = curve.deltaError(point, options)
      limit = point.limitMagnitude - point.frame.zeroPoint - reference
    }
    // Rounded towards the brighter side: a limit must not promise more than was seen.
    if limit.isFinite, let text = DecimalText.fixed((limit * 1000).rounded(.down) / 1000, 3), text.count < 8 {
      return ("<" + text, "na")
    }
    guard let text = DecimalText.fixed(value, 4), text.count <= 8 else { return nil }
    return (text, DecimalText.fixed(max(error, 0.0001), 4).flatMap { $0.count <= 6 ? $0 : nil } ?? "na")
  }

  private static func field(_ value: Double, width: Int) -> String {
    DecimalText.fixed(value, 4).flatMap { $0.count <= width ? $0 : nil } ?? "na"
  }
}

/// Magnitudes of other stars on the frame of a point, in the aperture of the point. NaN where one was not measured.
struct StarFluxes {
  let curve: ExportedCurve
  let point: LightCurvePoint
  let frame: FrameMeasurements?

  /// From 0; nil where the point names none.
  var aperture: Int? { Int(point.aperture.dropFirst()).map { $0 - 1 } }

  func measurement(_ star: Star) -> (star: StarMeasurement, aperture: ApertureMeasurement)? {
    guard let frame, let aperture, aperture >= 0, aperture < frame.radii,
      let index = curve.stars.firstIndex(where: { $0.name == star.name })
    else { return nil }
    return (frame.stars[index], frame[index, aperture])
  }

  /// -2.5 log10 of the flux per second.
  func instrumental(flux: Double) -> Double {
    let rate = flux / point.frame.exposure
    return rate > 0 ? Magnitude.of(rate) : .nan
  }

  func instrumental(_ star: Star) -> Double { instrumental(flux: measurement(star)?.aperture.flux ?? .nan) }

  func magnitude(_ star: Star) -> Double { point.frame.zeroPoint + instrumental(star) }
}
