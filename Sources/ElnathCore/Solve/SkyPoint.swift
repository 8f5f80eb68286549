#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A position on the sky: ICRS, degrees.
public struct SkyPoint: Sendable, Equatable, Hashable {
  /// 0 ..< 360.
  public var rightAscension: Double
  /// -90 ... 90.
  public var declination: Double

  public init(rightAscension: Double, declination: Double) {
    self.rightAscension = rightAscension
    self.declination = declination
  }

  /// Nil where one of them is no number or beyond the poles; any right ascension is brought to 0 ..< 360.
  public init?(checking rightAscension: Double, _ declination: Double) {
    guard rightAscension.isFinite, abs(declination) <= 90 else { return nil }
    let turn = rightAscension.truncatingRemainder(dividingBy: 360)
    // A hair below zero must not round up to 360.
    let positive = turn < 0 ? (turn + 360).truncatingRemainder(dividingBy: 360) : turn
    self.init(rightAscension: positive, declination: declination)
  }

  init(_ vector: SIMD3<Double>) {
    (rightAscension, declination) = Direction.degrees(vector)
  }

  var vector: SIMD3<Double> { Direction.unit(rightAscension: rightAscension, declination: declination) }

  /// Degrees on the great circle.
  public func separation(from other: SkyPoint) -> Double { Direction.separation(vector, other.vector) }
}

/// The plane that touches the sky at one point: gnomonic projection (Calabretta & Greisen 2002, A&A 395, 1077, section
/// 5.1.3). Places on it count degrees, x to the east, y to the north.
public struct TangentPlane: Sendable, Equatable {
  public let centre: SkyPoint
  private let normal: SIMD3<Double>
  private let east: SIMD3<Double>
  private let north: SIMD3<Double>

  public init(at centre: SkyPoint) {
    self.centre = centre
    let (longitude, latitude) = (centre.rightAscension * .pi / 180, centre.declination * .pi / 180)
    normal = centre.vector
    east = SIMD3(-sin(longitude), cos(longitude), 0)
    north = SIMD3(-sin(latitude) * cos(longitude), -sin(latitude) * sin(longitude), cos(latitude))
  }

  /// Nil for a point more than 89 degrees away.
  public func place(of sky: SkyPoint) -> PixelPoint? {
    let vector = sky.vector
    let along = Direction.dot(vector, normal)
    guard along > 0.0175 else { return nil }
    let degree = 180 / Double.pi
    return PixelPoint(
      x: Direction.dot(vector, east) / along * degree, y: Direction.dot(vector, north) / along * degree)
  }

  public func sky(at place: PixelPoint) -> SkyPoint {
    let radian = Double.pi / 180
    return SkyPoint(normal + place.x * radian * east + place.y * radian * north)
  }
}
