import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite struct SkyTests {
  static let annulus = AnnularAperture(inner: 12, outer: 22)

  static func estimate(
    _ frame: Frame, around centre: PixelPoint = PixelPoint(x: 30.3, y: 29.8), without others: [MaskedCircle] = []
  ) -> SkyEstimate {
    frame.withPlanes { planes in
      var annulus = SkyAnnulus(annulus, noise: frame.noise)
      return annulus.estimate(planes, around: centre, without: others)
    }
  }

  static func simulator(sky: Double = 100, gain: Double = 1, readNoise: Double = 4) -> StampSimulator {
    StampSimulator(size: 61, fwhm: 4, sky: sky, gain: gain, readNoise: readNoise)
  }

  @Test func countsThePixelsWhoseCentresLieInTheAnnulus() {
    var simulator = Self.simulator()
    simulator.digitised = false
    let sky = Self.estimate(simulator.noiseless(flux: 0, at: PixelPoint(x: 30, y: 30)))
    var count = 0
    for y in 0..<61 {
      for x in 0..<61 {
        let distance = PixelPoint(x: Double(x), y: Double(y)).distance(to: PixelPoint(x: 30.3, y: 29.8))
        if distance > 12 && distance <= 22 { count += 1 }
      }
    }
    #expect(sky.count == count)
    #expect(sky.level == 100)
    #expect(sky.sigma == 0 && sky.levelVariance == 0 && !sky.gradient)
  }

  /// The place of a star is rounded to five decimals and radii to one, so circles that touch a row of pixel centres are
  /// common: about one in 100,000 stars.
  @Test func annulusThatTouchesARow() {
    let frame = Self.simulator().noiseless(flux: 0, at: PixelPoint(x: 30, y: 30))
    for tenths in 160...200 {
      let outer = Double(tenths) / 10
      for row in 0...60 {
        for y in [Double(row) - outer, Double(row) + outer] {
          let centre = PixelPoint(fits: (31.0, DecimalRounding.decimals(y + 1, 5)))
          guard centre.y > 8, centre.y < 52 else { continue }
          let sky = frame.withPlanes { planes in
            var annulus = SkyAnnulus(AnnularAperture(inner: 10, outer: outer), noise: frame.noise)
            return annulus.estimate(planes, around: centre, without: [])
          }
          #expect(sky.count > 0)
        }
      }
    }
  }

  @Test func levelAndScatterOfANormalSky() {
    var random = SeededGenerator(seed: 31)
    var levels: [Double] = []
    var sigmas: [Double] = []
    var pulls: [Double] = []
    for _ in 0..<1500 {
      let sky = Self.estimate(Self.simulator().exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random))
      levels.append(sky.level)
      sigmas.append(sky.sigma)
      pulls.append((sky.level - 100) / sky.levelVariance.squareRoot())
    }
    let mean = levels.reduce(0, +) / 1500
    let sigma = (sigmas.reduce(0) { $0 + $1 * $1 } / 1500).squareRoot()
    let scatter = (pulls.reduce(0) { $0 + $1 * $1 } / 1500).squareRoot()
    // 116 = photons 100 + read noise 16, and 1/12 of rounding. About 1070 pixels a sky: the mean of all is good to
    // 0.009 e-, their sigma to 0.06 per cent; what clipping takes is undone to 0.5 per cent. Plain clipping would read
    // 1.5 per cent low in sigma and, by the skewness of photon noise, 0.04 e- low in the level.
    #expect(abs(mean - 100) < 0.027)
    #expect(abs(sigma / (116 + 1.0 / 12).squareRoot() - 1) < 0.005)
    // Sampling error of 1500 pulls: 0.018.
    #expect(abs(scatter - 1) < 0.055)
  }

  /// A median of integers moves in whole ADU; the clipped mean must not, wherever between two integers the sky lies.
  /// The bias of a flux is A times that of the sky; it is compared with the error of the flux in 1.5 FWHM, of which
  /// the sky alone makes sigma sqrt(A + A^2/n).
  @Test(arguments: [0.5, 0.7, 1.0, 1.6, 2.5]) func integerSkiesHaveNoBias(sigma: Double) {
    let area = CircularAperture(radius: 6).area
    for tenth in 0...10 {
      let level = 13 + 0.1 * Double(tenth)
      let simulator = Self.simulator(sky: level, gain: 1, readNoise: sigma)
      var random = SeededGenerator(seed: 32, part: UInt64(tenth))
      var sum = 0.0
      let exposures = 400
      for _ in 0..<exposures {
        sum += Self.estimate(simulator.integerSky(level: level, sigma: sigma, &random)).level
      }
      let scatter = (sigma * sigma + 1.0 / 12).squareRoot()
      let error = scatter * (area + area * area / 1070).squareRoot()
      let bias = area * (sum / Double(exposures) - level)
      // The project's promise is 0.1; the sampling error of the mean over 400 skies is here 0.015. At sigma = 0.5 ADU
      // rounding itself moves the mean by up to exp(-2 pi^2 sigma^2)/pi = 0.0023 ADU, 0.04 of the error.
      #expect(abs(bias) < 0.1 * error, "sky \(level) ADU: \(bias / error) sigma")
    }
  }

  @Test func skyBelowTheStepOfDigitisationKeepsBothIntegers() {
    // 13.1 with sigma 0.3: one pixel in eleven is 14; clipped at 3 x 0.3 the 14s would all be lost.
    let simulator = Self.simulator(sky: 13.1, gain: 1, readNoise: 0.3)
    var random = SeededGenerator(seed: 33)
    let sky = Self.estimate(simulator.integerSky(level: 13.1, sigma: 0.3, &random))
    // Mean of the integers: 13 + P(noise > 0.4) = 13.091; sampling error 0.009.
    #expect(abs(sky.level - 13.091) < 0.03)
  }

  @Test func starsAndCosmicRaysAreLeftOut() {
    var random = SeededGenerator(seed: 34)
    let simulator = Self.simulator()
    let clean = simulator.exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random)
    var pixels = clean.image.image.pixels
    // A bright star within the annulus, and single hits.
    let star = simulator.star(at: PixelPoint(x: 46, y: 33))
    for i in pixels.indices { pixels[i] += Float(200_000 * star[i]) }
    for _ in 0..<20 { pixels[Int(random.uniform(0..<3721))] += 4000 }
    let dirty = simulator.frame(electrons: pixels, adu: nil)
    let without = [MaskedCircle(centre: PixelPoint(x: 46, y: 33), radius: 9)]
    let expected = Self.estimate(clean, without: without)
    let seen = Self.estimate(dirty, without: without)
    // The same pixels but for the 20 hits and what lies beyond 9 px (5 sigma) of the star; three standard errors.
    #expect(abs(seen.level - expected.level) < 0.3 * 3 * expected.levelVariance.squareRoot())
    #expect(seen.count < expected.count && seen.count > expected.count - 40)
  }

  @Test func masksAndCirclesTakeTheirPixels() {
    var simulator = Self.simulator()
    simulator.digitised = false
    let frame = simulator.noiseless(flux: 0, at: PixelPoint(x: 30, y: 30))
    let all = Self.estimate(frame).count
    // A circle wholly within the annulus takes the pixels of its area; two that overlap take theirs once.
    let circle = MaskedCircle(centre: PixelPoint(x: 47, y: 30), radius: 4)
    let one = Self.estimate(frame, without: [circle]).count
    #expect(all - one == 49)  // pixels with x^2 + y^2 <= 16
    #expect(Self.estimate(frame, without: [circle, circle]).count == one)
    let wide = MaskedCircle(centre: PixelPoint(x: 30, y: 30), radius: 40)
    let none = Self.estimate(frame, without: [wide])
    #expect(none.count == 0 && none.level.isNaN && none.levelVariance.isNaN)
  }

  @Test func fewPixelsLeaveNoLevel() {
    let simulator = Self.simulator()
    var random = SeededGenerator(seed: 35)
    let frame = simulator.exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random)
    // Only the far corner of the frame is within reach.
    let far = Self.estimate(frame, around: PixelPoint(x: -8, y: -8))
    #expect(far.count < SkyEstimate.least || far.level.isFinite)
    let gone = Self.estimate(frame, around: PixelPoint(x: -14, y: -14))
    #expect(gone.count < SkyEstimate.least && gone.level.isNaN)
  }

  @Test func anUnevenSkyIsFoundAndAnEvenOneIsNot() {
    let simulator = Self.simulator()
    var random = SeededGenerator(seed: 36)
    var found = 0
    for _ in 0..<500 {
      let frame = simulator.exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random)
      if Self.estimate(frame).gradient { found += 1 }
    }
    // Three times the expected spread of eight means is beyond 1e-9.
    #expect(found == 0)
    // A halo on one side: brighter by up to some sigma.
    let frame = simulator.exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random)
    let pixels = frame.image.image.pixels.indices.map { i in
      frame.image.image.pixels[i] + max(0, Float(i % 61) - 30) * 1.5
    }
    let sky = Self.estimate(simulator.frame(electrons: pixels, adu: nil))
    #expect(sky.gradient)
    // The error says that the level is unsure: far above sigma^2/n.
    #expect(sky.levelVariance > 20 * sky.sigma * sky.sigma / Double(sky.count))
  }

  /// Moonlight: the sky rises by 1.2 e- a pixel, 4 of its sigma across the annulus. The tilt is told, and taken neither
  /// for noise of the pixels nor for doubt about the level.
  @Test func tiltedSkyKeepsItsErrors() {
    var random = SeededGenerator(seed: 39)
    let simulator = Self.simulator()
    var pulls: [Double] = []
    var variances: [Double] = []
    for _ in 0..<1000 {
      let flat = simulator.exposure(flux: 0, at: PixelPoint(x: 30, y: 30), &random)
      let pixels = flat.image.image.pixels.indices.map { i in
        flat.image.image.pixels[i] + 1.2 * (Float(i % 61) - 30.3)
      }
      let sky = Self.estimate(simulator.frame(electrons: pixels, adu: nil))
      #expect(sky.gradient)
      pulls.append((sky.level - 100) / sky.levelVariance.squareRoot())
      variances.append(sky.sigma * sky.sigma)
    }
    // 116 = photons 100 + read noise 16, and 1/12 of rounding; good to 0.14 per cent over 1000 skies of 1070 pixels, and
    // what clipping takes is undone to 0.5 per cent of sigma.
    let variance = variances.reduce(0, +) / 1000
    #expect(abs(variance / (116 + 1.0 / 12) - 1) < 0.012)
    let mean = pulls.reduce(0, +) / 1000
    let scatter = (pulls.reduce(0) { $0 + $1 * $1 } / 1000).squareRoot()
    // Three times the sampling errors of 1000 pulls, 0.032 and 0.022.
    #expect(abs(mean) < 0.095)
    #expect(abs(scatter - 1) < 0.07)
  }

  @Test func fastSortEqualsSort() {
    var random = SeededGenerator(seed: 37)
    var sort = BucketSort()
    for trial in 0..<300 {
      let count = 1 + Int(random.uniform(0..<1500))
      var values = (0..<count).map { _ in Float(100 + 10 * random.normal()) }
      if trial % 3 == 1 { values = values.map { $0.rounded() } }
      if trial % 3 == 2 { for i in stride(from: 0, to: count, by: 3) { values[i] = Float(random.uniform(-1e9..<1e9)) } }
      if trial % 10 == 9 { values = values.map { _ in 7 } }
      var sorted = [Float](repeating: 0, count: count)
      let expected = values.sorted()
      values.withUnsafeMutableBufferPointer { from in
        sorted.withUnsafeMutableBufferPointer { sort(from, count: count, into: $0) }
      }
      #expect(sorted == expected)
    }
  }

  @Test func clippingIsUndoneForANormalDistribution() {
    // Closed form: the standard deviation within +-3 sigma is 0.98658.
    #expect(abs(TruncatedNormal.sigma(kept: 0.986578, halfWidth: 3) - 1) < 1e-5)
    // Too narrow a window says nothing; none is needed for a constant.
    #expect(TruncatedNormal.sigma(kept: 0.5, halfWidth: 0.6) == 0.5)
    #expect(TruncatedNormal.sigma(kept: 0, halfWidth: 1) == 0)
    #expect(TruncatedNormal.meanShift(limit: 3, skewness: 0) == 0)
    #expect(TruncatedNormal.meanShift(limit: 3, skewness: 0.3) < 0)
  }
}
