/// What a frame may show before it is flagged (the `warn` limit) or no longer used (`min` and `max`).
///
/// None of them looks at the target. Lengths in px, magnitudes in mag, altitudes in degrees.
public struct FlagLimits: Sendable, Equatable, Codable {
  /// Light that passes, relative to the clearest frames and after the extinction line is taken out: 0.39 mag lost is
  /// worth a look; from a loss of 3.25 mag on, what is left is mostly scattered light.
  public var warnTransparency = 0.70
  public var minTransparency = 0.05
  /// Extinction by filter name, mag per airmass, where it is known better than the usual values by band.
  public var extinction: [String: Double] = [:]

  /// Error of the frame's zero point, over the median of the run, and in mag: both must be exceeded, so that neither
  /// an excellent run nor a faint field flags itself.
  public var warnZeroPointErrorRatio = 2.0
  public var warnZeroPointErrorMag = 0.01
  public var maxZeroPointErrorRatio = 5.0
  public var maxZeroPointErrorMag = 0.03

  /// Comparison stars that could be measured, over those of the ensemble; below three nothing checks a star's fault.
  public var warnComparisonFraction = 0.70
  public var minComparisonFraction = 0.40
  public var minComparisons = 3

  /// Disagreement of the comparison stars, in units of its expectation and in mag: both must be exceeded.
  public var warnPatchyRatio = 2.0
  public var warnPatchyMag = 0.015
  public var maxPatchyRatio = 4.0
  public var maxPatchyMag = 0.05
  /// A slope of the light lost across the field: its height in mag and its significance.
  public var warnPatchyPlaneMag = 0.02
  public var warnPatchyPlaneSigma = 4.0

  /// A rise above the neighbouring frames, over their level; it must also exceed `spike_sigma` times the usual one.
  public var seeingSpike = 0.25
  public var elongationSpike = 0.15
  public var skySpike = 0.30
  public var spikeSigma = 5.0
  /// As `spike_sigma`, of the sky, which wanders more than the seeing: moonrise, airglow.
  public var skySpikeSigma = 6.0

  /// FWHM over the run's 25th percentile: beyond twice, an aperture of 1.5 FWHM loses a quarter of the light.
  public var maxFWHMRatio = 2.0
  /// FWHM beyond which a frame is never used, px; none by default, since it depends on the camera.
  public var maxFWHMPx: Double?
  /// Axis ratio of the stars; where they are narrower than 2.5 px, pixels make them look elongated.
  public var maxElongation = 2.0
  public var maxElongationUndersampled = 2.5
  /// Sky level over saturation: beyond half, stars have no room left.
  public var maxSkySaturation = 0.5

  /// Fewest detected stars, and the same over the 90th percentile of the group.
  public var minDetections = 5
  public var minDetectionFraction = 0.30

  /// Residual of the registration in FWHM, in px and over the median of the run: all must be exceeded.
  public var warnResidualFWHM = 0.15
  public var warnResidualPx = 0.3
  public var warnResidualRatio = 3.0
  public var maxResidualFWHM = 0.5
  /// Departure from the motion of the neighbouring frames in FWHM and in px: both must be exceeded.
  public var warnJumpFWHM = 5.0
  public var warnJumpPx = 20.0

  /// Altitude of the Sun, degrees: nautical and civil twilight.
  public var warnSunAltitude = -12.0
  public var maxSunAltitude = -6.0
  /// Airmass: beyond, extinction changes by a per cent within minutes and colours matter.
  public var warnAirmass = 2.5

  /// A limit drawn from the run itself that would take more than this fraction of a group only warns: where many
  /// frames are like that, the night was like that.
  public var maxUnusedFraction = 0.20
  /// Groups with fewer frames have no neighbours to compare with.
  public var minGroup = 7

  public init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case warnTransparency = "warn_transparency"
    case minTransparency = "min_transparency"
    case extinction
    case warnZeroPointErrorRatio = "warn_zero_point_error_ratio"
    case warnZeroPointErrorMag = "warn_zero_point_error_mag"
    case maxZeroPointErrorRatio = "max_zero_point_error_ratio"
    case maxZeroPointErrorMag = "max_zero_point_error_mag"
    case warnComparisonFraction = "warn_comparison_fraction"
    case minComparisonFraction = "min_comparison_fraction"
    case minComparisons = "min_comparisons"
    case warnPatchyRatio = "warn_patchy_ratio"
    case warnPatchyMag = "warn_patchy_mag"
    case maxPatchyRatio = "max_patchy_ratio"
    case maxPatchyMag = "max_patchy_mag"
    case warnPatchyPlaneMag = "warn_patchy_plane_mag"
    case warnPatchyPlaneSigma = "warn_patchy_plane_sigma"
    case seeingSpike = "seeing_spike"
    case elongationSpike = "elongation_spike"
    case skySpike = "sky_spike"
    case spikeSigma = "spike_sigma"
    case skySpikeSigma = "sky_spike_sigma"
    case maxFWHMRatio = "max_fwhm_ratio"
    case maxFWHMPx = "max_fwhm_px"
    case maxElongation = "max_elongation"
    case maxElongationUndersampled = "max_elongation_undersampled"
    case maxSkySaturation = "max_sky_saturation"
    case minDetections = "min_detections"
    case minDetectionFraction = "min_detection_fraction"
    case warnResidualFWHM = "warn_residual_fwhm"
    case warnResidualPx = "warn_residual_px"
    case warnResidualRatio = "warn_residual_ratio"
    case maxResidualFWHM = "max_residual_fwhm"
    case warnJumpFWHM = "warn_jump_fwhm"
    case warnJumpPx = "warn_jump_px"
    case warnSunAltitude = "warn_sun_altitude"
    case maxSunAltitude = "max_sun_altitude"
    case warnAirmass = "warn_airmass"
    case maxUnusedFraction = "max_unused_fraction"
    case minGroup = "min_group"
  }
}
