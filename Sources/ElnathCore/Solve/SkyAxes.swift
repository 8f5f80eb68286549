import CERFA

/// The axes that the celestial coordinates of a header refer to. FK5 of 2000 is taken for ICRS, from which it differs by
/// 0.02 arcsec.
enum SkyAxes: Sendable, Equatable {
  case icrs
  /// Mean equator and equinox of a Julian year.
  case julian(Double)
  /// FK4, mean equator and equinox of a Besselian year.
  case besselian(Double)
  case galactic

  /// By `RADESYS` and `EQUINOX` (FITS 4.0 section 8.3); nil for others than these.
  init?(system: String, equinox: Double?) {
    let year = equinox ?? .nan
    switch system.uppercased() {
    case "ICRS", "GCRS": self = .icrs
    case "FK5": self = year.isNaN || abs(year - 2000) < 1e-3 ? .icrs : .julian(year)
    case "FK4", "FK4-NO-E": self = .besselian(year.isNaN ? 1950 : year)
    case "":
      if year.isNaN || abs(year - 2000) < 1e-3 {
        self = .icrs
      } else {
        // Before 1984 the old system is meant.
        self = year < 1984 ? .besselian(year) : .julian(year)
      }
    default: return nil
    }
    guard year.isNaN || (1800..<2200).contains(year) else { return nil }
  }

  func icrs(_ point: SkyPoint) -> SkyPoint {
    switch self {
    case .icrs: return point
    case .julian(let year):
      let found = CelestialFrame.icrs(
        rightAscension: point.rightAscension, declination: point.declination, equinox: year)
      return SkyPoint(rightAscension: found.rightAscension, declination: found.declination)
    case .besselian(let year):
      let found = CelestialFrame.icrs(
        rightAscension: point.rightAscension, declination: point.declination, besselianEquinox: year)
      return SkyPoint(rightAscension: found.rightAscension, declination: found.declination)
    case .galactic:
      let degree = Double.pi / 180
      var (ra, dec) = (0.0, 0.0)
      eraG2icrs(point.rightAscension * degree, point.declination * degree, &ra, &dec)
      return SkyPoint(Direction.unit(rightAscension: ra / degree, declination: dec / degree))
    }
  }

  func from(icrs point: SkyPoint) -> SkyPoint {
    switch self {
    case .icrs: return point
    case .julian, .besselian:
      // The axes of two centuries differ by a few hundredths of a radian: each step leaves so much of the error.
      let wanted = point.vector
      var guess = wanted
      for _ in 0..<14 { guess += wanted - icrs(SkyPoint(guess)).vector }
      return SkyPoint(guess)
    case .galactic:
      let degree = Double.pi / 180
      var (l, b) = (0.0, 0.0)
      eraIcrs2g(point.rightAscension * degree, point.declination * degree, &l, &b)
      return SkyPoint(Direction.unit(rightAscension: l / degree, declination: b / degree))
    }
  }
}
