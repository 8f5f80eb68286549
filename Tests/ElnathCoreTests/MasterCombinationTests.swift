import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("masters: combination of calibration frames")
struct MasterCombinationTests {
  private static let side = 128

  /// Frames of one level with read noise 3 ADU and the photon noise of 1.3 e-/ADU, in whole ADU.
  private static func frames(_ count: Int, level: Double, seed: UInt64, gain: Double = 1.3) -> [PixelGrid<Float>] {
    (0..<count).map { k in
      var random = SeededGenerator(seed: seed, part: UInt64(k))
      let pixels = (0..<(side * side)).map { _ in
        Float((random.poisson(level * gain) / gain + 3 * random.normal()).rounded())
      }
      return PixelGrid(width: side, height: side, pixels: pixels)
    }
  }

  @Test("the error of a master is true for every method, dark and bright", arguments: [3, 5, 10, 40], [0.0, 20_000])
  func pulls(count: Int, level: Double) {
    let frames = Self.frames(count, level: level, seed: UInt64(count) + UInt64(level))
    let noise = MasterCombination.Noise(constant: 9 + 1.0 / 12, linear: 1 / 1.3)
    for method in CombinationMethod.allCases {
      // Where clipping by the values themselves can do anything with few of them.
      let limit = method == .noise ? 4.0 : 2.5
      let master = MasterCombination(method, limit: limit)(frames, noise: noise, typical: level, step: 1)
      var sum = 0.0
      var squares = 0.0
      for (value, variance) in zip(master.image.pixels, master.variance.pixels) {
        let pull = (Double(value) - level) / Double(variance).squareRoot()
        sum += pull
        squares += pull * pull
      }
      let n = Double(master.image.pixels.count)
      let mean = sum / n
      let sigma = (squares / n - mean * mean).squareRoot()
      // 16,384 pulls: mean known to 0.008, sigma to 0.006. What the noise makes of the photon term (its value is not
      // known exactly) moves sigma by 0.01 and the mean by 0.02 for three dark frames.
      #expect(abs(sigma - 1) < 0.03, "\(method) of \(count) at \(level): \(sigma)")
      #expect(abs(mean) < 0.035, "\(method) of \(count) at \(level): \(mean)")
    }
  }

  @Test("five frames with one cosmic ray each give a clean master, which the plain clip at three sigma cannot")
  func cosmicRays() {
    var frames = Self.frames(5, level: 0, seed: 7)
    for k in 0..<5 { frames[k].set(10 + 20 * k, 64, 5000) }
    let noise = MasterCombination.Noise(constant: 9 + 1.0 / 12, linear: 0)
    let clean = MasterCombination(.noise, limit: 4)(frames, noise: noise)
    let plain = MasterCombination(.sigma, limit: 3)(frames, noise: noise)
    #expect(plain.rejected == 0)
    for k in 0..<5 {
      // 3.01 ADU / sqrt 4: five of these standard deviations.
      #expect(abs(clean.image[10 + 20 * k, 64]) < 7.5)
      #expect(clean.variance[10 + 20 * k, 64] == Float(9 + 1.0 / 12) / 4)
      #expect(plain.image[10 + 20 * k, 64] > 900)
    }
    // Of 81,920 good values 4 standard deviations leave out 5.2 on average.
    #expect((5...25).contains(clean.rejected))
  }

  @Test("of two frames that disagree the lower value is believed: what should not be there adds light")
  func twoFrames() {
    let frames = [PixelGrid<Float>(width: 1, height: 1, pixels: [100]), .init(width: 1, height: 1, pixels: [900])]
    let master = MasterCombination()(frames, noise: .init(constant: 9, linear: 0))
    #expect(master.image[0, 0] == 100 && master.variance[0, 0] == 9 && master.rejected == 1)
  }

  /// The definition, pixel by pixel.
  private func plainNoiseClip(
    _ values: [Float], _ noise: [MasterCombination.Noise], _ weights: [Double], limit: Double
  ) -> (value: Double, variance: Double, kept: Int) {
    let given = values.indices.filter { !values[$0].isNaN }
    let median = Median.of(given.map { Double(values[$0]) })
    let kept = given.filter { k in
      let d = Double(values[k]) - median
      return d * d <= limit * limit * (noise[k].constant + noise[k].spread + noise[k].linear * max(median, 0))
    }
    let total = kept.reduce(0) { $0 + weights[$1] }
    let mean = kept.reduce(0) { $0 + weights[$1] * Double(values[$1]) } / total
    let variance = kept.reduce(0) {
      $0 + weights[$1] * weights[$1] * (noise[$1].constant + noise[$1].linear * max(mean, 0))
    }
    return (mean, variance / (total * total), kept.count)
  }

  @Test("the quick way through the noise clip gives what its definition says", arguments: [1, 2, 3, 4, 7, 22, 88])
  func definition(count: Int) {
    var random = SeededGenerator(seed: 11, part: UInt64(count))
    let noise = (0..<count).map {
      MasterCombination.Noise(constant: 9 + Double($0 % 3), linear: 0.5, spread: Double($0 % 2))
    }
    for weighted in [false, true] {
      let used = weighted ? noise : noise.map { _ in noise[0] }
      let weights = weighted ? noise.indices.map { 1 / Double($0 + 1) } : noise.map { _ in 1 }
      // 37 x 29 pixels: neither whole tiles nor whole bands.
      let frames = (0..<count).map { k in
        PixelGrid<Float>(
          width: 37, height: 29,
          pixels: (0..<(37 * 29)).map { i in
            let sigma = (used[k].constant + 0.5 * 100).squareRoot()
            let wild = random.uniform() < 0.02 ? 4000 * random.uniform() - 2000 : 0
            return random.uniform() < 0.01 ? .nan : Float(100 + sigma * random.normal() + wild)
          })
      }
      let master = MasterCombination(.noise, limit: 3.5)(frames, noise: used, weights: weighted ? weights : nil)
      // 3.5 is below 4: the loss of good values is counted in the variance.
      let excess = CombinationKernel(.init(.noise, limit: 3.5), noise: used).excess(given: count)
      var rejected = 0
      for i in 0..<(37 * 29) {
        let values = frames.map { $0.pixels[i] }
        let given = values.count { !$0.isNaN }
        guard given > 0 else {
          #expect(master.image.pixels[i].isNaN && master.mask.pixels[i] == .noData)
          continue
        }
        let plain = plainNoiseClip(values, used, weights, limit: 3.5)
        if plain.kept == 0 {
          rejected += given - 1
          continue
        }
        rejected += given - plain.kept
        // Single precision of numbers of some hundreds; means of 88.
        #expect(abs(Double(master.image.pixels[i]) - plain.value) < 2e-4)
        #expect(abs(Double(master.variance.pixels[i] / excess) / plain.variance - 1) < 1e-4)
      }
      #expect(master.rejected == rejected)
    }
  }

  @Test("the result does not depend on the bands", arguments: CombinationMethod.allCases)
  func bands(method: CombinationMethod) {
    var frames = Self.frames(9, level: 50, seed: 3)
    for i in 0..<400 { frames[i % 9].set(i * 37 % 128, i * 11 % 128, i % 3 == 0 ? .nan : 900) }
    let rule = MasterCombination(method, limit: 3)
    let noise = frames.indices.map { MasterCombination.Noise(constant: 9 + Double($0), linear: 0.8) }
    let whole = rule(frames, noise: noise)
    let kernel = CombinationKernel(rule, noise: noise)
    let planes = MasterPlanes(width: 128, height: 128)
    // Bands of 5 rows, each in two parts of odd width.
    for y in stride(from: 0, to: 128, by: 5) {
      for columns in [0..<45, 45..<128] {
        let area = PixelRectangle(x: columns.lowerBound, y: y, width: columns.count, height: min(5, 128 - y))
        let band = CombinationBand(frames: 9, pixels: area.width * area.height)
        for (k, frame) in frames.enumerated() {
          frame.cropped(to: area).pixels.withUnsafeBufferPointer { band.store($0, frame: k, at: 0) }
        }
        planes.combine(band, by: kernel, in: area)
      }
    }
    let parts = planes.master(frames: 9)
    #expect(parts.image.pixels.map(\.bitPattern) == whole.image.pixels.map(\.bitPattern))
    #expect(parts.variance.pixels.map(\.bitPattern) == whole.variance.pixels.map(\.bitPattern))
    #expect(parts.mask == whole.mask && parts.rejected == whole.rejected)
  }

  /// Columns of values with their clipped means, by astropy 8.0.2 (numpy 2.4.6):
  /// `sigma_clip(masked_invalid(a), sigma=2.5, cenfunc="median", stdfunc="std", maxiters=None, axis=0)`, then the mean.
  private static let astropy: [(values: [Float], mean: Double, kept: Int)] = [
    ([995.19, 1006.82, 1004.49, 994.25, 999.5, 995.72, 1002.46, 994.12], 999.0687484741211, 8),
    ([2500, 1000.66, 1009.81, 1009.6, 993.02, 1003.32, 1004.98, 998.96], 1002.9071393694196, 7),
    ([998.51, 1040, 400, 1001.22, 996.22, 999.62, 990.14, 992.26], 996.3283284505209, 6),
    ([1002.52, 995.29, 992.6, .nan, 997.07, 996.46, 998.46, 1000.12], 997.5028599330357, 7),
    (
      [
        993.71, 1040, 400, 1000.26, 1005.77, 998.01, 1014.59, 996.36, 1001.13, 999.09, 1005.37, 1005.8, 1002.53, 992.82,
        999.68, 988.98, 997.21, 1000.96, 1002.87, 994.35,
      ], 999.111769732307, 17
    ),
    (
      [
        997.62, 993.34, 1001.63, .nan, 992.91, 994.96, 1003.85, 999.58, 999.87, 1001.45, 992.21, 997.84, 993.67, 998.07,
        1008.03, 998.77, 997.13, 997.72, 990.54, 1005.44,
      ], 998.1384245219983, 19
    ),
  ]

  @Test("sigma clipping is astropy's", arguments: astropy.indices)
  func sigmaClip(index: Int) {
    let expected = Self.astropy[index]
    let frames = expected.values.map { PixelGrid<Float>(width: 1, height: 1, pixels: [$0]) }
    let master = MasterCombination(.sigma, limit: 2.5)(frames, noise: .init(constant: 36, linear: 0))
    // Single precision.
    #expect(abs(Double(master.image[0, 0]) - expected.mean) < 1e-4)
    #expect(master.rejected == expected.values.count { !$0.isNaN } - expected.kept)
  }

  @Test("variance of a median of few")
  func medianVariance() {
    // Closed forms for two and three; five and ten from tables of order statistics (Teichroew 1956, Ann. Math. Stat.
    // 27, 410), to their last digits.
    #expect(abs(CombinationEfficiency.medianVariance(2) - 0.5) < 1e-4)
    #expect(abs(CombinationEfficiency.medianVariance(3) - (1 - 3.0.squareRoot() / .pi)) < 1e-4)
    #expect(abs(CombinationEfficiency.medianVariance(5) - 0.2868) < 1e-4)
    #expect(abs(CombinationEfficiency.medianVariance(10) - 0.1383) < 1e-4)
    // Both sides of the change to the formula for many, which is good to 1/n^2.
    #expect(abs(CombinationEfficiency.medianVariance(401) / CombinationEfficiency.medianVariance(399) - 1) < 0.006)
  }

  @Test("pixels without any value in a band of NaN", arguments: CombinationMethod.allCases)
  func nothing(method: CombinationMethod) {
    let frames = (0..<4).map { _ in PixelGrid<Float>(width: 3, height: 1, pixels: [.nan, 5, .nan]) }
    let master = MasterCombination(method)(frames, noise: .init(constant: 1, linear: 0))
    #expect(master.image[0, 0].isNaN && master.variance[0, 0].isNaN && master.mask[0, 0] == .noData)
    #expect(master.image[1, 0] == 5 && master.mask[1, 0] == [] && master.rejected == 0)
  }
}
