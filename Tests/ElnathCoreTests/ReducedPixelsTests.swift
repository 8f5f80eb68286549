import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("pixels that a reduction must not invent, lose or spoil")
struct ReducedPixelsTests {
  private let frames = DetectorFrames(amplifiers: 4, flatNoise: 0.001, seed: 77)

  private func reduced(_ raw: RawFrame, _ masters: Masters) throws -> Frame {
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    return try #require(BiasDarkFlat(masters: masters)(raw, detector: detector))
  }

  @Test("each output has its own level, gain and read noise; all rows and columns are kept")
  func outputs() throws {
    let raw = frames.raw(0)
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    let reduction = try #require(BiasDarkFlat(masters: Masters()).prepared(raw, detector: detector))
    for (k, level) in reduction.levels.enumerated() {
      let level = try #require(level)
      // 24 x 80 pixels of up to 5 ADU: 0.11 ADU.
      let area = raw.observation.amplifiers[k].area
      let expected = frames.levels[k] + frames.slopes[k] * (Double(area.y) + 39.5)
      #expect(abs(level.middle - expected) < 0.6)
      // Rounding to whole ADU adds 1/12; 1920 pixels tell a scatter to 1.6 per cent.
      let noise = frames.readNoises[k] / frames.gains[k]
      #expect(abs(level.sigma / (noise * noise + 1.0 / 12).squareRoot() - 1) < 0.08)
    }
    let frame = reduction.frame()
    #expect(frame.width == 240 && frame.height == 160 && frame.adu.width == 240 && frame.adu.height == 160)
    #expect(frame.image.image.pixels.allSatisfy(\.isFinite) && frame.image.variance.pixels.allSatisfy { $0 > 0 })
    for (x, y) in [(0, 0), (119, 79), (120, 79), (119, 80), (120, 80), (239, 159)] {
      let noise = try #require(frame.amplifierNoise.model(at: PixelPoint(x: Double(x), y: Double(y))))
      #expect(noise.gain == frames.gains[frames.output(x, y)])
      #expect(noise.readNoise == frames.readNoises[frames.output(x, y)])
    }
  }

  @Test("an output without overscan has the constant level, and only then the pedestal")
  func mixedLevels() throws {
    var raw = frames.raw(0)
    raw.observation.amplifiers[1].overscan = nil
    let detector = BiasDarkFlat.Detector(gain: 1, readNoise: 5, saturation: 60_000, pedestal: 1150)
    let frame = try #require(BiasDarkFlat(masters: Masters())(raw, detector: detector))
    let unknown = BiasDarkFlat.Detector(gain: 1, readNoise: 5, saturation: 60_000)
    let without = try #require(BiasDarkFlat(masters: Masters())(raw, detector: unknown))
    #expect(frame.amplifierNoise.map(\.model.pedestalKnown) == [true, true, true, true])
    #expect(without.amplifierNoise.map(\.model.pedestalKnown) == [true, false, true, true])
    #expect(!without.noise.pedestalKnown)
    let (x, y) = (200, 20)
    #expect(abs(without.image.image[x, y] - frame.image.image[x, y] - 1150 * Float(frames.gains[1])) < 0.01)
    #expect(without.image.image[20, 20] == frame.image.image[20, 20])
  }

  /// What the flat was made of.
  private static func response(of flat: FlatField) -> Master {
    let pixels = flat.inverse.pixels.map { 1 / $0 }
    let variance = zip(pixels, flat.relativeVariance.pixels).map { $0 * $0 * $1 }
    let (width, height) = (flat.inverse.width, flat.inverse.height)
    return Master(
      image: PixelGrid(width: width, height: height, pixels: pixels),
      variance: PixelGrid(width: width, height: height, pixels: variance), mask: flat.mask, frames: 5, rejected: 0)
  }

  @Test("NaN, zero or infinite master pixels are masked and nothing infinite comes out")
  func spoiltMasters() throws {
    func spoilt(_ master: Master, image: [(Int, Int, Float)], variance: [(Int, Int, Float)] = []) -> Master {
      var (grid, noise) = (master.image, master.variance)
      for (x, y, value) in image { grid.set(x, y, value) }
      for (x, y, value) in variance { noise.set(x, y, value) }
      return Master(
        image: grid, variance: noise, mask: master.mask, frames: 5, rejected: 0, exposure: master.exposure)
    }
    var masters = frames.masters()
    let raw = frames.raw(0)
    let before = try reduced(raw, masters)
    masters.bias = spoilt(try #require(masters.bias), image: [(5, 5, .nan), (6, 9, .infinity)])
    masters.darks = [
      spoilt(masters.darks[0], image: [(30, 40, .nan)], variance: [(31, 60, .nan), (32, 80, .infinity)])
    ]
    masters.flats["R"] = FlatField(
      response: spoilt(
        Self.response(of: try #require(masters.flats["R"])),
        image: [
          (100, 100, 0), (101, 110, -1), (102, 120, .nan), (103, 130, .infinity),
          (104, 140, Float.leastNonzeroMagnitude),
        ],
        variance: [(105, 150, .nan)]))
    let frame = try reduced(raw, masters)
    let missing = [(5, 5), (6, 9), (30, 40)]
    let bad = [(31, 60), (32, 80), (100, 100), (101, 110), (102, 120), (103, 130), (104, 140), (105, 150)]
    for (x, y) in missing { #expect(frame.image.mask[x, y] == .noData && frame.image.image[x, y].isNaN) }
    for (x, y) in bad { #expect(frame.image.mask[x, y] == .bad) }
    let places = missing + bad
    var changed = 0
    for y in 0..<160 {
      for x in 0..<240 where !places.contains(where: { $0 == (x, y) }) {
        #expect(frame.image.image[x, y] == before.image.image[x, y] && frame.image.mask[x, y] == [])
        #expect(frame.image.variance[x, y].isFinite && frame.image.variance[x, y] > 0)
        if frame.image.variance[x, y] != before.image.variance[x, y] { changed += 1 }
      }
    }
    // Only the two neighbours to each side looked at the pixels without a value, and the mean variance of the masters
    // stays what it was.
    #expect(changed <= 4 * places.count)
    let all = frame.image.image.pixels + frame.image.variance.pixels
    #expect(!all.contains { $0.isInfinite })
  }

  @Test("raw values that are no numbers are missing, and those beyond the straight response are marked")
  func rawMarks() throws {
    var raw = frames.raw(0)
    raw.observation.linearLimit = 20_000
    let left = raw.observation.trim.x
    raw.adu.set(left + 3, 4, .nan)
    raw.adu.set(left + 8, 4, .infinity)
    raw.adu.set(left + 13, 4, -.infinity)
    raw.adu.set(left + 18, 4, 3e38)
    raw.adu.set(left + 23, 4, 20_000)
    raw.adu.set(left + 28, 4, 60_000)
    raw.adu.set(left + 33, 4, 19_999)
    let frame = try reduced(raw, frames.masters())
    #expect(frame.image.mask[3, 4] == .noData && frame.image.mask[13, 4] == .noData)
    #expect(frame.image.mask[8, 4].isSuperset(of: [.noData, .saturated]) && frame.image.image[8, 4].isNaN)
    #expect(frame.image.mask[18, 4].isSuperset(of: [.saturated, .nonlinear]))
    #expect(frame.image.mask[23, 4] == .nonlinear && frame.image.mask[28, 4] == [.nonlinear, .saturated])
    #expect(frame.image.mask[33, 4] == [])
    #expect(
      !frame.image.image.pixels.contains { $0.isInfinite } && !frame.image.variance.pixels.contains { $0.isInfinite })
  }

  @Test("a bent response is straightened above the zero level, whatever that is")
  func straightened() throws {
    var bent = DetectorFrames(amplifiers: 1, flatNoise: 0.001, seed: 5)
    bent.linearity = [2e-6, 7e-11]
    let straight = DetectorFrames(amplifiers: 1, flatNoise: 0.001, seed: 5)
    let frame = try reduced(bent.raw(0), bent.masters())
    let reference = try reduced(straight.raw(0), straight.masters())
    for y in 0..<160 {
      for x in 0..<240 {
        // The same photons; rounded to whole ADU at another place, and 0.7 ADU of overscan, bias and slope.
        let limit = 1.3 * 1.5 * (1 + 1e-4 * abs(reference.image.image[x, y]))
        #expect(abs(frame.image.image[x, y] - reference.image.image[x, y]) < limit)
      }
    }
  }

  @Test("a frame reduced before is measured as it was, without its raw values")
  func reducedBefore() throws {
    let raw = frames.raw(0)
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    let reduction = try #require(BiasDarkFlat(masters: frames.masters()).prepared(raw, detector: detector))
    let frame = reduction.frame()
    var observation = raw.observation
    observation.trim = PixelRectangle(x: 0, y: 0, width: 240, height: 160)
    observation.amplifiers = []
    observation.overscan = nil
    let again = FrameReduction(
      reduced: Frame(
        reduced: frame.image, observation: observation, noise: frame.noise, amplifierNoise: frame.amplifierNoise))
    #expect(again.width == 240 && again.height == 160 && again.levels.isEmpty)
    #expect(again.image().image == frame.image.image && again.image().mask == frame.image.mask)
    let measured = SeamStars.measure(reduction)
    let second = SeamStars.measure(again)
    for i in 0..<measured.stars.count {
      #expect(second.stars[i].position == measured.stars[i].position && second.stars[i].peakADU.isNaN)
      // What clipping takes off the skewed tail of the sky, some 0.02 e-, goes with the flat.
      #expect(abs(second.stars[i].sky - measured.stars[i].sky) < 0.003)
      for k in 0..<2 {
        #expect(abs(second[i, k].flux - measured[i, k].flux) < 0.003 * measured[i, k].area)
        // A flat of 1 in place of one of 0.95 to 1.05.
        #expect(abs(second[i, k].fluxError / measured[i, k].fluxError - 1) < 0.06)
      }
    }
  }
}
