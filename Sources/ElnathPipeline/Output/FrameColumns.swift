import ElnathCore

#if canImport(Glibc)
  import Glibc
#endif

/// `frames.csv`: one row for each light frame, good or bad.
public enum FrameColumns {
  public static let all: [Column<FrameSummary>] = identity + geometry + quality + verdict + doubt

  private static let identity: [Column<FrameSummary>] = [
    Column("frame", "", "Number in the series, by mid-time.") { .integer($0.frame) },
    Column("file", "", "Path, relative to the project file.") { .path($0.file) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("night", "", "Night, noon to noon at the site, by the date of its evening.") { .text($0.night) },
    Column("jd_utc", "d", "Mid-exposure, Julian date in UTC.") { .time($0.jdUTC) },
    Column("exposure_s", "s", "Exposure time.") { .real($0.exposure) },
    Column("airmass", "", "Airmass of the field.") { .real($0.airmass) },
    Column("segment", "", "Counts from 1; a meridian flip or a refocus begins the next one.") {
      .integer($0.segment)
    },
    Column("status", "", "used, flagged (a warning), unused or rejected (not measured).") {
      .text($0.status.rawValue)
    },
  ]

  private static let geometry: [Column<FrameSummary>] = [
    Column("method", "", "How the transform was found.") { .text(($0.proven?.method ?? .none).rawValue) },
    Column("dx_px", "px", "Where the centre of the reference frame lies in this frame, minus that centre, in x.") {
      .real($0.shiftX)
    },
    Column("dy_px", "px", "Where the centre of the reference frame lies in this frame, minus that centre, in y.") {
      .real($0.shiftY)
    },
    Column("rotation_deg", "deg", "Rotation from the reference frame to this one, counter-clockwise.") {
      .real($0.proven?.transform.rotationDegrees)
    },
    Column("scale", "", "Scale from the reference frame to this one.") { .real($0.proven?.transform.scale) },
    Column("mirrored", "", "1 where x is flipped.") {
      $0.proven.map { .boolean($0.transform.mirrored) } ?? .empty
    },
    Column(
      "transform", "",
      "Pixels here count from 0. Four numbers a b tx ty: (x, y) of the reference lies at (a u - b y + tx, b u + a y + ty), "
        + "u = -x if mirrored, else x. 8, 14 or 22 numbers: a centre, then coefficients of 1 u v u^2 uv v^2 u^3 u^2v uv^2 v^3 "
        + "(up to the order) for x, then for y, u and v from the centre."
    ) { .text($0.proven?.transform.text ?? "") },
    Column("matched", "", "Stars that prove the transform.") { .integer($0.proven?.matched) },
    Column("residual_px", "px", "Weighted rms of their residuals.") { .real($0.proven?.residual) },
  ]

  private static let quality: [Column<FrameSummary>] = [
    Column("fwhm_px", "px", "Median full width at half maximum of the stars.") { .real($0.fwhm) },
    Column("elongation", "", "Median ratio of the axes of the stars.") { .real($0.elongation) },
    Column("sky_e_px", "e-/px", "Level of the sky, per exposure.") { .real($0.sky) },
    Column("detections", "", "Sources detected.") { .integer($0.detections) },
    Column("transparency", "", "Flux relative to the clearest frames of the filter, extinction included.") {
      .real($0.transparency)
    },
    Column("zero_point", "mag", "mag = zero_point - 2.5 log10(flux_e / exposure_s).") { .real($0.zeroPoint) },
    Column("zero_point_err", "mag", "Error of zero_point.") { .real($0.zeroPointError) },
    Column("comparisons", "", "Comparison stars that entered.") { .integer($0.comparisons) },
    Column("comparison_rms_mag", "mag", "Scatter of the comparison stars about the solution.") {
      .real($0.comparisonRMS)
    },
    Column("sun_alt_deg", "deg", "Altitude of the Sun.") { .real($0.sunAltitude) },
    Column("moon_alt_deg", "deg", "Altitude of the Moon.") { .real($0.moonAltitude) },
    Column("moon_sep_deg", "deg", "Distance of the Moon from the field.") { .real($0.moonSeparation) },
  ]

  private static let verdict: [Column<FrameSummary>] = [
    Column("flags", "", "Sum of the bits of the frame.") { .flags($0.flags.rawValue) },
    Column("flag_names", "", "Names of the bits in flags, joined by '|'.") { .text($0.flags.names) },
    Column("reason", "", "Why the frame is flagged, unused or rejected.") { .text($0.reason) },
    Column("detected_transparency", "", "Transparency by the detected stars, before any is measured.") {
      .real($0.detectedTransparency)
    },
  ]

  /// What may be wrong with the geometry.
  private static let doubt: [Column<FrameSummary>] = [
    Column("centre_err_px", "px", "Error of the transform at the middle of the frame, along one axis.") {
      .real($0.proven?.centreError)
    },
    Column("corner_err_px", "px", "Error of the transform at the worst corner of the frame, along one axis.") {
      .real($0.proven?.cornerError)
    },
    Column(
      "disagreement_px", "px",
      "How far away the correlation of coarse images finds the frame, where it contradicts the stars."
    ) { .real($0.proven.flatMap(\.disagreement)) },
  ]
}

extension FrameSummary {
  /// The registration, unless it was found by no method.
  fileprivate var proven: Registration? { registration.flatMap { $0.method == .none ? nil : $0 } }
}

extension FrameTransform {
  /// Counter-clockwise, degrees, -180 (excluded) to 180.
  var rotationDegrees: Double {
    // A zero without sign: files do not keep that of -0, which would turn 180 degrees into -180.
    atan2(similarity.b + 0, similarity.a) * 180 / .pi
  }

  /// Its numbers, blank-separated.
  var text: String {
    var csv = CSVBytes()
    for (index, value) in numbers.enumerated() {
      if index > 0 { csv.blank() }
      csv.append(real: value)
    }
    return String(decoding: csv.bytes, as: UTF8.self)
  }
}
