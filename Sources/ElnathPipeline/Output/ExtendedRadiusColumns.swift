import ElnathCore

/// One point of an extended target's curve in one of its radii.
public struct ExtendedRadiusRow: Sendable {
  public var radius: ExtendedRadius
  public var point: LightCurvePoint

  /// By frame, then radius.
  public static func rows(_ radii: [ExtendedRadius]) -> [ExtendedRadiusRow] {
    let all = radii.flatMap { radius in radius.points.map { ExtendedRadiusRow(radius: radius, point: $0) } }
    return all.sorted { ($0.point.frame.frame, $0.radius.radius) < ($1.point.frame.frame, $1.radius.radius) }
  }
}

public enum ExtendedRadiusColumns {
  /// `radii.csv`: one row for each extended target, filter and radius.
  public static let all: [Column<ExtendedRadius>] = [
    Column("target", "", "Name of the target.") { .text($0.target) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("aperture", "", "Name of the aperture: a1, a2, ...") { .text("a\($0.aperture + 1)") },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.radius) },
    Column("chosen", "", "1 for the radius of the light curve.") { .boolean($0.isChosen) },
    Column("n", "", "Points that this radius uses.") { .integer($0.count) },
    Column("flux_e", "e-", "Median flux per exposure in this radius.") { .real($0.flux) },
    Column("median_err_mag", "mag", "Median of delta_mag_err in this radius.") { .real($0.error) },
    Column("scatter_mag", "mag", "Robust standard deviation of the curve in this radius.") { .real($0.scatter) },
    Column("range_mag", "mag", "Faintest minus brightest used point in this radius.") { .real($0.range) },
    Column("fwhm_slope", "mag/px", "Slope of the curve against the FWHM of the frame, within nights.") {
      .real($0.slope(against: .fwhm).slope)
    },
    Column("fwhm_slope_err", "mag/px", "Error of fwhm_slope.") { .real($0.slope(against: .fwhm).error) },
    Column("fwhm_significance", "", "fwhm_slope over its error, as standard deviations of a normal distribution.") {
      .real($0.slope(against: .fwhm).significance)
    },
    Column("sky_slope", "mag/(e-/px/s)", "Slope of the curve against the sky of the frame, within nights.") {
      .real($0.slope(against: .sky).slope)
    },
    Column("sky_slope_err", "mag/(e-/px/s)", "Error of sky_slope.") { .real($0.slope(against: .sky).error) },
    Column("sky_significance", "", "sky_slope over its error, as standard deviations of a normal distribution.") {
      .real($0.slope(against: .sky).significance)
    },
  ]

  /// `radii_<target>.csv`: one row for each light frame and radius.
  public static let points: [Column<ExtendedRadiusRow>] = [
    Column("frame", "", "Number of the frame in the series.") { .integer($0.point.frame.frame) },
    Column("filter", "", "Name of the filter.") { .text($0.point.frame.filter) },
    Column("jd_utc", "d", "Mid-exposure, Julian date in UTC.") { .time($0.point.frame.jdUTC) },
    Column("bjd_tdb", "d", "Mid-exposure at the barycentre, in TDB.") { .time($0.point.bjdTDB) },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.radius.radius) },
    Column("chosen", "", "1 for the radius of the light curve.") { .boolean($0.radius.isChosen) },
    Column("flux_e", "e-", "Flux per exposure in this radius, sky subtracted.") { .real($0.point.flux) },
    Column("flux_err_e", "e-", "Error of flux_e.") { .real($0.point.fluxError) },
    Column("delta_mag", "mag", "Magnitude difference in this radius, from the median of the radius.") {
      .real($0.point.deltaMagnitude)
    },
    Column("delta_mag_err", "mag", "Error of delta_mag.") { .real($0.point.deltaMagnitudeError) },
    Column("used", "", "1 for a point to use in this radius.") { .boolean($0.point.used) },
  ]
}
