#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The way of the light through the air, in units of that at the zenith.
public enum Airmass {
  /// No telescope looks lower, degrees; where less is computed, the site, the time or the coordinates are wrong.
  public static let lowestAltitude = 4.0
  /// The airmass there.
  static let largest = pickering(altitude: lowestAltitude)

  /// Airmass at a geometric altitude in degrees, after Pickering (2002, DIO 12, 20, eq. in note 39): finite down to the
  /// horizon, where it is 38.7. NaN below the horizon, above 90 and for NaN.
  public static func pickering(altitude: Double) -> Double {
    guard (0...90).contains(altitude) else { return .nan }
    return 1 / sin((altitude + 244 / (165 + 47 * pow(altitude, 1.1))) * .pi / 180)
  }
}
