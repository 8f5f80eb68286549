import ElnathCore

/// Table [solve] of the project file.
public struct SolveSettings: Codable, Sendable, Equatable {
  /// Catalogue of stars beside those of `catalogs/stars/`: CSV with the columns ra, dec and mag.
  public var catalog: String?
  /// Where the middle of the field is looked for, ICRS. Left out: the header's word, else the stars of the project.
  public var rightAscension: RightAscension?
  public var declination: Declination?
  /// How far from there it may be, degrees. Left out: as far as the field is wide, and half a degree at least.
  public var radius: Double?
  /// Arcseconds per pixel, at least and at most. Left out: within 20 per cent of what header, profile or project say,
  /// else 0.1 to 20.
  public var scaleLow: Double?
  public var scaleHigh: Double?
  /// Order of the distortion at most: 1 for none. Telescopes need 3, and no order is taken that the stars don't ask for.
  public var order = 3
  /// Run astrometry.net's solve-field, where it is installed, when nothing else has matched the field.
  public var solveField = true
  /// Seconds that solve-field may take: a field that it can solve takes it less than half of them.
  public var timeLimit = 60.0

  enum CodingKeys: String, CodingKey {
    case catalog
    case rightAscension = "ra"
    case declination = "dec"
    case radius = "radius_deg"
    case scaleLow = "scale_low"
    case scaleHigh = "scale_high"
    case order
    case solveField = "solve_field"
    case timeLimit = "time_limit_s"
  }

  public init() {}

  /// Refuses what makes no sense.
  func check() throws(SettingsProblem) {
    func refuse(_ key: CodingKeys, _ message: String) -> SettingsProblem {
      SettingsProblem(path: ["solve", key.rawValue], message: message)
    }
    if (rightAscension == nil) != (declination == nil) {
      throw refuse(rightAscension == nil ? .declination : .rightAscension, "give both ra and dec")
    }
    if let radius, !(radius > 0 && radius <= 30) {
      throw refuse(.radius, "\(radius) is out of range; give up to 30 degrees, 1 is usual")
    }
    for (key, scale) in [(CodingKeys.scaleLow, scaleLow), (.scaleHigh, scaleHigh)] {
      if let scale, !(scale >= 0.01 && scale <= 600) {
        throw refuse(key, "\(scale) is out of range; give 0.01 to 600 arcsec per pixel")
      }
    }
    if let scaleLow, let scaleHigh, scaleLow > scaleHigh {
      throw refuse(.scaleHigh, "\(scaleHigh) is less than scale_low = \(scaleLow)")
    }
    if !(1...5).contains(order) { throw refuse(.order, "\(order) is out of range; give 1 to 5, 3 is usual") }
    if !(timeLimit >= 1 && timeLimit <= 3600) {
      throw refuse(.timeLimit, "\(timeLimit) is out of range; give 1 to 3600 seconds")
    }
  }
}
