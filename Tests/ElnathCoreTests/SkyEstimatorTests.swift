import ElnathTestSupport
import Testing

@testable import ElnathCore

/// The other estimators of the sky, their errors, and what is left out of it.
@Suite struct SkyEstimatorTests {
  static let annulus = AnnularAperture(inner: 12, outer: 18)
  static let place = PixelPoint(x: 25.3, y: 24.8)

  static func estimate(
    _ frame: Frame, by estimator: SkyEstimator, excluded: [SkySector] = [], at place: PixelPoint = place
  ) -> SkyEstimate {
    frame.withPlanes { planes in
      var annulus = SkyAnnulus(annulus, noise: frame.noise, estimator: estimator)
      return annulus.estimate(planes, around: place, without: [], excluded: excluded)
    }
  }

  static func simulator(sky: Double = 100, gain: Double = 1, readNoise: Double = 4) -> StampSimulator {
    StampSimulator(size: 51, fwhm: 4, sky: sky, gain: gain, readNoise: readNoise)
  }

  /// Over dark, moonlit and few-photon skies the level is right and so is its error.
  @Test(arguments: SkyEstimator.allCases, [6.0, 100, 3000]) func errorsAreTrue(_ estimator: SkyEstimator, sky: Double) {
    var random = SeededGenerator(seed: 81)
    let simulator = Self.simulator(sky: sky)
    var pulls = Pulls()
    for _ in 0..<1500 {
      let found = Self.estimate(simulator.exposure(flux: 0, at: Self.place, &random), by: estimator)
      let level = found.level(at: Self.place, under: CircularAperture(radius: 6).moments)
      pulls.add(level.value, truth: sky, variance: level.variance)
    }
    // 0.05 is promised; the sampling errors of 1500 are 0.026 and 0.018, and fifteen pairs are looked at.
    #expect(abs(pulls.mean) < 0.05 + 2 * 0.026, "\(estimator) \(sky): mean \(pulls.mean)")
    #expect(abs(pulls.sigma - 1) < 0.05 + 2 * 0.018, "\(estimator) \(sky): sigma \(pulls.sigma)")
  }

  /// Medians, too, must not move in whole ADU.
  @Test(arguments: SkyEstimator.allCases, [1.0, 3.5]) func integerSkiesHaveNoBias(
    _ estimator: SkyEstimator, sigma: Double
  ) {
    let area = CircularAperture(radius: 6).area
    for tenth in 0...10 {
      let level = 13 + 0.1 * Double(tenth)
      let simulator = Self.simulator(sky: level, gain: 1, readNoise: sigma)
      var random = SeededGenerator(seed: 82, part: UInt64(tenth))
      var sum = 0.0
      var error = 0.0
      var variance = 0.0
      let exposures = 200
      for _ in 0..<exposures {
        let found = Self.estimate(simulator.integerSky(level: level, sigma: sigma, &random), by: estimator)
        sum += found.level
        error += (found.sigma * found.sigma * area + area * area * found.levelVariance).squareRoot()
        variance += area * area * found.levelVariance
      }
      let bias = area * (sum / Double(exposures) - level)
      // 0.1 sigma is promised; beside it stands three times the sampling error of the mean over all skies.
      let sampling = (variance / Double(exposures * exposures)).squareRoot()
      #expect(abs(bias) < 0.1 * error / Double(exposures) + 3 * sampling, "\(estimator), sky \(level)")
    }
  }

  @Test(arguments: [SkyEstimator.plane, .quadratic]) func surfacesFollowTheirOwnKind(_ estimator: SkyEstimator) {
    var simulator = Self.simulator()
    simulator.digitised = false
    let curve = estimator == .quadratic ? 0.04 : 0
    func sky(_ x: Double, _ y: Double) -> Double {
      let (dx, dy) = (x - Self.place.x, y - Self.place.y)
      return 100 + 0.8 * dx - 0.3 * dy + curve * (dx * dx - 0.5 * dx * dy + 0.25 * dy * dy)
    }
    let frame = simulator.frame(
      electrons: (0..<(51 * 51)).map { Float(sky(Double($0 % 51), Double($0 / 51))) }, adu: nil)
    let found = Self.estimate(frame, by: estimator)
    #expect(!found.gradient)
    #expect(abs(found.level - 100) < 1e-4)
    // Off the middle, as apertures about a centroid are; and mean over an aperture.
    let shape = EllipticalAperture(a: 7, b: 4, angle: 0.6)
    let centre = PixelPoint(x: Self.place.x + 0.9, y: Self.place.y - 0.7)
    let (sum, area) = shape.weights(centeredAt: centre).sum(over: frame.image.image)
    // Pixels of the border count with their middles: a part in 1e4 of the curve.
    #expect(abs(found.level(at: centre, under: shape.moments).value - sum / area) < 0.01 + 0.1 * curve)
  }

  @Test func aPlaneUndoesAGradientThatSpoilsAMean() {
    var random = SeededGenerator(seed: 83)
    let simulator = Self.simulator()
    var pulls = (plane: Pulls(), uneven: 0)
    for _ in 0..<400 {
      let clean = simulator.exposure(flux: 0, at: Self.place, &random)
      let tilted = simulator.frame(
        electrons: clean.image.image.pixels.indices.map { clean.image.image.pixels[$0] + Float($0 % 51) * 2 }, adu: nil)
      let found = Self.estimate(tilted, by: .plane)
      pulls.plane.add(found.level, truth: 100 + 2 * Self.place.x, variance: found.levelVariance)
      if Self.estimate(tilted, by: .mean).gradient { pulls.uneven += 1 }
      #expect(!found.gradient)
    }
    #expect(pulls.uneven == 400)
    // Sampling errors of 400: 0.05 and 0.035.
    #expect(abs(pulls.plane.mean) < 0.15 && abs(pulls.plane.sigma - 1) < 0.11)
  }

  @Test func modeAndMedianSufferLessFromUnseenStars() {
    var random = SeededGenerator(seed: 84)
    let simulator = Self.simulator()
    var sums = [Double](repeating: 0, count: 3)
    for _ in 0..<60 {
      var pixels = simulator.exposure(flux: 0, at: Self.place, &random).image.image.pixels
      for _ in 0..<40 {
        let star = simulator.star(at: PixelPoint(x: random.uniform(0..<50), y: random.uniform(0..<50)))
        let flux = random.uniform(100..<700)
        for i in pixels.indices { pixels[i] += Float(flux * star[i]) }
      }
      let frame = simulator.frame(electrons: pixels, adu: nil)
      for (k, estimator) in [SkyEstimator.mean, .median, .mode].enumerated() {
        sums[k] += Self.estimate(frame, by: estimator).level - 100
      }
    }
    #expect(sums[0] > sums[1] && sums[1] > sums[2] && sums[2] > 0)
  }

  @Test func excludedSectorsTakeTheirPixels() {
    var simulator = Self.simulator()
    simulator.digitised = false
    let clean = simulator.noiseless(flux: 0, at: Self.place)
    let all = Self.estimate(clean, by: .mean).count
    let quarter = Self.estimate(clean, by: .mean, excluded: [SkySector(from: 0.2, width: .pi / 2)]).count
    // Pixels along the two borders come or go.
    #expect(abs(Double(quarter) / Double(all) - 0.75) < 0.02)
    // A jet to the upper left, left out.
    let pixels = clean.image.image.pixels.indices.map { i -> Float in
      let (x, y) = (Double(i % 51) - Self.place.x, Double(i / 51) - Self.place.y)
      return clean.image.image.pixels[i] + (x < 0 && abs(x + y) < 3 ? 20 : 0)
    }
    let jet = simulator.frame(electrons: pixels, adu: nil)
    let found = Self.estimate(jet, by: .mean, excluded: [SkySector(positionAngles: 20, to: 70)])
    #expect(found.level == 100 && found.sigma == 0)
  }
}
