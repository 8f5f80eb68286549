import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("masters: which calibration frames can be trusted")
struct CalibrationReviewTests {
  private let width = 160
  private let height = 128

  /// One frame in ADU: level times response (x, y from -1 to 1), read noise 4 ADU, gain 1.5.
  private func raw(
    _ kind: CalibrationReview.Kind, level: Double, seed: UInt64, readNoise: Double = 4,
    light: (Double, Double) -> Double
  ) -> RawFrame {
    var random = SeededGenerator(seed: seed)
    var pixels: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (2 * Double(x) / Double(width) - 1, 2 * Double(y) / Double(height) - 1)
        let photons = max(light(u, v), 0) * 1.5
        pixels.append(Float((level + random.poisson(photons) / 1.5 + readNoise * random.normal()).rounded()))
      }
    }
    return RawFrame(
      observation: Observation(file: "", width: width, height: height),
      adu: PixelGrid(width: width, height: height, pixels: pixels))
  }

  private func review(
    _ kind: CalibrationReview.Kind, _ frames: [RawFrame], known: Bool = true, saturation: Double = 60_000
  ) -> CalibrationReview {
    let sampling = CalibrationSampling(frames[0].observation)
    let samples = frames.map { raw in
      let preparation = CalibrationPreparation(raw, overscan: Overscan(), bias: nil, zeroLevelKnown: known)
      return CalibrationSample(raw, preparation, at: sampling, saturation: Float(saturation))
    }
    return CalibrationReview(
      samples, at: sampling,
      expecting: .init(
        kind: kind, readNoise: [4], gain: [1.5], saturation: saturation, isZeroLevelKnown: known))
  }

  @Test("bias frames that drift by a few ADU are all good, one that saw light is not")
  func biases() {
    let drifts = [0, 2, -3, 1, 4, -1, 0, 3].map(Double.init)
    var frames = drifts.enumerated().map { k, drift in raw(.bias, level: 1000 + drift, seed: UInt64(k)) { _, _ in 0 } }
    #expect(review(.bias, frames, known: false).used.count == 8)
    frames.append(raw(.bias, level: 1000, seed: 20) { _, _ in 60 })
    frames.append(raw(.bias, level: 1000, seed: 21) { u, _ in 15 * (1 + u) })
    let seen = review(.bias, frames, known: false)
    #expect(seen.used == Array(0..<8))
    guard case .level = seen.faults[8], case .structure = seen.faults[9] else {
      Issue.record("\(seen.faults)")
      return
    }
  }

  @Test("the read noise comes from pairs, whatever was expected")
  func readNoise() {
    let frames = (0..<5).map { k in raw(.bias, level: 1000, seed: UInt64(40 + k), readNoise: 6) { _, _ in 0 } }
    let seen = review(.bias, frames, known: false)
    // Rounding to whole ADU adds 1/12; 20,000 pixels in four pairs tell it to half a per cent.
    #expect(abs(seen.readNoise[0] - (36 + 1.0 / 12).squareRoot()) < 0.1)
    // Expected were 4 ADU.
    #expect(abs(seen.noiseRatios[0] - 1.5) < 0.03)
  }

  @Test("a sky that fades from 50,000 to 3,000 ADU gives good flats; empty, saturated and odd ones are left out")
  func flats() {
    func sky(_ level: Double, _ seed: UInt64, tilt: Double = 0) -> RawFrame {
      raw(.flat, level: 0, seed: seed) { u, v in level * (1 - 0.1 * (u * u + v * v)) * (1 + tilt * u) }
    }
    var frames = [50_000.0, 31_000, 19_000, 12_000, 5_000, 3_000].enumerated().map { k, level in sky(level, UInt64(k)) }
    #expect(review(.flat, frames).used == Array(0..<6))
    frames += [sky(20, 10), sky(64_000, 11), sky(20_000, 12, tilt: 0.15), sky(20_000, 13, tilt: 0.004)]
    let seen = review(.flat, frames)
    #expect(seen.used == Array(0..<6) + [9])
    guard case .empty = seen.faults[6], case .saturated = seen.faults[7], case .structure = seen.faults[8] else {
      Issue.record("\(seen.faults)")
      return
    }
    // Brighter flats say more, but not in proportion to their light beyond the read noise.
    let weights = seen.weights ?? []
    #expect(weights.count == 7 && abs(weights[0] / weights[5] - 16.8) < 0.1)
  }

  @Test("darks of slightly different temperature are good, one with a light leak is not")
  func darks() {
    var frames = [1.0, 1.1, 0.93, 1.05, 1.2].enumerated().map { k, warm in
      raw(.dark, level: 0, seed: UInt64(k)) { _, _ in 40 * warm }
    }
    #expect(review(.dark, frames).used.count == 5)
    frames.append(raw(.dark, level: 0, seed: 30) { u, _ in 40 + 60 * max(0, u) })
    frames.append(raw(.dark, level: -100, seed: 31) { _, _ in 40 })
    let seen = review(.dark, frames)
    #expect(seen.used == Array(0..<5))
    guard case .structure = seen.faults[5] ?? .noValues, case .darker = seen.faults[6] else {
      Issue.record("\(seen.faults)")
      return
    }
  }

  @Test("of two bias frames that cannot both be right the darker is taken")
  func twoBiases() {
    let frames = [
      raw(.bias, level: 3000, seed: 1) { _, _ in 0 }, raw(.bias, level: 1000, seed: 2) { _, _ in 0 },
    ]
    #expect(review(.bias, frames, known: false).used == [1])
  }

  @Test("frames without any value, and frames too small for many blocks")
  func odd() {
    let empty = RawFrame(
      observation: Observation(file: "", width: width, height: height),
      adu: PixelGrid(width: width, height: height, repeating: .nan))
    #expect(review(.bias, [empty, empty]).faults == [.noValues, .noValues])
    let tiny = RawFrame(
      observation: Observation(file: "", width: 3, height: 2), adu: PixelGrid(width: 3, height: 2, repeating: 100))
    #expect(review(.bias, [tiny, tiny, tiny], known: false).used.count == 3)
  }

  @Test("stars of a flat are marked wings and all, and nothing else is")
  func flatStars() {
    let side = 256
    var random = SeededGenerator(seed: 8)
    let noise = MasterCombination.Noise(constant: 0, linear: 1e-4)
    var frame = PixelGrid<Float>(width: side, height: side, repeating: 1)
    let master = PixelGrid<Float>(width: side, height: side, repeating: 1)
    for y in 0..<side {
      for x in 0..<side {
        // A gradient of 4 per cent is no star.
        frame.set(x, y, Float(1 + 0.04 * (Double(x) / 256 - 0.5) + 0.01 * random.normal()))
      }
    }
    #expect(FlatStars()(frame, master: master, noise: noise).count == 0)
    // Gaussians of sigma 2.5 px, 3 to 40 sigma high.
    let stars = [(60, 60, 0.4), (180, 70, 0.1), (100, 190, 0.03)]
    for (u, v, height) in stars {
      for y in (v - 12)...(v + 12) {
        for x in (u - 12)...(u + 12) {
          let r2 = Double((x - u) * (x - u) + (y - v) * (y - v))
          frame.set(x, y, frame[x, y] + Float(height * exp(-r2 / 12.5)))
        }
      }
    }
    let marks = FlatStars()(frame, master: master, noise: noise)
    for (u, v, height) in stars {
      for y in (v - 12)...(v + 12) {
        for x in (u - 12)...(u + 12) where !marks[x, y] {
          // What is left lies below the noise of one pixel.
          let r2 = Double((x - u) * (x - u) + (y - v) * (y - v))
          #expect(height * exp(-r2 / 12.5) < 0.01)
        }
      }
    }
    // The mark of the brightest reaches 17 pixels to each side.
    #expect(marks.count < 3 * 35 * 35)
  }
}
