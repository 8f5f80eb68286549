import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("photon transfer: gain and read noise from pairs")
struct PhotonTransferTests {
  static let saturation = 60_000.0

  static func look(_ frame: RawFrame, _ boxes: SampleBoxes, isBias: Bool = false) -> AmplifierMeasurement.Look {
    AmplifierMeasurement.Look(
      frame, level: BiasDarkFlat.zeroLevels(frame, overscan: Overscan())[0], boxes: boxes,
      section: frame.observation.overscan, saturation: saturation, isBias: isBias)
  }

  /// `flats` give the light of each flat, electrons by x and y; first and second, third and fourth are pairs.
  static func measure(
    _ amplifier: SyntheticAmplifier, biases: Int = 6, darks: Int = 0, darkExposure: Double = 100,
    flats: [(Int, Int) -> Double] = []
  ) throws -> AmplifierMeasurement {
    let boxes = try #require(amplifier.boxes)
    return AmplifierMeasurement(
      boxes: boxes, biases: (0..<biases).map { look(amplifier.frame($0), boxes, isBias: true) },
      flats: flats.enumerated().map { look(amplifier.frame(50 + $0, exposure: 1, light: $1), boxes) },
      pairs: stride(from: 0, to: flats.count - 1, by: 2).map { ($0, $0 + 1) },
      darks: (0..<darks).map { look(amplifier.frame(20 + $0, exposure: darkExposure), boxes) },
      darkExposure: darkExposure, saturation: saturation)
  }

  /// A level that falls off towards the corners, as vignetting does.
  static func vignetted(_ level: Double, size: Int = 256) -> (Int, Int) -> Double {
    { x, y in
      let (dx, dy) = (Double(2 * x - size) / Double(size), Double(2 * y - size) / Double(size))
      return level * (1 - 0.1 * (dx * dx + dy * dy))
    }
  }

  @Test("flats that differ by 20 per cent in level tell the gain without bias, and errors are true")
  func unbiasedWithPulls() throws {
    var gains: [(pull: Double, ratio: Double)] = []
    var noises: [(pull: Double, ratio: Double)] = []
    for seed in 0..<120 {
      var amplifier = SyntheticAmplifier(seed: UInt64(seed))
      (amplifier.width, amplifier.height) = (128, 128)
      let levels = [12_000.0, 10_000, 12_000, 10_000, 9_000, 7_500]
      let seen = try Self.measure(amplifier, flats: levels.map { Self.vignetted($0, size: 128) })
      // What a pixel read once scatters by: read noise and the rounding to whole ADU.
      let noise = (7.3 / 1.3 * 7.3 / 1.3 + 1.0 / 12).squareRoot()
      gains.append(((seen.gain.value - 1.3) / seen.gain.error, seen.gain.value / 1.3))
      noises.append(((seen.readNoise.value - noise) / seen.readNoise.error, seen.readNoise.value / noise))
      #expect(seen.gain.count == 3 && seen.readNoise.count == 3)
    }
    for (name, pulls) in [("gain", gains), ("read noise", noises)] {
      let n = Double(pulls.count)
      let mean = pulls.reduce(0) { $0 + $1.pull } / n
      let sigma = (pulls.reduce(0) { $0 + ($1.pull - mean) * ($1.pull - mean) } / (n - 1)).squareRoot()
      let ratio = pulls.reduce(0) { $0 + $1.ratio } / n
      // The mean of 120 pulls is known to 0.09, their scatter to 6.5 per cent; the larger of two errors is taken, which
      // makes it 0.92.
      #expect(abs(mean) < 0.4, "\(name): \(mean)")
      #expect(abs(sigma - 1) < 0.25, "\(name): \(sigma)")
      // Each measurement is good to 0.7 per cent, so their mean to 0.07.
      #expect(abs(ratio - 1) < 0.0025, "\(name): \(ratio)")
      #expect(pulls.allSatisfy { abs($0.ratio - 1) < 0.03 })
    }
  }

  @Test("the response of the pixels does not count as noise, whatever the levels")
  func response() throws {
    var amplifier = SyntheticAmplifier(seed: 7)
    amplifier.pixelResponse = 0.03
    let seen = try Self.measure(amplifier, flats: [Self.vignetted(20_000), Self.vignetted(16_000)])
    // One pair is good to 0.6 per cent. Unscaled, the response would add (0.03 x 4000/1.3)^2 = 8500 to 21,300 ADU^2 and
    // the gain read 0.93.
    #expect(abs(seen.gain.value / 1.3 - 1) < 0.02, "\(seen.gain)")
    #expect(abs((seen.pairs[0].transfer?.ratio ?? .nan) - 1.25) < 0.001)
  }

  @Test("gradients that changed between the flats do not count as noise")
  func gradients() throws {
    let amplifier = SyntheticAmplifier(seed: 8)
    let seen = try Self.measure(
      amplifier,
      flats: [
        { x, y in 11_000 * (1 + 0.2 * Double(x - 128) / 256) }, { x, y in 10_000 * (1 + 0.2 * Double(y - 128) / 256) },
      ])
    // As above. Over the frame the ratio of the flats runs over 40 per cent, within a box over 1.2: 35 ADU rms beside the
    // 125 of the photons, if no plane were taken off.
    #expect(abs(seen.gain.value / 1.3 - 1) < 0.02, "\(seen.gain)")
  }

  @Test("fields of an interlaced sensor, or colours, that changed between the flats do not count as noise")
  func fields() throws {
    let amplifier = SyntheticAmplifier(seed: 9)
    let seen = try Self.measure(
      amplifier, flats: [{ _, y in y % 2 == 0 ? 10_200 : 10_000 }, { _, _ in 10_000 }])
    #expect(abs(seen.gain.value / 1.3 - 1) < 0.02, "\(seen.gain)")
    let pair = try #require(seen.pairs[0].transfer)
    // The ratio of a phase is a median over all of its boxes, good to 0.1 per cent.
    #expect(abs(pair.phaseChange - 0.02) < 0.002)
    // Taken for noise, 100 e- to both sides would be added to a variance of 20,100 e-^2: 1.3/(1 + 10,000/20,100), to the
    // half per cent of one pair and what medians of few boxes add.
    #expect(abs(pair.unsplitGain / 0.868 - 1) < 0.02, "\(pair.unsplitGain)")
  }

  @Test("stars in sky flats are left out, and so are hot pixels")
  func starsInFlats() throws {
    var amplifier = SyntheticAmplifier(seed: 10)
    amplifier.hotPixels = 200
    func sky(_ level: Double, _ seed: UInt64) -> (Int, Int) -> Double {
      var random = SeededGenerator(seed: seed)
      let stars = (0..<6).map { _ in
        (x: random.uniform(0..<256), y: random.uniform(0..<256), flux: random.uniform(3000..<200_000))
      }
      var image = [Double](repeating: level, count: 256 * 256)
      for star in stars {
        for y in max(0, Int(star.y) - 12)...min(255, Int(star.y) + 12) {
          for x in max(0, Int(star.x) - 12)...min(255, Int(star.x) + 12) {
            let (dx, dy) = (Double(x) - star.x, Double(y) - star.y)
            // FWHM 4 px with wings: Moffat of beta 3.
            let r2 = (dx * dx + dy * dy) / (3.92 * 3.92)
            image[y * 256 + x] += star.flux * 2 / (.pi * 3.92 * 3.92) / ((1 + r2) * (1 + r2) * (1 + r2))
          }
        }
      }
      let light = image
      return { x, y in light[y * 256 + x] }
    }
    let seen = try Self.measure(amplifier, flats: (0..<4).map { sky([9000, 8000, 7000, 6000][$0], UInt64(30 + $0)) })
    // Two pairs are good to 0.4 per cent; six stars on 256 x 256 pixels (1500 on 4096 x 4096) leave wings below the clip
    // in a tenth of the pixels.
    #expect(abs(seen.gain.value / 1.3 - 1) < 0.015, "\(seen.gain)")
  }

  @Test(
    "coarse converters: a read noise below one step, and steps of 16 ADU",
    arguments: [(gain: 20.0, readNoise: 10.0, step: 1.0), (20, 4, 1), (1.3, 7.3, 16), (0.5, 3, 4)])
  func coarse(camera: (gain: Double, readNoise: Double, step: Double)) throws {
    var amplifier = SyntheticAmplifier(seed: 11)
    amplifier.gain = camera.gain
    amplifier.readNoise = camera.readNoise
    amplifier.step = camera.step
    // The level of a bias lies at another place within a step in every column.
    amplifier.columnPattern = 0.5 * camera.step
    let level = 10_000 * camera.gain
    let seen = try Self.measure(
      amplifier, flats: [1.0, 0.8, 0.9, 1].map { Self.vignetted($0 * min(level, 20_000)) })
    #expect(seen.step == camera.step)
    // Two pairs are good to 0.4 per cent; where the photons of 1000 ADU scatter by 7 ADU, a tenth of ADU^2 of rounding
    // that the biases do not show is another 0.2.
    #expect(abs(seen.gain.value / camera.gain - 1) < 0.015, "\(seen.gain)")
    if camera.readNoise / camera.gain > 0.4 * camera.step {
      let noise = (camera.readNoise / camera.gain * camera.readNoise / camera.gain + camera.step * camera.step / 12)
        .squareRoot()
      // Between two steps a bias shows up to 3 per cent less than its true scatter and the rounding together.
      #expect(abs(seen.readNoise.value / noise - 1) < 0.04, "\(seen.readNoise)")
    }
  }

  @Test("without flats the gain is unknown and the read noise is not")
  func withoutFlats() throws {
    let seen = try Self.measure(SyntheticAmplifier(seed: 12), biases: 4)
    #expect(!seen.gain.isKnown && !seen.readNoiseElectrons.isKnown)
    #expect(abs(seen.readNoise.value / 5.623 - 1) < 0.01 && seen.readNoise.count == 2)
    #expect(seen.dark == nil && !seen.overscanNoise.isKnown)
  }

  @Test("without biases the overscan tells read noise and zero level; without either there is no gain")
  func withoutBiases() throws {
    var amplifier = SyntheticAmplifier(seed: 13)
    let flats = [Self.vignetted(9000), Self.vignetted(8000)]
    #expect(try !Self.measure(amplifier, biases: 0, flats: flats).gain.isKnown)
    amplifier.overscanColumns = 24
    amplifier.drift = 3
    let seen = try Self.measure(amplifier, biases: 0, flats: flats)
    #expect(abs(seen.gain.value / 1.3 - 1) < 0.02, "\(seen.gain)")
    #expect(!seen.readNoise.isKnown)
    // 48 columns of 256 pixels tell a scatter to 0.65 per cent.
    #expect(abs(seen.overscanNoise.value / 5.623 - 1) < 0.025, "\(seen.overscanNoise)")
  }

  @Test("pairs that cannot tell the gain are named, and high ones carry the doubt in their error")
  func doubts() throws {
    let amplifier = SyntheticAmplifier(seed: 14)
    let high = try Self.measure(
      amplifier, flats: [{ _, _ in 50_000 }, { _, _ in 45_000 }, { _, _ in 20 }, { _, _ in 20 }])
    #expect(high.isFromHighPairs(saturation: Self.saturation))
    #expect(high.pairs.map(\.isUsed) == [true, false] && high.pairs[1].doubt == .faint)
    #expect(abs(high.gain.value / 1.3 - 1) < 0.02)
    // A twentieth of the 0.66 saturations at which the pair stands, and the scatter of one pair.
    #expect(abs(high.gain.error / high.gain.value - 0.0335) < 0.002, "\(high.gain)")

    let mixed = try Self.measure(
      amplifier,
      flats: [
        { _, _ in 50_000 }, { _, _ in 45_000 }, { _, _ in 9000 }, { _, _ in 8000 }, { _, _ in 90_000 },
        { _, _ in 90_000 }, { _, _ in 12_000 }, { _, _ in 5000 },
      ])
    #expect(mixed.pairs.map(\.isUsed) == [false, true, false, false])
    #expect(mixed.pairs.map(\.doubt) == [nil, nil, .saturated, .unequal])
    #expect(!mixed.isFromHighPairs(saturation: Self.saturation) && mixed.gain.count == 1)
  }
}
