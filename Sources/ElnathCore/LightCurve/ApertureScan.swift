/// How constant stars of a target's brightness scatter in every aperture, and which aperture the target was given: what
/// stands behind its radius in one filter. The scatter of the target itself is not among it.
public struct ApertureScan: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    /// From 0.
    public var aperture: Int
    /// px.
    public var radius: Double
    /// Like stars that have a scatter in it.
    public var stars = 0
    /// S(r): the median of their scatters against the other comparison stars, mag, about the means of the nights where
    /// there are several; NaN where no star tells.
    public var scatter = Double.nan
    /// What their errors expect, mag.
    public var expected = Double.nan
    /// Light of neighbours within the target's aperture over its own, median over the frames in use.
    public var contamination = Double.nan
    /// Why it was not to be chosen; empty where it was.
    public var refusal = ""
  }

  public var target: String
  public var filter: String
  /// Median over the frames in use, px.
  public var fwhm: Double
  /// The aperture of the target, and why, in words.
  public var chosen: Int
  public var reason: String
  /// False where the radius was given, by the user or because the target is extended.
  public var isAutomatic: Bool
  public var points: [Point]
}
