import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("the pixels about a star are those of the whole frame")
struct StarBoxesTests {
  private static func reduction(
    amplifiers: Int, _ masters: (DetectorFrames) -> Masters, change: (inout RawFrame) -> Void = { _ in }
  ) throws -> FrameReduction {
    let frames = DetectorFrames(amplifiers: amplifiers, flatNoise: 0.001, seed: 12)
    var raw = frames.raw(0)
    change(&raw)
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    var reduction = try #require(BiasDarkFlat(masters: masters(frames)).prepared(raw, detector: detector))
    reduction.add(
      trails: [], hotPixels: [HotPixel(x: 60, y: 41, rate: 3), HotPixel(x: 119, y: 80, rate: 1)], cosmicRays: nil)
    return reduction
  }

  private static func region(_ x: Double, _ y: Double, _ frame: Frame, sky: Double, core: Int, searched: Bool)
    -> StarRegion
  {
    func box(_ reach: Int) -> PixelRectangle {
      let (cx, cy) = (Int(x.rounded()), Int(y.rounded()))
      let (left, bottom) = (max(0, cx - reach), max(0, cy - reach))
      return PixelRectangle(
        x: left, y: bottom, width: min(frame.width, cx + reach + 1) - left,
        height: min(frame.height, cy + reach + 1) - bottom)
    }
    return StarRegion(
      box: box(max(Int(sky.rounded(.up)), core + (searched ? CosmicRays.margin : 0))),
      centre: PixelPoint(x: x, y: y), skyReach: sky, core: box(core), isSearched: searched)
  }

  private static func check(_ boxes: StarBoxes, _ frame: Frame, sourceLocation: SourceLocation = #_sourceLocation) {
    // In the middle, across seams, at edges and corners; with much sky and with less than the core needs.
    for (x, y) in [(60.2, 40.7), (119.6, 80.1), (3.0, 2.0), (238.7, 158.9), (120.0, 3.5), (0.0, 79.5)] {
      for (sky, core, searched) in [(31.0, 10, true), (31.0, 14, false), (12.0, 9, true)] {
        let region = region(x, y, frame, sky: sky, core: core, searched: searched)
        var wrong = 0
        var seen = 0
        boxes.withPlanes(of: region) { planes in
          for v in region.box.y..<(region.box.y + region.box.height) {
            for u in region.columns(ofRow: v) {
              let (i, k) = (planes.index(u, v), v * frame.width + u)
              seen += 1
              let pairs = [
                (planes.image[i], frame.image.image.pixels[k]), (planes.adu[i], frame.adu.pixels[k]),
                (planes.inverseFlat?[i] ?? 1, frame.inverseFlat?.pixels[k] ?? 1),
              ]
              if pairs.contains(where: { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }) { wrong += 1 }
              if planes.mask[i] != frame.image.mask.pixels[k] { wrong += 1 }
            }
          }
          let reach = searched ? 8 : 0
          let block = region.core
          for v in max(0, block.y - reach)..<min(frame.height, block.y + block.height + reach) {
            for u in max(0, block.x - reach)..<min(frame.width, block.x + block.width + reach) {
              let (i, k) = (planes.index(u, v), v * frame.width + u)
              let (one, other) = (planes.planes.variance[i], frame.image.variance.pixels[k])
              if one.bitPattern != other.bitPattern && !(one.isNaN && other.isNaN) { wrong += 1 }
              let (flat, all) = (planes.flatVariance?[i] ?? 0, frame.flatVariance?.pixels[k] ?? 0)
              if flat != all { wrong += 1 }
            }
          }
        }
        #expect(wrong == 0 && seen > 100, "at \(x), \(y), sky to \(sky)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test("through one output and through four, with masters and without", arguments: [1, 4], [true, false])
  func pixels(amplifiers: Int, withMasters: Bool) throws {
    let reduction = try Self.reduction(amplifiers: amplifiers) {
      withMasters ? $0.masters() : Masters()
    } change: { raw in
      let (left, bottom) = (raw.observation.trim.x, raw.observation.trim.y)
      raw.adu.set(left + 61, bottom + 40, .nan)
      raw.adu.set(left + 58, bottom + 45, 65_000)
      raw.adu.set(left + 118, bottom + 79, .infinity)
    }
    let frame = reduction.frame()
    let done: Void? = reduction.withStarBoxes { Self.check($0, frame) }
    #expect(done != nil)
  }

  @Test("a value that no detector gives spoils none of the others")
  func tooBright() throws {
    let reduction = try Self.reduction(amplifiers: 1) {
      $0.masters()
    } change: { raw in
      raw.adu.set(raw.observation.trim.x + 60, raw.observation.trim.y + 45, 1e30)
    }
    let frame = reduction.frame()
    let done: Void? = reduction.withStarBoxes { Self.check($0, frame) }
    #expect(done != nil)
  }

  @Test("so are those of the integers of its file")
  func stored() throws {
    let reduction = try Self.reduction(amplifiers: 4) { $0.masters() }
    let frame = reduction.frame()
    let frames = DetectorFrames(amplifiers: 4, flatNoise: 0.001, seed: 12)
    let raw = frames.raw(0)
    let integers = raw.adu.pixels.map { Int16($0 - 32_768).bigEndian }
    let detector = try #require(BiasDarkFlat.Detector(raw.observation))
    let arithmetic = BiasDarkFlat(masters: frames.masters())
    let look = try #require(arithmetic.prepared(raw, detector: detector)?.look)
    var stored = try #require(
      arithmetic.prepared(
        StoredFrame(
          observation: raw.observation, width: raw.adu.width, height: raw.adu.height, integers: integers, zero: 32_768),
        look: look, detector: detector))
    stored.add(
      trails: [], hotPixels: [HotPixel(x: 60, y: 41, rate: 3), HotPixel(x: 119, y: 80, rate: 1)], cosmicRays: nil)
    let done: Void? = stored.withStarBoxes { Self.check($0, frame) }
    #expect(done != nil)
    let decoded = stored.decoded.frame()
    #expect(decoded.image.image == frame.image.image && decoded.image.variance == frame.image.variance)
    #expect(decoded.image.mask == frame.image.mask && decoded.noise == frame.noise)
  }
}
