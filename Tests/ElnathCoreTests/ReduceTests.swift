import ElnathCore
import Testing

@Suite("reduce: raw ADU to electrons")
struct ReduceTests {
  /// A frame of 40 x 30 sky pixels behind 8 overscan columns, with a level that drifts along the rows.
  private func rawFrame(
    bias: Double = 1000, slope: Double = 0.05, light: Double, exposure: Double = 10, seed: UInt64, gain: Double = 2,
    readNoise: Double = 6, response: (Int, Int) -> Double = { _, _ in 1 }
  ) -> RawFrame {
    var random = SeededGenerator(seed: seed)
    var adu = PixelGrid<Float>(width: 48, height: 30, repeating: 0)
    for y in 0..<30 {
      for x in 0..<48 {
        let level = bias + slope * Double(y)
        let electrons = x < 40 ? random.poisson(light * response(x, y)) : 0
        adu.set(x, y, Float((level + (electrons + readNoise * random.normal()) / gain).rounded()))
      }
    }
    var observation = Observation(file: "frame.fits", kind: .light, width: 48, height: 30)
    observation.trim = PixelRectangle(x: 0, y: 0, width: 40, height: 30)
    observation.overscan = PixelRectangle(x: 40, y: 0, width: 8, height: 30)
    observation.exposure = exposure
    observation.filter = "R"
    return RawFrame(observation: observation, adu: adu)
  }

  private let detector = BiasDarkFlat.Detector(gain: 2, readNoise: 6, saturation: 60000)

  @Test("overscan follows a drift along the rows and leaves damaged columns out")
  func overscanDrift() throws {
    var raw = rawFrame(light: 0, seed: 1)
    for y in 0..<30 { raw.adu.set(40, y, 5000) }
    let section = try #require(raw.observation.overscan)
    let level = try #require(Overscan(order: 1)(raw.adu, section: section))
    #expect(level.alongRows)
    // 7 columns x 30 rows of sigma 3.01 ADU: the line is known to about 0.2 ADU at its mean, twice that at its ends.
    #expect(abs(Double(level.values[0]) - 1000) < 1.6)
    #expect(abs(Double(level.values[29]) - 1001.45) < 1.6)
    // Read noise 3 ADU and rounding 0.29 ADU; 210 pixels know it to 5 per cent.
    #expect(abs(level.sigma - 3.01) < 0.5)
  }

  @Test("overscan rows give one level for each column")
  func overscanRows() throws {
    var adu = PixelGrid<Float>(width: 50, height: 20, repeating: 100)
    for y in 15..<20 { for x in 0..<50 { adu.set(x, y, 300) } }
    let level = try #require(Overscan(order: 0)(adu, section: PixelRectangle(x: 0, y: 15, width: 50, height: 5)))
    #expect(!level.alongRows)
    #expect(level.values.count == 50 && level.values.allSatisfy { $0 == 300 })
  }

  @Test("a master of five frames rejects a lone outlier")
  func loneOutlier() {
    var frames = (0..<5).map { _ in PixelGrid<Float>(width: 3, height: 2, repeating: 100) }
    frames[3].set(1, 1, 900)
    frames[0].set(2, 0, .nan)
    let master = MasterCombination(limit: 4)(frames, noise: .init(constant: 9, linear: 0))
    #expect(master.image[1, 1] == 100)
    #expect(master.rejected == 1)
    #expect(master.image[2, 0] == 100)
    // Variance of a mean of four values of variance 9.
    #expect(master.variance[2, 0] == 2.25)
  }

  @Test("a pixel that no frame covers is NaN and masked, never zero")
  func uncovered() {
    let frames = (0..<3).map { _ in PixelGrid<Float>(width: 2, height: 1, pixels: [.nan, 5]) }
    let master = MasterCombination()(frames, noise: .init(constant: 1, linear: 0))
    #expect(master.image[0, 0].isNaN && master.mask[0, 0] == .noData)
    #expect(master.image[1, 0] == 5 && master.mask[1, 0] == [])
  }

  @Test("sorting network sorts every column", arguments: 1...40)
  func sorting(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    var rows = (0..<(count * 5)).map { _ in Float(Int(random.uniform() * 20)) }
    let before = rows
    SortingNetwork(count: count).sort(&rows, width: 5)
    for column in 0..<5 {
      let given = (0..<count).map { before[$0 * 5 + column] }.sorted()
      #expect((0..<count).map { rows[$0 * 5 + column] } == given)
    }
  }

  @Test("a zero, negative or NaN flat pixel is masked and never makes an infinite value")
  func badFlatPixels() throws {
    var response = PixelGrid<Float>(width: 40, height: 30, repeating: 1)
    response.set(3, 4, 0)
    response.set(5, 6, -0.2)
    response.set(7, 8, .nan)
    response.set(20, 20, 0.4)
    var flat = Master(
      image: response, variance: PixelGrid(width: 40, height: 30, repeating: 1e-6),
      mask: PixelGrid(width: 40, height: 30, repeating: []), frames: 5, rejected: 0)
    BadPixels.mark(inFlat: &flat)
    let reduction = BiasDarkFlat(masters: Masters(flats: ["R": FlatField(response: flat)]))
    let frame = try #require(reduction(rawFrame(light: 50, seed: 3), detector: detector))
    for (x, y) in [(3, 4), (5, 6), (7, 8), (20, 20)] { #expect(frame.image.mask[x, y] == .bad) }
    let marked = (0..<30).flatMap { y in (0..<40).filter { frame.image.mask[$0, y] != [] } }
    #expect(marked.count == 4)
    #expect((0..<30).allSatisfy { y in (0..<40).allSatisfy { frame.image.image[$0, y].isFinite } })
  }

  @Test("saturated and missing pixels carry their mask")
  func masks() throws {
    var raw = rawFrame(light: 10, seed: 4)
    raw.adu.set(2, 3, 60000)
    raw.adu.set(4, 5, .nan)
    let frame = try #require(BiasDarkFlat(masters: Masters())(raw, detector: detector))
    #expect(frame.image.mask[2, 3] == .saturated)
    #expect(frame.image.mask[4, 5] == .noData && frame.image.image[4, 5].isNaN)
    #expect(frame.adu[2, 3] == 60000)
  }

  @Test("masters of another size are refused")
  func otherSize() {
    let bias = MasterCombination()(
      [PixelGrid(width: 48, height: 30, repeating: 1)], noise: .init(constant: 1, linear: 0))
    #expect(BiasDarkFlat(masters: Masters(bias: bias))(rawFrame(light: 1, seed: 5), detector: detector) == nil)
  }

  @Test("the dark is scaled by exposure only when it holds no bias")
  func darkScaling() throws {
    let dark = MasterCombination()(
      [PixelGrid(width: 40, height: 30, repeating: 20)], noise: .init(constant: 1, linear: 0), exposure: 20)
    let scaled = Masters(darks: [dark])
    #expect(scaled.dark(forExposure: 10)?.scale == 0.5)
    let fixed = Masters(darks: [dark], darksContainBias: true)
    #expect(fixed.dark(forExposure: 10) == nil)
    #expect(fixed.dark(forExposure: 20)?.scale == 1)
    #expect(scaled.dark(forExposure: .nan) == nil)
  }

  @Test("electrons are unbiased and the variance plane is true, with overscan and a flat")
  func variancePlane() throws {
    let shape: (Int, Int) -> Double = { x, y in 1 + 0.2 * Double(x - 20) / 20 - 0.1 * Double(y - 15) / 15 }
    var response = PixelGrid<Float>(width: 40, height: 30, repeating: 1)
    for y in 0..<30 { for x in 0..<40 { response.set(x, y, Float(shape(x, y))) } }
    let flat = Master(
      image: response, variance: PixelGrid(width: 40, height: 30, repeating: 0),
      mask: PixelGrid(width: 40, height: 30, repeating: []), frames: 1, rejected: 0)
    let reduction = BiasDarkFlat(masters: Masters(flats: ["R": FlatField(response: flat)]))
    var sum = 0.0
    var squares = 0.0
    var count = 0.0
    for seed in 0..<20 {
      let raw = rawFrame(light: 400, seed: UInt64(100 + seed), response: shape)
      let frame = try #require(reduction(raw, detector: detector))
      for y in 0..<30 {
        for x in 0..<40 {
          let pull = Double(frame.image.image[x, y] - 400) / Double(frame.image.variance[x, y]).squareRoot()
          sum += pull
          squares += pull * pull
          count += 1
        }
      }
    }
    let mean = sum / count
    let sigma = (squares / count - mean * mean).squareRoot()
    // 24,000 pulls: sigma known to 0.5 per cent. The overscan level adds 4 e-^2 / 24 to 440 e-^2 in common, which
    // moves the mean of 20 frames by up to 0.02; the estimated variance correlates with the value: another -0.03.
    #expect(abs(mean) < 0.06)
    #expect(abs(sigma - 1) < 0.02)
  }

  @Test(
    "sections of headers",
    arguments: [
      ("[1:1024,1:1056]", PixelRectangle(x: 0, y: 0, width: 1024, height: 1056)),
      (" [ 1025:1056 , 1:1024 ] ", PixelRectangle(x: 1024, y: 0, width: 32, height: 1024)),
      ("[10:1,5:5]", PixelRectangle(x: 0, y: 4, width: 10, height: 1)),
    ])
  func sections(text: String, expected: PixelRectangle) {
    #expect(PixelRectangle(section: text) == expected)
  }

  @Test("texts that are no sections", arguments: ["", "[1:2]", "[a:b,1:2]", "[0:5,1:2]", "1:2,3:4", "[1:2,3:4,5:6]"])
  func notSections(text: String) {
    #expect(PixelRectangle(section: text) == nil)
  }
}
