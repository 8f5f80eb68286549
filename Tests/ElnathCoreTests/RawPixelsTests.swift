import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("raw frames of which only some pixels are read")
struct RawPixelsTests {
  private let width = 120
  private let height = 90

  /// Sections beside the area, above it, in its corner, wide ones beside it, and one off the frame.
  @Test(
    "the overscan tells the same from its section alone",
    arguments: [
      PixelRectangle(x: 104, y: 0, width: 16, height: 90), PixelRectangle(x: 0, y: 82, width: 100, height: 8),
      PixelRectangle(x: 102, y: 82, width: 18, height: 8), PixelRectangle(x: 101, y: 10, width: 19, height: 12),
      PixelRectangle(x: 104, y: 0, width: 30, height: 90),
    ], [.fit, .median, .rows] as [Overscan.Method])
  func zeroLevels(section: PixelRectangle, method: Overscan.Method) {
    var random = SeededGenerator(seed: 21)
    var pixels: [Float] = []
    for y in 0..<height {
      for x in 0..<width {
        let level = 1000 + 0.05 * Double(y) + 0.02 * Double(x)
        pixels.append(Float((level + 4 * random.normal()).rounded()))
      }
    }
    var observation = Observation(file: "", width: width, height: height)
    observation.trim = PixelRectangle(x: 0, y: 0, width: 100, height: 80)
    observation.overscan = section
    let raw = RawFrame(observation: observation, adu: PixelGrid(width: width, height: height, pixels: pixels))
    let overscan = Overscan(order: 1, method: method)
    let expected = BiasDarkFlat.zeroLevels(raw, overscan: overscan)
    #expect(raw.zeroLevels(overscan: overscan) == expected)
    #expect((expected[0] == nil) == (section.width == 30))
  }
}
