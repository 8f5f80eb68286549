import ElnathCore
import FoundationEssentials

/// The light curve of one star in one filter, with what stands beside it, as a format gets it.
struct ExportedCurve: Sendable {
  /// Path of the table, for messages.
  var file: String
  /// Name of the files of this curve without their endings.
  var stem: String
  var target: Star
  var filter: String
  /// Points that may go out: the used ones, or all for a form that tells them apart. Each has a time in UTC.
  var points: [LightCurvePoint]
  /// How many points of the filter stay behind.
  var leftOut: Int
  /// Verdicts of this filter; empty where comparisons.csv is not there.
  var comparisons: [ComparisonVerdict]
  /// All stars; empty where stars.csv is not there.
  var stars: [Star]
  var companions: CurveCompanions

  /// The star's name as it goes out.
  func name(_ options: ExportOptions) -> String { options.name ?? target.name }

  /// The comparison stars of this filter, in the order of stars.csv.
  var comparisonStars: [Star] {
    let used = Set(comparisons.filter(\.used).map(\.star))
    return stars.filter { used.contains($0.name) && $0.name != target.name }
  }

  /// The star whose magnitude is `check_mag`.
  var checkStar: Star? {
    if let named = stars.first(where: { $0.role == .check }) { return named }
    let held = Set(comparisons.filter { !$0.used && $0.reason == "check star" }.map(\.star))
    return stars.first { held.contains($0.name) }
  }

  /// True where `mag` is on the scale of a catalogue: comparison stars have magnitudes in the band of the filter.
  var isCalibrated: Bool {
    comparisonStars.contains { !$0.band.isEmpty && $0.band == filter && $0.magnitude.isFinite }
  }

  func relativeError(_ point: LightCurvePoint, _ options: ExportOptions) -> Double {
    options.errors == .scaled ? point.relativeFluxErrorScaled : point.relativeFluxError
  }

  func deltaError(_ point: LightCurvePoint, _ options: ExportOptions) -> Double {
    options.errors == .scaled ? point.deltaMagnitudeErrorScaled : point.deltaMagnitudeError
  }

  /// The error of `mag`; the floor of the scaled one adds in quadrature, as in `delta_mag_err_scaled`.
  func magnitudeError(_ point: LightCurvePoint, _ options: ExportOptions) -> Double {
    guard options.errors == .scaled else { return point.magnitudeError }
    let (scaled, own) = (point.deltaMagnitudeErrorScaled, point.deltaMagnitudeError)
    let floor = max(0, scaled * scaled - own * own)
    return (point.magnitudeError * point.magnitudeError + floor).squareRoot()
  }

  func time(_ point: LightCurvePoint, _ kind: ExportOptions.Time) -> Double {
    switch kind {
    case .jd: point.frame.jdUTC
    case .hjd: point.hjdUTC
    case .bjd: point.bjdTDB
    }
  }

  /// The time with 8 decimals; a point without one cannot go out.
  func timeText(_ point: LightCurvePoint, _ kind: ExportOptions.Time) throws(PipelineError) -> String {
    if let text = DecimalText.fixed(time(point, kind), 8) { return text }
    throw PipelineError(
      .badData, file,
      "no \(kind.rawValue) on frame \(point.frame.frame); give the observatory and the star's ra and dec in the "
        + "project file and run it again, or choose another --time")
  }

  /// What the curve is, for the heads of files.
  func remarks(_ options: ExportOptions) -> [(key: String, text: String)] {
    var remarks = [
      ("software", "elnath \(ElnathVersion.current)"), ("star", CSVText.cleaned(name(options))),
      ("filter", CSVText.cleaned(filter)), ("time", "mid-exposure"),
      ("points", "\(points.count)"), ("left_out", "\(leftOut)"),
    ]
    if !comparisonStars.isEmpty {
      remarks.append(("comparisons", comparisonStars.map { CSVText.cleaned($0.name) }.joined(separator: "; ")))
    }
    remarks.append(
      ("magnitudes", isCalibrated ? "on the catalogue scale of comparison stars in \(filter)" : "instrumental"))
    return remarks
  }
}

/// The tables beside a light curve, read when a form asks for them.
struct CurveCompanions: Sendable {
  /// The folder that holds them.
  var folder: String

  var hasPhotometry: Bool { FileManager.default.fileExists(atPath: folder + "/photometry.csv") }

  private func reader(_ name: String, madeBy step: String, for form: String) throws(PipelineError) -> CSVReader {
    let path = folder + "/" + name
    do throws(PipelineError) {
      return try CSVReader(path: path)
    } catch {
      guard error.code == .noInput else { throw error }
      throw PipelineError(
        .noInput, path, "not found; \(form) needs it beside the light curve: it is made by elnath \(step)")
    }
  }

  /// The measurements of all stars, by number of frame.
  func photometry(stars: [Star], for form: String) throws(PipelineError) -> [Int: FrameMeasurements] {
    let frames = try TableReader.photometry(
      try reader("photometry.csv", madeBy: "measure", for: form), stars: stars)
    return Dictionary(frames.map { ($0.frame, $0) }) { first, _ in first }
  }

  /// The lights as scan found them, by file.
  func observations(for form: String) throws(PipelineError) -> [String: Observation] {
    let rows = try TableReader.observations(try reader("observations.csv", madeBy: "scan", for: form))
    return Dictionary(rows.map { ($0.file, $0) }) { first, _ in first }
  }
}
