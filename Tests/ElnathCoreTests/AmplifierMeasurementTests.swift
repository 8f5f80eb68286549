import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite("dark current, bias level and pattern, overscan")
struct AmplifierMeasurementTests {
  @Test("dark current and hot pixels are recovered, errors are true")
  func darkCurrent() throws {
    var pulls: [Double] = []
    for seed in 0..<20 {
      var amplifier = SyntheticAmplifier(seed: UInt64(100 + seed))
      amplifier.darkCurrent = 0.2
      amplifier.hotPixels = 300
      amplifier.drift = 1
      let seen = try PhotonTransferTests.measure(amplifier, darks: 3)
      let dark = try #require(seen.dark)
      pulls.append((dark.rate.value - 0.2 / 1.3) / dark.rate.error)
      // 20 e-/s and more for 100 s stand out by hundreds of standard deviations; some places are drawn twice.
      #expect(abs(dark.hotFraction.value * 65_536 / 300 - 1) < 0.03 && dark.hotFraction.count == 2)
    }
    let mean = pulls.reduce(0, +) / 20
    let sigma = (pulls.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19).squareRoot()
    // The level comes from nine readouts that drift by 1 ADU each: errors from three and six of them follow Student's
    // distribution, whose scatter is larger; the mean of 20 is good to 0.25.
    #expect(abs(mean) < 0.8, "\(mean)")
    #expect((0.6...1.7).contains(sigma), "\(sigma)")
  }

  @Test("the clipped level of a dark is known to the drift of the bias")
  func darkWithOverscan() throws {
    var amplifier = SyntheticAmplifier(seed: 120)
    amplifier.darkCurrent = 0.05
    amplifier.overscanColumns = 24
    amplifier.drift = 20
    let dark = try #require(try PhotonTransferTests.measure(amplifier, darks: 3).dark)
    // Three overscan levels of 24 x 256 pixels of 5.6 ADU, and six of the biases: 0.05 ADU in 100 s.
    #expect(abs(dark.rate.value - 0.05 / 1.3) < 0.0015, "\(dark.rate)")
  }

  @Test("rows and columns of the bias that stand out are told from noise")
  func structure() throws {
    var amplifier = SyntheticAmplifier(seed: 130)
    let flat = try PhotonTransferTests.measure(amplifier)
    // Means of 256 pixels of 5.6 ADU scatter by 0.35 ADU; what two frames share of that is 0.09 at one standard error.
    #expect(flat.structure.rows.value < 0.2 && flat.structure.columns.value < 0.2, "\(flat.structure)")
    amplifier.rowPattern = 1
    amplifier.columnPattern = 3
    let seen = try PhotonTransferTests.measure(amplifier)
    // The scatter of 256 lines is itself known to 4.4 per cent.
    #expect(abs(seen.structure.rows.value - 1) < 0.18, "\(seen.structure)")
    #expect(abs(seen.structure.columns.value - 3) < 0.45, "\(seen.structure)")
    // Noise is told with the pattern in it as without.
    #expect(abs(seen.readNoise.value / 5.623 - 1) < 0.01)
    #expect(abs(seen.biasLevel.value - 1000) < 1)
  }

  @Test("damaged columns do not change what the overscan says of the noise", arguments: [0, 65_535] as [Float])
  func damagedOverscan(value: Float) throws {
    var amplifier = SyntheticAmplifier(seed: 140)
    amplifier.overscanColumns = 24
    let frame = amplifier.frame(0)
    let section = try #require(frame.observation.overscan)
    var damaged = frame.adu
    for y in 0..<256 { for x in 272..<280 { damaged.set(x, y, value) } }
    let whole = OverscanNoise.noise([OverscanNoise.variances(of: frame.adu.cropped(to: section), step: 1)])
    let rest = OverscanNoise.noise([OverscanNoise.variances(of: damaged.cropped(to: section), step: 1)])
    // Sixteen columns of 256 pixels are left: 1.1 per cent.
    #expect(abs(rest.value / whole.value - 1) < 0.025 && abs(rest.value / 5.623 - 1) < 0.035)
  }

  @Test("the step of a converter is what divides all differences")
  func steps() {
    func step(_ pixels: [Float]) -> Double {
      let grid = PixelGrid(width: pixels.count, height: 1, pixels: pixels)
      return DigitisationStep.of(
        RawFrame(observation: Observation(file: "", width: pixels.count, height: 1), adu: grid))
    }
    #expect(step([100, 116, 148, .nan, 4]) == 16)
    #expect(step([7, 8, 11]) == 1)
    #expect(step([7, 8.5, 11]) == 0)
    #expect(step([7, 7, 7]) == 0)
    #expect(step([]) == 0 && step([.nan, .infinity]) == 0)
  }

  @Test("the scatter of a box about its plane is unbiased, with outliers too", arguments: [0, 5])
  func boxScatter(outliers: Int) throws {
    var random = SeededGenerator(seed: 150)
    var scatter = BoxScatter(limit: 3.5)
    var sum = 0.0
    for _ in 0..<2000 {
      var values = (0..<256).map { place -> Float in
        let plane = 0.5 * Double(place % 16) - 0.2 * Double(place / 16)
        return Float(4 * random.normal() + plane)
      }
      for _ in 0..<outliers { values[Int(random.next() % 256)] = Float(random.uniform(60..<1000)) }
      sum += try #require(values.withUnsafeMutableBufferPointer { scatter($0, columns: 16) }).variance
    }
    // 2000 boxes of 256 know a variance to 0.2 per cent; the window that follows its own values costs another 0.2.
    #expect(abs(sum / 2000 / 16 - 1) < 0.008, "\(sum / 2000)")
  }

  @Test("an amplifier that is too small tells nothing, and nothing breaks")
  func tooSmall() {
    #expect(SampleBoxes(area: PixelRectangle(x: 0, y: 0, width: 63, height: 400)) == nil)
    let nothing = AmplifierMeasurement(
      boxes: nil, biases: [], flats: [], pairs: [], darks: [], darkExposure: .nan, saturation: 60_000)
    #expect(!nothing.gain.isKnown && !nothing.readNoise.isKnown && !nothing.biasLevel.isKnown && nothing.dark == nil)
  }

  @Test(
    "boxes lie inside their area and hold every phase alike", arguments: [(64, 64), (96, 80), (257, 300), (2048, 2056)])
  func boxes(size: (Int, Int)) throws {
    let area = PixelRectangle(x: 5, y: 7, width: size.0, height: size.1)
    let boxes = try #require(SampleBoxes(area: area))
    #expect(boxes.boxes.count >= 64 && boxes.boxes.allSatisfy { $0.count >= 64 })
    for box in boxes.boxes {
      #expect(box.x >= area.x && box.x + 2 * (box.columns - 1) < area.x + area.width)
      #expect(box.y >= area.y && box.y + 2 * (box.rows - 1) < area.y + area.height)
    }
    #expect(Set((0..<4).map { phase in boxes.boxes.count { $0.phase == phase } }).count == 1)
    #expect(boxes.boxes.last.map { $0.range.upperBound } == boxes.count)
  }
}
