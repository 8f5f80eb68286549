// What a small aperture gains and loses by where in its pixel a star falls, over series that move in several ways.
import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite struct PixelMotionTests {
  private static let radii = [1.6, 2.0, 2.5, 3.2]
  private static let fwhm = 2.2

  struct Way: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var places: [PixelPoint]

    init(_ name: String, _ place: (Int, inout SeededGenerator) -> PixelPoint) {
      testDescription = name
      var random = SeededGenerator(seed: 11)
      places = (0..<400).map { place($0, &random) }
    }
  }

  static let ways = [
    Way("drifts over pixels") { k, _ in PixelPoint(x: 20 + 0.0371 * Double(k), y: 20 + 0.0213 * Double(k)) },
    Way("jumps about") { _, random in PixelPoint(x: random.uniform(18..<22), y: random.uniform(18..<22)) },
    Way("guided to a tenth of a pixel") { _, random in
      PixelPoint(x: 20.2 + 0.1 * random.normal(), y: 20.4 + 0.1 * random.normal())
    },
    Way("guided to two hundredths") { _, random in
      PixelPoint(x: 20.2 + 0.02 * random.normal(), y: 20.4 + 0.02 * random.normal())
    },
    Way("drifts along one axis") { k, _ in PixelPoint(x: 20 + 0.0173 * Double(k), y: 20.1) },
  ]

  private static func phase() -> PixelPhase {
    PixelPhase(fwhm: fwhm) { _ in radii.map { CircularAperture(radius: $0) } }
  }

  /// The variance over the frames of the light in apertures about the star's true place, without any noise.
  private static func truth(_ places: [PixelPoint], radius: Double) -> Double {
    let simulator = StampSimulator(size: 41, fwhm: fwhm, sky: 0, gain: 1, readNoise: 0)
    let light = places.map { place in
      let star = PixelGrid(width: 41, height: 41, pixels: simulator.star(at: place).map { Float($0) })
      return CircularAperture(radius: radius).weights(centeredAt: place).sum(over: star).sum
    }
    let mean = light.reduce(0, +) / Double(light.count)
    return light.reduce(0) { $0 + ($1 / mean - 1) * ($1 / mean - 1) } / Double(light.count - 1)
  }

  @Test(arguments: ways) func theVarianceIsThatOfTheSeries(_ way: Way) {
    let phase = Self.phase()
    let motion = PixelMotion(places: way.places)
    for (k, radius) in Self.radii.enumerated() {
      let expected = phase.variance(of: k, fwhm: Self.fwhm, motion: motion).squareRoot()
      let actual = Self.truth(way.places, radius: radius).squareRoot()
      // Waves that are left out count as if they went with the first; a tenth of a millimagnitude is nothing.
      #expect(abs(expected - actual) < 0.1 * actual + 1e-4, "r \(radius): \(expected), truly \(actual)")
    }
  }

  @Test func aStarThatStaysHasNone() {
    let phase = Self.phase()
    let still = PixelMotion(places: Array(repeating: PixelPoint(x: 10.3, y: 11.4), count: 50))
    for k in Self.radii.indices {
      #expect(phase.variance(of: k, fwhm: Self.fwhm, motion: still) < 1e-20)
      #expect(phase.variance(of: k, fwhm: Self.fwhm, motion: .anywhere) > 1e-7)
    }
    #expect(PixelMotion(places: [PixelPoint(x: 1, y: 2)]) == .anywhere)
    #expect(PixelMotion(places: []) == .anywhere)
  }
}
