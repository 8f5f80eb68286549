import CERFA

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Positions on the sky in one system of axes from those in another.
public enum CelestialFrame {
  /// ICRS position of one referred to the mean equator and equinox of a Julian year (IAU 2006 precession and frame
  /// bias), without proper motion. Degrees, the right ascension in 0..<360; NaN for NaN.
  public static func icrs(
    rightAscension: Double, declination: Double, equinox: Double
  ) -> (rightAscension: Double, declination: Double) {
    var rows = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    eraPmat06(2_451_545, (equinox - 2000) * 365.25, &rows)
    let ofDate = Direction.unit(rightAscension: rightAscension, declination: declination)
    return Direction.degrees(Direction.turnBack(ofDate, by: rows))
  }

  /// ICRS position of one in the old system FK4 (Bessel, Newcomb), referred to the mean equator and equinox of a
  /// Besselian year such as 1950, of an object without proper motion in an inertial frame. Degrees, the right ascension
  /// in 0..<360; NaN for NaN.
  ///
  /// To B1950 by Newcomb's precession (Kinoshita 1975, SAO Special Report 364), leaving the E-terms of aberration as they
  /// are: in a century they change by less than 0.001 arcsec. From there to FK5 after Aoki et al. (1983, A&A 128, 263)
  /// and to ICRS after Mignard & Froeschle (2000, A&A 354, 732).
  /// - Parameter jdUTC: of the observation, since the two frames turn against each other; NaN for that of the equinox.
  public static func icrs(
    rightAscension: Double, declination: Double, besselianEquinox: Double, jdUTC: Double = .nan
  ) -> (rightAscension: Double, declination: Double) {
    let mean = Direction.unit(rightAscension: rightAscension, declination: declination)
    let old = Direction.degrees(turned(mean, fromBesselian: besselianEquinox))
    var (midnight, fraction) = (jdUTC, 0.0)
    if jdUTC.isNaN { eraEpb2jd(besselianEquinox, &midnight, &fraction) }
    let degree = Double.pi / 180
    var (fk5, icrs) = ((0.0, 0.0), (0.0, 0.0))
    eraFk45z(
      old.rightAscension * degree, old.declination * degree, eraEpb(midnight, fraction), &fk5.0, &fk5.1)
    eraFk5hz(fk5.0, fk5.1, midnight, fraction, &icrs.0, &icrs.1)
    return Direction.degrees(
      Direction.unit(rightAscension: icrs.0 / degree, declination: icrs.1 / degree))
  }

  /// A vector in the axes of B1950 from those of another Besselian year.
  private static func turned(_ vector: SIMD3<Double>, fromBesselian epoch: Double) -> SIMD3<Double> {
    let start = (epoch - 1850) / 100
    let span = (1950 - epoch) / 100
    let unit = span * .pi / 180 / 3600
    let rate = 2303.5548 + (1.39720 + 0.000059 * start) * start
    let zeta = (rate + (0.30242 - 0.000269 * start + 0.017996 * span) * span) * unit
    let z = (rate + (1.09478 + 0.000387 * start + 0.018324 * span) * span) * unit
    let theta =
      (2005.1125 + (-0.85294 - 0.000365 * start) * start
        + (-0.42647 - 0.000365 * start - 0.041802 * span) * span) * unit
    return Direction.aboutThird(Direction.aboutSecond(Direction.aboutThird(vector, -zeta), theta), -z)
  }
}

/// Vectors in rectangular equatorial axes.
enum Direction {
  /// Unit vector towards a position in degrees.
  static func unit(rightAscension: Double, declination: Double) -> SIMD3<Double> {
    let (longitude, latitude) = (rightAscension * .pi / 180, declination * .pi / 180)
    return SIMD3(cos(longitude) * cos(latitude), sin(longitude) * cos(latitude), sin(latitude))
  }

  /// Position in degrees towards which a vector of any length points.
  static func degrees(_ vector: SIMD3<Double>) -> (rightAscension: Double, declination: Double) {
    let longitude = atan2(vector.y, vector.x) * 180 / .pi
    let latitude = atan2(vector.z, hypot(vector.x, vector.y)) * 180 / .pi
    // A longitude a hair below zero must not round up to 360.
    return (longitude < 0 ? (longitude + 360).truncatingRemainder(dividingBy: 360) : longitude, latitude)
  }

  /// Degrees between two vectors, exact for small angles too.
  static func separation(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    return atan2(dot(cross, cross).squareRoot(), dot(a, b)) * 180 / .pi
  }

  static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

  static func vector(_ row: (Double, Double, Double)) -> SIMD3<Double> { SIMD3(row.0, row.1, row.2) }

  /// A vector in the axes from which the rotation matrix of these rows leads.
  static func turnBack(_ v: SIMD3<Double>, by rows: [(Double, Double, Double)]) -> SIMD3<Double> {
    v.x * vector(rows[0]) + v.y * vector(rows[1]) + v.z * vector(rows[2])
  }

  /// A vector in axes that are turned by an angle (radians, counter-clockwise) about the second or the third axis.
  static func aboutSecond(_ v: SIMD3<Double>, _ angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) - v.z * sin(angle), v.y, v.x * sin(angle) + v.z * cos(angle))
  }

  static func aboutThird(_ v: SIMD3<Double>, _ angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) + v.y * sin(angle), v.y * cos(angle) - v.x * sin(angle), v.z)
  }
}
