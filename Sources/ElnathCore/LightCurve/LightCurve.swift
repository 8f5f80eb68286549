/// One light frame in the light curve of a target. NaN where there is no value.
public struct LightCurvePoint: Sendable, Equatable {
  /// The frame's row, as it stands after `flag`.
  public var frame: FrameSummary
  /// Mid-exposure at the Sun (UTC) and at the barycentre (TDB), Julian dates.
  public var hjdUTC = Double.nan
  public var bjdTDB = Double.nan
  /// Airmass of the target itself.
  public var airmass = Double.nan
  /// Centre of the aperture on the trimmed frame.
  public var position = PixelPoint(x: .nan, y: .nan)
  /// Of the target itself, px.
  public var fwhm = Double.nan
  /// Level at the target, e-/px.
  public var sky = Double.nan
  /// Name of the aperture (a1, a2, ...), empty when not measured.
  public var aperture = ""
  /// Of the aperture, px.
  public var radius = Double.nan
  /// Highest raw value near the target, bias included.
  public var peakADU = Double.nan
  /// e- per exposure, sky subtracted.
  public var flux = Double.nan
  public var fluxError = Double.nan
  /// Relative to the comparison stars; with `zeropoint` the median of the used points of a filter is 1.
  public var relativeFlux = Double.nan
  /// As the terms of the error budget predict it, the ensemble's part included.
  public var relativeFluxError = Double.nan
  /// The same with what constant stars of like brightness scatter beyond their errors.
  public var relativeFluxErrorScaled = Double.nan
  /// -2.5 log10 of the relative flux minus its median in the filter, mag; NaN for fluxes of 0 and below.
  public var deltaMagnitude = Double.nan
  public var deltaMagnitudeError = Double.nan
  public var deltaMagnitudeErrorScaled = Double.nan
  /// On the scale of the zero points, mag; its error holds that of the tie to a catalogue.
  public var magnitude = Double.nan
  public var magnitudeError = Double.nan
  /// The 3-sigma limit where the signal to noise is below 3.
  public var limitMagnitude = Double.nan
  /// The same as `deltaMagnitude` of the first check star; NaN where that cannot be trusted.
  public var checkMagnitude = Double.nan
  public var checkMagnitudeError = Double.nan
  /// Relative variance of the ensemble.
  public var ensembleVariance = Double.nan
  /// Flags of star and frame.
  public var flags: QualityFlags = []
  /// False where the frame is not in use, the star's own rule refuses the point, or it has no value; `reason` says which.
  public var used = false
  public var reason = ""

  public init(frame: FrameSummary) { self.frame = frame }
}

/// The light curve of one target: every light frame, all filters and nights.
public struct LightCurve: Sendable {
  public var target: Star
  public var points: [LightCurvePoint]

  public init(target: Star, points: [LightCurvePoint]) {
    self.target = target
    self.points = points
  }
}

/// One candidate comparison star in one filter: a row of `comparisons.csv`. NaN where there is no value.
public struct ComparisonVerdict: Sendable, Equatable {
  public var star: String
  public var filter: String
  /// True for a star of the ensemble.
  public var used = false
  /// Mean share in the weight of a frame.
  public var weight = Double.nan
  /// Mean magnitude and catalogue colour, mag.
  public var magnitude = Double.nan
  public var colour = Double.nan
  /// From the first target.
  public var distanceArcmin = Double.nan
  /// About the solution without the star itself, and what the error budget expects of it, mag.
  public var scatter = Double.nan
  public var expected = Double.nan
  public var chi2PerDof = Double.nan
  /// Rms change of the first target's curve when the star is left out, mmag.
  public var influence = Double.nan
  public var reason = ""

  public init(star: String, filter: String) {
    self.star = star
    self.filter = filter
  }
}
