import ElnathCore
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("finder chart: which way the sky lies")
struct FieldOrientationTests {
  /// Stars around (ra, dec) on a frame of so many arcsec/px, north turned by `angle` from y towards x, east to the left
  /// unless mirrored.
  private static func stars(
    ra: Double, dec: Double, scale: Double, angle: Double, mirrored: Bool = false
  ) -> [Star] {
    var random = SeededGenerator(seed: 9)
    return (0..<12).map { k in
      let (xi, eta) = (random.uniform(-400..<400), random.uniform(-400..<400))
      let (east, north) = (mirrored ? xi : -xi, eta)
      let position = PixelPoint(
        x: 500 + (east * cos(angle) + north * sin(angle)) / scale,
        y: 500 + (-east * sin(angle) + north * cos(angle)) / scale)
      // Close enough to the tangential plane for a field of a few arcminutes: half an arcsecond at the pole side.
      let declination = dec + eta / 3600
      return Star(
        name: "\(k)", role: .measure, rightAscension: ra + xi / 3600 / cos(declination * .pi / 180),
        declination: declination, position: position)
    }
  }

  @Test(
    "scale, north and east, on both sides of 0 h, turned and mirrored",
    arguments: [(67.9, 18.2, 0.3, false), (0.01, -5.0, 3.0, false), (200.0, 40.0, -1.2, true)])
  func truth(_ ra: Double, _ dec: Double, _ angle: Double, _ mirrored: Bool) throws {
    var stars = Self.stars(ra: ra, dec: dec, scale: 0.6, angle: angle, mirrored: mirrored)
    for k in stars.indices where stars[k].rightAscension < 0 { stars[k].rightAscension += 360 }
    let found = try #require(SkyOrientation(of: stars))
    #expect(abs(found.scale - 0.6) < 0.003)
    #expect(abs(found.north.x - sin(angle)) < 0.01 && abs(found.north.y - cos(angle)) < 0.01)
    let side = mirrored ? 1.0 : -1.0
    #expect(abs(found.east.x - side * cos(angle)) < 0.01 && abs(found.east.y + side * sin(angle)) < 0.01)
  }

  @Test("too few stars, stars on a line, coordinates of other stars: no answer")
  func none() {
    var stars = Self.stars(ra: 67.9, dec: 18.2, scale: 0.6, angle: 0)
    #expect(SkyOrientation(of: Array(stars.prefix(2))) == nil)
    for k in stars.indices { stars[k].position = PixelPoint(x: Double(k), y: 2 * Double(k)) }
    #expect(SkyOrientation(of: stars) == nil)
    stars = Self.stars(ra: 67.9, dec: 18.2, scale: 0.6, angle: 0)
    stars[3].position.x += 300
    #expect(SkyOrientation(of: stars) == nil)
    for k in stars.indices { stars[k].rightAscension = .nan }
    #expect(SkyOrientation(of: stars) == nil)
  }
}
