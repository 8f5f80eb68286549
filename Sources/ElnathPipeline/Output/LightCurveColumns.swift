import ElnathCore

/// `lightcurve_<target>.csv`: one row for each light frame.
public enum LightCurveColumns {
  public static let all: [Column<LightCurvePoint>] = frame + star + result + verdict

  private static let frame: [Column<LightCurvePoint>] = [
    Column("frame", "", "Number of the frame in the series.") { .integer($0.frame.frame) },
    Column("file", "", "Path, relative to the project file.") { .path($0.frame.file) },
    Column("jd_utc", "d", "Mid-exposure, Julian date in UTC.") { .time($0.frame.jdUTC) },
    Column("hjd_utc", "d", "Mid-exposure at the Sun, heliocentric Julian date in UTC.") { .time($0.hjdUTC) },
    Column("bjd_tdb", "d", "Mid-exposure at the barycentre, in TDB.") { .time($0.bjdTDB) },
    Column("filter", "", "Name of the filter.") { .text($0.frame.filter) },
    Column("night", "", "Night, noon to noon at the site, by the date of its evening.") { .text($0.frame.night) },
    Column("segment", "", "Counts from 1; a meridian flip or a refocus begins the next one.") {
      .integer($0.frame.segment)
    },
    Column("exposure_s", "s", "Exposure time.") { .real($0.frame.exposure) },
    Column("airmass", "", "Airmass of the target.") { .real($0.airmass) },
  ]

  private static let star: [Column<LightCurvePoint>] = [
    Column("x_px", "px", "Centre of the aperture in this frame.") { .real($0.position.fits.x) },
    Column("y_px", "px", "Centre of the aperture in this frame.") { .real($0.position.fits.y) },
    Column("fwhm_px", "px", "Full width at half maximum of the target.") { .real($0.fwhm) },
    Column("elongation", "", "Median ratio of the axes of the stars of the frame.") { .real($0.frame.elongation) },
    Column("sky_e_px", "e-/px", "Level of the sky at the target.") { .real($0.sky) },
    Column("transparency", "", "Flux relative to the clearest frames of the filter, extinction included.") {
      .real($0.frame.transparency)
    },
    Column("aperture", "", "The aperture chosen: a1, a2, ...") { .text($0.aperture) },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.radius) },
    Column("peak_adu", "ADU", "Highest raw value near the target, bias included.") { .real($0.peakADU) },
    Column("flux_e", "e-", "Flux per exposure, sky subtracted.") { .real($0.flux) },
    Column("flux_err_e", "e-", "Error of flux_e.") { .real($0.fluxError) },
  ]

  private static let result: [Column<LightCurvePoint>] = [
    Column("rel_flux", "", "Flux relative to the comparison stars.") { .real($0.relativeFlux) },
    Column("rel_flux_err", "", "Error of rel_flux, that of the ensemble included.") { .real($0.relativeFluxError) },
    Column("rel_flux_err_scaled", "", "Error of rel_flux with the floor that the comparison stars show.") {
      .real($0.relativeFluxErrorScaled)
    },
    Column("delta_mag", "mag", "-2.5 log10 rel_flux minus its median in the filter; fainter is larger.") {
      .real($0.deltaMagnitude)
    },
    Column("delta_mag_err", "mag", "Error of delta_mag.") { .real($0.deltaMagnitudeError) },
    Column("delta_mag_err_scaled", "mag", "Error of delta_mag with the floor that the comparison stars show.") {
      .real($0.deltaMagnitudeErrorScaled)
    },
    Column("mag", "mag", "Magnitude in the system of the zero point.") { .real($0.magnitude) },
    Column("mag_err", "mag", "Error of mag.") { .real($0.magnitudeError) },
    Column("limit_mag", "mag", "3-sigma limit where the signal to noise is below 3.") { .real($0.limitMagnitude) },
    Column("zero_point", "mag", "Zero point of the frame.") { .real($0.frame.zeroPoint) },
    Column("zero_point_err", "mag", "Error of zero_point.") { .real($0.frame.zeroPointError) },
    Column("comparisons", "", "Comparison stars used in this frame.") { .integer($0.frame.comparisons) },
    Column("check_mag", "mag", "delta_mag of the first check star.") { .real($0.checkMagnitude) },
    Column("check_mag_err", "mag", "Error of check_mag.") { .real($0.checkMagnitudeError) },
    Column("var_ensemble", "", "Relative variance of the ensemble.") { .real($0.ensembleVariance) },
  ]

  private static let verdict: [Column<LightCurvePoint>] = [
    Column("flags", "", "Sum of the bits of star and frame.") { .flags($0.flags.rawValue) },
    Column("flag_names", "", "Names of the bits in flags, joined by '|'.") { .text($0.flags.names) },
    Column("used", "", "1 for a point to use.") { .boolean($0.used) },
    Column("reason", "", "Why the point is not used, or is flagged.") { .text($0.reason) },
  ]
}
