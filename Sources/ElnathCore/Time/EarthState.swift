import CERFA

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the Earth does at one instant: where the observer is, how fast, and what stands above. Made once a frame; each
/// star then costs a few dot products.
///
/// UT1 - UTC is taken for zero and the pole for fixed: that moves altitudes by 14 arcsec at most and times by less than 2 µs.
public struct EarthState: Sendable {
  public let jdUTC: Double
  /// The leap seconds of this year are not known to the library (before 1960, or some years after its release).
  public let isDubious: Bool
  /// Degrees above the horizon of the centre of the Sun, without refraction; NaN without a site.
  public let sunAltitude: Double
  /// Degrees above the horizon of the centre of the Moon as seen from the site, without refraction; NaN without a site.
  public let moonAltitude: Double

  /// TAI and TDB, as days and fraction.
  private let tai: (day: Double, fraction: Double)
  private let tdb: (day: Double, fraction: Double)
  /// From the barycentre and from the Sun to the observer in the axes of ICRS, au.
  private let fromBarycentre: SIMD3<Double>
  private let fromSun: SIMD3<Double>
  private let toMoon: SIMD3<Double>
  private let aberration: Aberration
  private let zenith: SIMD3<Double>?

  /// Nil for NaN and outside the years 1900 to 2099, for which the ephemeris is made. Without a site, or with one
  /// without longitude or latitude, the observer is the centre of the Earth (21 ms of light time at most) and altitudes
  /// are NaN; an unknown height counts as zero (30 µs at most).
  public init?(jdUTC: Double, site: Site?) {
    guard (2_415_020.5..<2_488_069.5).contains(jdUTC) else { return nil }
    let utc = JulianDate.split(jdUTC)
    var tai = (day: 0.0, fraction: 0.0)
    var tt = tai
    var tdb = tai
    var ut1 = tai
    let status = eraUtctai(utc.midnight, utc.fraction, &tai.day, &tai.fraction)
    guard status >= 0 else { return nil }
    _ = eraTaitt(tai.day, tai.fraction, &tt.day, &tt.fraction)

    // The Earth does not turn slower on the longer day of a leap second.
    guard eraUtcut1(utc.midnight, utc.fraction, 0, &ut1.day, &ut1.fraction) >= 0 else { return nil }

    let observer = site.flatMap { SurfacePoint($0, ut1: ut1, tt: tt) }
    // TDB stays within 2 ms of TT, which is time enough to ask for their difference.
    let lead = eraDtdb(
      tt.day, tt.fraction, ut1.fraction, observer?.longitude ?? 0, observer?.axisDistance ?? 0,
      observer?.equatorDistance ?? 0)
    _ = eraTttdb(tt.day, tt.fraction, lead, &tdb.day, &tdb.fraction)

    var sunToEarth = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    var barycentreToEarth = sunToEarth
    var earthToMoon = sunToEarth
    _ = eraEpv00(tdb.day, tdb.fraction, &sunToEarth, &barycentreToEarth)
    eraMoon98(tt.day, tt.fraction, &earthToMoon)

    let place = observer?.position ?? .zero
    self.jdUTC = jdUTC
    isDubious = status > 0
    (self.tai, self.tdb) = (tai, tdb)
    fromBarycentre = Direction.vector(barycentreToEarth[0]) + place
    fromSun = Direction.vector(sunToEarth[0]) + place
    // The Moon shares the Earth's way around the Sun and needs no aberration.
    toMoon = Direction.vector(earthToMoon[0]) - place
    aberration = Aberration(velocity: Direction.vector(barycentreToEarth[1]) + (observer?.velocity ?? .zero))
    zenith = observer?.zenith
    sunAltitude = Self.altitude(of: aberration.apparent(-fromSun), zenith: zenith)
    moonAltitude = Self.altitude(of: toMoon, zenith: zenith)
  }

  /// Barycentric Julian date (TDB) of light from a star, without parallax (Eastman et al. 2010, PASP 122, 935, eq. 10).
  /// ICRS, degrees; NaN for NaN.
  public func bjdTDB(rightAscension: Double, declination: Double) -> Double {
    let star = Direction.unit(rightAscension: rightAscension, declination: declination)
    return tdb.day + (tdb.fraction + Direction.dot(fromBarycentre, star) * Light.daysPerAU)
  }

  /// Heliocentric Julian date, left in UTC. ICRS, degrees; NaN for NaN.
  public func hjdUTC(rightAscension: Double, declination: Double) -> Double {
    let star = Direction.unit(rightAscension: rightAscension, declination: declination)
    let delay = Direction.dot(fromSun, star) * Light.daysPerAU
    guard delay.isFinite else { return .nan }
    // By way of TAI, as the light may have been under way at a leap second.
    var (day, fraction) = (0.0, 0.0)
    guard eraTaiutc(tai.day, tai.fraction + delay, &day, &fraction) >= 0 else { return .nan }
    return day + fraction
  }

  /// Degrees above the horizon, with aberration, without refraction. ICRS, degrees; NaN for NaN and without a site.
  public func altitude(rightAscension: Double, declination: Double) -> Double {
    let star = Direction.unit(rightAscension: rightAscension, declination: declination)
    return Self.altitude(of: aberration.apparent(star), zenith: zenith)
  }

  /// See ``Airmass/pickering(altitude:)``. ICRS, degrees; NaN below the horizon, for NaN and without a site.
  public func airmass(rightAscension: Double, declination: Double) -> Double {
    Airmass.pickering(altitude: altitude(rightAscension: rightAscension, declination: declination))
  }

  /// Degrees between a star and the centre of the Moon, as seen from the site, or from the centre of the Earth without
  /// one. ICRS, degrees; NaN for NaN.
  public func moonSeparation(rightAscension: Double, declination: Double) -> Double {
    let star = Direction.unit(rightAscension: rightAscension, declination: declination)
    return Direction.separation(aberration.apparent(star), toMoon)
  }

  private static func altitude(of direction: SIMD3<Double>, zenith: SIMD3<Double>?) -> Double {
    guard let zenith else { return .nan }
    return 90 - Direction.separation(direction, zenith)
  }
}

enum Light {
  static let secondsPerAU = ERFA_DAU / ERFA_CMPS
  static let daysPerAU = secondsPerAU / ERFA_DAYSEC
}

/// Shift of directions towards the way the observer moves.
private struct Aberration: Sendable {
  /// In units of the speed of light.
  let velocity: SIMD3<Double>
  /// 1 / Lorentz factor.
  let contraction: Double

  /// `velocity` in au per day.
  init(velocity: SIMD3<Double>) {
    self.velocity = velocity * Light.daysPerAU
    contraction = (1 - Direction.dot(self.velocity, self.velocity)).squareRoot()
  }

  /// Direction in which a moving observer sees what lies in a given direction, of any length (Urban & Seidelmann 2013,
  /// Explanatory Supplement, eq. 7.40).
  func apparent(_ direction: SIMD3<Double>) -> SIMD3<Double> {
    let unit = direction / Direction.dot(direction, direction).squareRoot()
    let along = Direction.dot(unit, velocity)
    return (contraction * unit + (1 + along / (1 + contraction)) * velocity) / (1 + along)
  }
}
