/// Times and airmass of one star on one frame; NaN where position or site are not known.
public struct TimeColumns: Sendable, Equatable {
  public var hjdUTC: Double
  public var bjdTDB: Double
  public var airmass: Double

  public init(hjdUTC: Double = .nan, bjdTDB: Double = .nan, airmass: Double = .nan) {
    self.hjdUTC = hjdUTC
    self.bjdTDB = bjdTDB
    self.airmass = airmass
  }
}

/// What a photometry table does not say itself. Everything may be unknown.
public struct LightCurveContext: Sendable {
  /// Raw ADU from which a pixel counts as saturated, for each light frame in the order of the series; empty or NaN
  /// when not known.
  public var saturation: [Double] = []
  public var arcsecPerPixel = Double.nan
  /// Size of the trimmed frames, px; 0 when not known.
  public var width = 0
  public var height = 0
  /// Outer radius of the sky annulus, px: nearer to the edge a comparison star's sky is one-sided.
  public var annulus = 0.0
  public var times: @Sendable (Star, FrameSummary) -> TimeColumns = { _, frame in TimeColumns(airmass: frame.airmass) }

  public init() {}

  func saturation(ofFrame number: Int) -> Double {
    saturation.indices.contains(number - 1) ? saturation[number - 1] : .nan
  }

  /// True where a star is too near to the edge of the frame for a whole annulus.
  func isNearEdge(_ position: PixelPoint) -> Bool {
    guard width > 0 && height > 0 && !position.x.isNaN && !position.y.isNaN else { return false }
    return position.x < annulus || position.y < annulus || position.x > Double(width - 1) - annulus
      || position.y > Double(height - 1) - annulus
  }
}
