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
}
