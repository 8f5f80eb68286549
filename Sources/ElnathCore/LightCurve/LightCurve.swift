/// One light frame in the light curve of a target. NaN where there is no value.
public struct LightCurvePoint: Sendable, Equatable {
  /// The frame's row, as it stands after `flag`.
  public var frame: FrameSummary
  public var hjdUTC = Double.nan
  public var bjdTDB = Double.nan
  /// Airmass of the target itself.
  public var airmass = Double.nan
  public var position = PixelPoint(x: .nan, y: .nan)
  public var fwhm = Double.nan
  public var sky = Double.nan
  /// Name of the aperture (a1, a2, ...), empty when not measured.
  public var aperture = ""
  public var radius = Double.nan
  public var peakADU = Double.nan
  public var flux = Double.nan
  public var fluxError = Double.nan
  public var relativeFlux = Double.nan
  public var relativeFluxError = Double.nan
  public var relativeFluxErrorScaled = Double.nan
  public var deltaMagnitude = Double.nan
  public var deltaMagnitudeError = Double.nan
  public var deltaMagnitudeErrorScaled = Double.nan
  public var magnitude = Double.nan
  public var magnitudeError = Double.nan
  /// The 3-sigma limit where the signal to noise is below 3.
  public var limitMagnitude = Double.nan
  public var checkMagnitude = Double.nan
  public var checkMagnitudeError = Double.nan
  /// Relative variance of the ensemble.
  public var ensembleVariance = Double.nan
  /// Flags of star and frame.
  public var flags: QualityFlags = []
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
  public var used = false
  public var weight = Double.nan
  public var magnitude = Double.nan
  public var colour = Double.nan
  /// From the first target.
  public var distanceArcmin = Double.nan
  public var scatter = Double.nan
  public var expected = Double.nan
  public var chi2PerDof = Double.nan
  public var influence = Double.nan
  public var reason = ""

  public init(star: String, filter: String) {
    self.star = star
    self.filter = filter
  }
}
