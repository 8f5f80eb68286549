// Medians of clipped integers: Tests/Fixtures/stack/make.py with astropy 8.0.2, numpy 2.4.6.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import Logging
import Testing

@testable import ElnathPipeline

@Suite("stack of bare frames")
struct StackStageTests {
  private static var quiet: Logger {
    var log = Logger(label: "elnath")
    log.logLevel = .critical
    return log
  }

  private static func stack(
    _ files: [String], to path: String, jobs: Int = 1, memory: Int? = nil,
    _ change: (inout BareStack) -> Void = { _ in }
  ) async throws -> BareStack.Outcome {
    var stack = BareStack(jobs: jobs, memory: memory, log: quiet)
    change(&stack)
    return try await stack(files: files, catalog: packageCatalog(), to: path)
  }

  private static func write(
    _ pixels: [UInt16], width: Int, height: Int, second: Int, to path: String
  ) throws {
    let cards = [
      HeaderCard("DATE-OBS", .text("2020-01-19T04:10:\(second < 10 ? "0" : "")\(second)"), ""),
      HeaderCard("EXPTIME", .real(10), ""),
    ]
    try FITSWriter.write(
      [FITSHDU(width: width, height: height, pixels: .uint16(pixels), cards: cards)], to: path)
  }

  /// The frames of the fixture, and what astropy makes of them.
  private struct Reference {
    let width = 13
    let height = 17
    let frames = 24
    var values: [[UInt16]]
    var median: [Float] = []
    var rejected: [UInt16] = []

    init() throws {
      values = Array(repeating: [], count: frames)
      let text = try FileBytes.text(of: packageFolder.absolute("Tests/Fixtures/stack/astropy.csv"))
      for line in text.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",").compactMap { Double($0) }
        try #require(cells.count == frames + 2)
        for k in 0..<frames { values[k].append(UInt16(cells[k])) }
        median.append(Float(cells[frames]))
        rejected.append(UInt16(cells[frames + 1]))
      }
    }
  }

  @Test("every pixel is that of astropy, with one job or three, in any memory")
  func astropy() async throws {
    let reference = try Reference()
    let folder = try TemporaryFolder()
    var files: [String] = []
    for (k, pixels) in reference.values.enumerated() {
      files.append("\(folder.path)/\(k).fits")
      try Self.write(pixels, width: reference.width, height: reference.height, second: 2 * k, to: files[k])
    }
    let outcome = try await Self.stack(files, to: folder.path + "/a.fits")
    #expect(outcome.used == reference.frames && outcome.leftOut.isEmpty)
    let planes = try FITSFile.readPlanes(path: folder.path + "/a.fits")
    #expect(planes.map(\.name) == ["", "VARIANCE", "COVERAGE", "REJECTED"])
    #expect(planes[0].image.pixels == reference.median)
    #expect(planes[1].header.number("VARCORR") == 1)
    #expect(planes[2].image.pixels.allSatisfy { $0 == Float(reference.frames) })
    #expect(planes[3].image.pixels == reference.rejected.map { Float($0) })
    // Frames of 10 s, begun every 2 s.
    let header = planes[0].header
    #expect(header.integer("N_FRAMES") == reference.frames)
    #expect(header.text("DATE-BEG") == "2020-01-19T04:10:00.000")
    #expect(header.text("DATE-END") == "2020-01-19T04:10:56.000")
    // 28 s after the start; a Julian date resolves 0.04 ms.
    #expect(abs((header.number("MJD-AVG") ?? 0) - (58867 + (4.0 * 3600 + 10 * 60 + 28) / 86_400)) < 1e-9)

    _ = try await Self.stack(files, to: folder.path + "/b.fits", jobs: 3, memory: 1)
    #expect(folder.bytes("a.fits") == folder.bytes("b.fits"))
  }

  @Test("an unreadable frame and one of another size are left out and named")
  func leftOut() async throws {
    let folder = try TemporaryFolder()
    for k in 0..<4 {
      try Self.write(
        [UInt16](repeating: UInt16(100 + k), count: 35), width: k == 3 ? 5 : 7, height: k == 3 ? 7 : 5, second: k,
        to: "\(folder.path)/\(k).fits")
    }
    try folder.write("broken.fits", "no image")
    let names = ["0", "1", "2", "3", "broken"].map { "\(folder.path)/\($0).fits" }
    let outcome = try await Self.stack(names, to: folder.path + "/out.fits") { $0.settings.reject = .none }
    #expect(outcome.used == 3)
    #expect(outcome.leftOut.count == 2)
    #expect(outcome.leftOut.contains { $0.file.hasSuffix("3.fits") && $0.reason.contains("5x7") })
    let planes = try FITSFile.readPlanes(path: folder.path + "/out.fits")
    #expect(planes[0].image.pixels.allSatisfy { $0 == 101 })
    #expect(folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test("shifted frames are brought onto one another, each with its sky and its clouds")
  func registered() async throws {
    let folder = try TemporaryFolder()
    let (width, height) = (200, 180)
    var random = SeededGenerator(seed: 41)
    let stars = (0..<40).map { _ in
      (x: 12 + 176 * random.uniform(), y: 12 + 156 * random.uniform(), light: 3000 + 20_000 * random.uniform())
    }
    let shifts = [(0.0, 0.0), (3.4, -2.2), (-4.7, 5.1), (1.5, 2.5), (-2.25, -3.75)]
    let clear = [1.0, 0.8, 0.9, 1, 0.7]
    var files: [String] = []
    for (k, shift) in shifts.enumerated() {
      var light = [Double](repeating: 400 + 150 * Double(k), count: width * height)
      for star in stars {
        let (cx, cy) = (star.x + shift.0, star.y + shift.1)
        for y in max(0, Int(cy) - 9)...min(height - 1, Int(cy) + 9) {
          for x in max(0, Int(cx) - 9)...min(width - 1, Int(cx) + 9) {
            let d2 = (Double(x) - cx) * (Double(x) - cx) + (Double(y) - cy) * (Double(y) - cy)
            light[y * width + x] += clear[k] * star.light / (2 * .pi * 2.25) * Self.exponential(-d2 / 4.5)
          }
        }
      }
      let pixels = light.map { UInt16(max(0, ($0 + $0.squareRoot() * random.normal()).rounded())) }
      files.append("\(folder.path)/\(k).fits")
      try Self.write(pixels, width: width, height: height, second: 10 * k, to: files[k])
    }
    let outcome = try await Self.stack(files, to: folder.path + "/out.fits") { $0.alignment = .auto }
    #expect(outcome.used == shifts.count)
    let planes = try FITSFile.readPlanes(path: folder.path + "/out.fits")
    let sky = planes[0].image.pixels.sorted()[width * height / 2]
    // Of frames that do not lie on one another the median would hold no star at all.
    let peaks = planes[0].image.pixels.count { $0 > sky + 400 }
    #expect(peaks > 100 && peaks < 1200)
    // Sums over pixels correlate by what bilinear interpolation does at five places, the reference's being whole.
    let correlation = try #require(planes[1].header.number("VARCORR"))
    #expect((1.3...2.25).contains(correlation))
    #expect(planes[1].header.text("VARFROM") == "scatter")
    // Edges that only some frames cover are in the coverage.
    let coverage = planes[2].image.pixels
    #expect(coverage.contains { $0 < 5 } && coverage.count { $0 == 5 } > coverage.count / 2)
  }

  @Test("where sky and model contradict each other the variances take the noise of the sky")
  func measuredNoise() async throws {
    let (width, height, count) = (40, 30, 4)
    let values = PixelGrid<Float>(width: width, height: height, repeating: 10)
    var variances = PixelGrid<Float>(width: width, height: height, repeating: 400)
    variances.set(20, 10, 2400)
    var inputs = (0..<count).map { k -> StackInput in
      let observation = Observation(file: "\(k).fits", kind: .light, width: width, height: height)
      // Each is brought to twice its light.
      return StackInput(
        observation: observation, rows: .held(values), variances: .held(variances), factor: 2,
        frame: .measured(weight: 1.0 / 1600))
    }
    let trusted = inputs.takeMeasuredNoise([SkyNoise](repeating: SkyNoise(expected: 400, ratio: 1.2), count: count))
    #expect(trusted == nil && inputs[0].skyNoise == nil)
    // The third was not measured: it takes what is usual.
    let ratio = inputs.takeMeasuredNoise([0.25, 0.25, nil, 0.25].map { $0.map { SkyNoise(expected: 400, ratio: $0) } })
    #expect(ratio == 0.25)
    let stage = StackStage(
      rule: StackRule(.noise, .weighted, low: 4, high: 4), kernel: .bilinear, runner: SeriesRunner(jobs: 1),
      memory: 1 << 24)
    let stack = try await stage(inputs, width: width, height: height)
    #expect(stack.image.pixels.allSatisfy { $0 == 20 })
    // 100 e-^2 instead of 400, four times that for twice the light, of four frames: 100; with the light of the star.
    #expect(abs(stack.variance[5, 5] - 100) < 1e-3)
    #expect(abs(stack.variance[20, 10] - 2100) < 1e-2)
    #expect(stack.correlation == 1)
  }

  private static func exponential(_ x: Double) -> Double {
    let t = x / 4096
    var value = 1 + t * (1 + t / 2 * (1 + t / 3))
    for _ in 0..<12 { value *= value }
    return value
  }
}
