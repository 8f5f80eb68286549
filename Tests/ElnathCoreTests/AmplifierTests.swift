import Testing

@testable import ElnathCore

@Suite("several outputs, and a response that is not straight")
struct AmplifierTests {
  /// 7 x 5 pixels read through three outputs of unlike areas.
  private var observation: Observation {
    var observation = Observation(file: "frame.fits", kind: .flat, width: 7, height: 5)
    observation.gain = Decoded(2, from: .project)
    observation.amplifiers = [
      Amplifier(name: "A", area: PixelRectangle(x: 0, y: 0, width: 3, height: 5), gain: 1),
      Amplifier(name: "B", area: PixelRectangle(x: 3, y: 0, width: 4, height: 2), gain: 3),
      Amplifier(name: "C", area: PixelRectangle(x: 3, y: 2, width: 4, height: 3)),
    ]
    return observation
  }

  @Test("a flat of several outputs loses the ratios of their gains")
  func equalised() {
    let observation = observation
    let electrons: (Int, Int) -> Float = { x, y in Float(600 + 10 * x + y) }
    var adu = PixelGrid<Float>(width: 7, height: 5, repeating: .nan)
    for output in observation.outputs {
      for y in output.area.y..<(output.area.y + output.area.height) {
        for x in output.area.x..<(output.area.x + output.area.width) {
          adu.set(x, y, electrons(x, y) / Float(output.gain ?? .nan))
        }
      }
    }
    let flat = BiasDarkFlat.equalised(adu, observation)
    // The mean gain of 1, 3 and 2 is 2.
    for y in 0..<5 { for x in 0..<7 { #expect(abs(flat[x, y] - electrons(x, y) / 2) < 1e-4) } }
  }

  @Test("one output, or an unknown gain, changes nothing")
  func notEqualised() {
    let grid = PixelGrid<Float>(width: 7, height: 5, pixels: (0..<35).map(Float.init))
    var observation = observation
    observation.gain = nil
    #expect(BiasDarkFlat.equalised(grid, observation) == grid)
    observation.amplifiers = []
    #expect(BiasDarkFlat.equalised(grid, observation) == grid)
  }

  @Test("outputs tile the frame, or do not")
  func tiles() {
    var observation = observation
    #expect(observation.outputsTileFrame)
    observation.amplifiers[1].area.width = 3
    #expect(!observation.outputsTileFrame)
    observation.amplifiers[1].area = PixelRectangle(x: 2, y: 0, width: 5, height: 2)
    #expect(!observation.outputsTileFrame)
    observation.amplifiers = []
    #expect(observation.outputsTileFrame)
  }

  @Test("a bent response is straightened, and its slope told")
  func linearised() throws {
    var observation = observation
    observation.linearity = [1e-6, -2e-11]
    let values: [Float] = [-20, 0, 1, 1000, 20_000, 50_000, .nan]
    let grid = PixelGrid(width: 7, height: 1, pixels: values)
    let straight = BiasDarkFlat.linearised(grid, observation)
    let linearity = try #require(Linearity(observation.linearity))
    var row = values
    var slopes = [Float](repeating: 0, count: 7)
    row.withUnsafeMutableBufferPointer { row in
      slopes.withUnsafeMutableBufferPointer { slopes in
        var a = row.mutableSpan
        var b = slopes.mutableSpan
        linearity.straighten(&a, squaredSlopes: &b)
      }
    }
    for (i, value) in values.dropLast().enumerated() {
      let d = Double(value)
      // Float arithmetic on factors near 1.
      #expect(abs(Double(straight[i, 0]) - d * (1 + 1e-6 * d - 2e-11 * d * d)) <= 2e-7 * abs(d))
      #expect(row[i] == straight[i, 0])
      let slope = 1 + 2e-6 * d - 6e-11 * d * d
      #expect(abs(Double(slopes[i]) - slope * slope) < 1e-6)
    }
    #expect(straight[6, 0].isNaN)
  }

  @Test("a polynomial of zeros is none")
  func straight() {
    #expect(Linearity([]) == nil && Linearity([0, 0]) == nil)
  }
}
