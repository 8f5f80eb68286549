/// A star of the run: named by the user or found on the reference frame.
public struct Star: Sendable, Equatable {
  /// What a star is for.
  public enum Role: String, Sendable, CaseIterable, Codable {
    case target, comparison, check, measure
    /// Never measured as a comparison: a known variable or member.
    case avoid
  }

  public var name: String
  public var role: Role
  /// Degrees, ICRS; NaN when unknown.
  public var rightAscension: Double
  public var declination: Double
  /// Place on the reference frame.
  public var position: PixelPoint
  /// Catalogue magnitude and its band; NaN and empty when unknown.
  public var magnitude: Double
  public var band: String
  /// Catalogue colour on any one scale, mag; NaN when unknown.
  public var colour: Double
  /// A nebulous target: one large aperture at a forced position.
  public var extended: Bool
  /// Name of the known member or variable that lies at its place; empty for none. Such a star is no comparison star of
  /// one's own accord.
  public var variable: String
  /// True for a star that detection found on its own; such stars may compete as comparison stars.
  public var detected: Bool
  /// Radius of the aperture that its light curve uses, px; NaN leaves the choice to the light curve.
  public var radius = Double.nan
  /// What it is measured with; no part of tables.
  public var own = StarPhotometry()

  public init(
    name: String, role: Role, rightAscension: Double = .nan, declination: Double = .nan, position: PixelPoint,
    magnitude: Double = .nan, band: String = "", colour: Double = .nan, extended: Bool = false, detected: Bool = false,
    variable: String = ""
  ) {
    self.name = name
    self.role = role
    self.rightAscension = rightAscension
    self.declination = declination
    self.position = position
    self.magnitude = magnitude
    self.band = band
    self.colour = colour
    self.extended = extended
    self.detected = detected
    self.variable = variable
  }
}
