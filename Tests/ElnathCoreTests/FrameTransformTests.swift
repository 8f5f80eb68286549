import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite struct FrameTransformTests {
  static let middle = PixelPoint(x: 511.5, y: 499.5)

  /// As bent as optics and air make a frame: some pixels in the corners.
  static let bent: [FrameTransform] = [
    FrameTransform(.turning(30, about: middle, shift: (4, -7))),
    polynomial([12, 1.0003, 0.0002], [-3, -0.0001, 0.9996]),
    polynomial([12, -1.0003, 0.02, 1e-6, -2e-6, 3e-6], [-3, 0.02, 0.9996, -1e-6, 2e-6, 2e-6]),
    polynomial(
      [500, -1, 0.001, 1e-6, -2e-6, 3e-6, 4e-9, 1e-9, -3e-9, 2e-9],
      [510, -0.001, -1, -1e-6, 2e-6, 2e-6, -1e-9, 3e-9, 1e-9, -4e-9]),
  ]

  static func polynomial(_ x: [Double], _ y: [Double]) -> FrameTransform {
    guard let polynomial = PlanePolynomial(centre: middle, x: x, y: y) else { preconditionFailure("3, 6 or 10 terms") }
    return FrameTransform(polynomial)
  }

  static let places = [
    PixelPoint(x: 0, y: 0), PixelPoint(x: 1023, y: 0), PixelPoint(x: 3.25, y: 998.5), PixelPoint(x: 1023, y: 999),
    middle,
    PixelPoint(x: -200, y: 1300),
  ]

  @Test(arguments: bent) func inverseUndoes(transform: FrameTransform) {
    for place in Self.places { #expect(transform.inverse(transform(place)).distance(to: place) < 1e-8) }
  }

  @Test(arguments: bent) func rowsAreTheTransformItself(transform: FrameTransform) {
    for place in Self.places {
      // Rounding alone: numbers of a thousand in doubles.
      #expect(transform.along(row: place.y)(place.x).distance(to: transform(place)) < 1e-10)
    }
  }

  @Test(arguments: bent) func numbersMakeTheTransform(transform: FrameTransform) throws {
    #expect(FrameTransform(numbers: transform.numbers, mirrored: transform.mirrored) == transform)
    #expect([4, 8, 14, 22].contains(transform.numbers.count))
    #expect(FrameTransform(numbers: Array(transform.numbers.dropLast()), mirrored: false) == nil)
  }

  @Test func theNearestSimilarityIsThatOfTheMiddle() {
    let turned = Self.bent[3]
    #expect(turned.kind == .cubic && !turned.mirrored)
    #expect(abs(abs(turned.rotation) - .pi) < 0.002)
    #expect(turned.similarity(Self.middle).distance(to: turned(Self.middle)) < 1e-9)
    #expect(Self.bent[2].mirrored && Self.bent[2].kind == .quadratic)
    // An affine map that is a similarity is that similarity.
    let known = SimilarityTransform.turning(77, about: Self.middle, scale: 1.01, mirrored: true, shift: (3, 4))
    let origin = known(Self.middle)
    let same = Self.polynomial([origin.x, -known.a, -known.b], [origin.y, -known.b, known.a])
    #expect(same.mirrored)
    for place in Self.places { #expect(same.similarity(place).distance(to: known(place)) < 1e-9) }
  }

  @Test func slopesAreDerivatives() throws {
    let polynomial = try #require(Self.bent[3].polynomial)
    let step = 0.01
    for place in Self.places {
      let slope = polynomial.slopes(at: place)
      let right = polynomial(PixelPoint(x: place.x + step, y: place.y))
      let left = polynomial(PixelPoint(x: place.x - step, y: place.y))
      let up = polynomial(PixelPoint(x: place.x, y: place.y + step))
      let down = polynomial(PixelPoint(x: place.x, y: place.y - step))
      // The third derivative times step^2 is 1e-12; rounding 1e-11.
      #expect(abs((right.x - left.x) / (2 * step) - slope.xu) < 1e-9)
      #expect(abs((right.y - left.y) / (2 * step) - slope.yu) < 1e-9)
      #expect(abs((up.x - down.x) / (2 * step) - slope.xv) < 1e-9)
      #expect(abs((up.y - down.y) / (2 * step) - slope.yv) < 1e-9)
    }
  }
}
