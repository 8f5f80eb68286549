import ElnathCore

/// One star on one frame in one aperture.
public struct PhotometryRow: Sendable, Equatable {
  public var frame: Int
  public var star: String
  /// From 0; in tables a1, a2, ...
  public var aperture: Int
  public var measurement: StarMeasurement
  public var flux: ApertureMeasurement

  /// Every row of the measurements of one frame, by star, then aperture.
  public static func rows(of frame: FrameMeasurements, stars: [Star]) -> [PhotometryRow] {
    frame.stars.indices.flatMap { star in
      (0..<frame.radii).map { aperture in
        PhotometryRow(
          frame: frame.frame, star: stars[star].name, aperture: aperture, measurement: frame.stars[star],
          flux: frame[star, aperture])
      }
    }
  }
}

/// `photometry.csv`: one row for each measured frame, star and aperture.
public enum PhotometryColumns {
  public static let all: [Column<PhotometryRow>] = place + flux + budget + flags + position

  private static let place: [Column<PhotometryRow>] = [
    Column("frame", "", "Number of the frame in the series.") { .integer($0.frame) },
    Column("star", "", "Name of the star.") { .text($0.star) },
    Column("aperture", "", "Name of the aperture: a1, a2, ...") { .text("a\($0.aperture + 1)") },
    Column("radius_px", "px", "Radius of the aperture; of another shape that of the circle of its area, holes filled.")
    { .real($0.flux.radius) },
    Column("x_px", "px", "Centre of the aperture in this frame.") { .real($0.measurement.position.fits.x) },
    Column("y_px", "px", "Centre of the aperture in this frame.") { .real($0.measurement.position.fits.y) },
    Column("x_forced_px", "px", "Where the transform puts the star.") { .real($0.measurement.forced.fits.x) },
    Column("y_forced_px", "px", "Where the transform puts the star.") { .real($0.measurement.forced.fits.y) },
    Column("centroid", "", "windowed, gaussian or forced.") { .text($0.measurement.centroid.rawValue) },
  ]

  private static let flux: [Column<PhotometryRow>] = [
    Column("flux_e", "e-", "Flux per exposure, sky subtracted.") { .real($0.flux.flux) },
    Column("flux_err_e", "e-", "Error of flux_e: the root of the sum of the variances but var_flat.") {
      .real($0.flux.fluxError)
    },
    Column("sky_e_px", "e-/px", "Level of the sky.") { .real($0.measurement.sky) },
    Column("sky_sigma", "e-", "Scatter of the sky pixels.") { .real($0.measurement.skySigma) },
    Column("sky_n", "", "Sky pixels kept.") { .integer($0.measurement.skyCount) },
    Column("area_px", "px", "Covered area.") { .real($0.flux.area) },
    Column("peak_adu", "ADU", "Highest raw value near the star, bias included.") { .real($0.measurement.peakADU) },
    Column("fwhm_px", "px", "Full width at half maximum.") { .real($0.measurement.fwhm) },
    Column("contamination", "", "Flux of neighbours within the aperture over the star's own.") {
      .real($0.flux.contamination)
    },
  ]

  private static let budget: [Column<PhotometryRow>] = [
    Column("var_source", "e-^2", "Variance by photons of the source.") { .real($0.flux.budget.source) },
    Column("var_sky", "e-^2", "Variance by photons of the sky, or by all of the measured sky noise.") {
      .real($0.flux.budget.sky)
    },
    Column("var_read_noise", "e-^2", "Variance by read noise.") { .real($0.flux.budget.readNoise) },
    Column("var_dark", "e-^2", "Variance by dark current.") { .real($0.flux.budget.dark) },
    Column("var_digitisation", "e-^2", "Variance by rounding to whole ADU.") { .real($0.flux.budget.digitisation) },
    Column("var_flat", "e-^2", "Variance by the flat; systematic where the star does not move.") {
      .real($0.flux.budget.flat)
    },
    Column("var_sky_estimate", "e-^2", "Variance by the uncertain sky level.") { .real($0.flux.budget.skyEstimate) },
    Column("var_scintillation", "e-^2", "Variance by scintillation.") { .real($0.flux.budget.scintillation) },
  ]

  private static let flags: [Column<PhotometryRow>] = [
    Column("flags", "", "Sum of the bits of the star.") { .flags($0.flux.flags.rawValue) },
    Column("flag_names", "", "Names of the bits in flags, joined by '|'.") { .text($0.flux.flags.names) },
  ]

  private static let position: [Column<PhotometryRow>] = [
    Column("position_err_px", "px", "Standard error of x_px and of y_px: of the centroid, or of the transform.") {
      .real($0.measurement.positionError)
    },
    Column("var_position", "e-^2", "Variance by where in its pixels the star falls, and by the error of its centre.") {
      .real($0.flux.budget.position)
    },
  ]
}
