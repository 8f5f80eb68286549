import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

@Suite("masters: from files")
struct MasterBuilderTests {
  /// Calibration frames as files, each of read noise 4 ADU and gain 1.5 e-/ADU.
  private final class Frames: Sendable {
    let folder: TemporaryFolder
    let width: Int
    let height: Int

    init(width: Int = 200, height: Int = 150) throws {
      folder = try TemporaryFolder()
      self.width = width
      self.height = height
    }

    /// - Parameter light: ADU at column x and row y.
    func write(
      _ name: String, _ kind: Observation.Kind, seed: UInt64, level: Double = 1000,
      light: (Int, Int) -> Double = { _, _ in 0 }
    ) throws -> ScannedFile {
      var random = SeededGenerator(seed: seed)
      var pixels: [UInt16] = []
      for y in 0..<height {
        for x in 0..<width {
          let electrons = random.poisson(max(light(x, y), 0) * 1.5)
          pixels.append(UInt16(min(max((level + electrons / 1.5 + 4 * random.normal()).rounded(), 0), 65_535)))
        }
      }
      let path = folder.path + "/" + name
      try FITSWriter.write([FITSHDU(width: width, height: height, pixels: .uint16(pixels))], to: path)
      return file(name, kind, path: path)
    }

    func file(_ name: String, _ kind: Observation.Kind, path: String) -> ScannedFile {
      var observation = Observation(file: name, kind: kind, width: width, height: height)
      observation.exposure = kind == .bias ? 0 : 5
      observation.gain = Decoded(1.5, from: .project)
      observation.readNoise = Decoded(6, from: .project)
      observation.saturation = Decoded(60_000, from: .project)
      return ScannedFile(frame: nil, observation: observation, path: path, error: nil, flags: [])
    }

    func group(_ kind: Observation.Kind, _ files: [ScannedFile]) -> CalibrationGroup {
      CalibrationGroup(
        kind: kind, exposure: kind == .dark ? 5 : 0, readout: ReadoutFormat(files[0].observation), files: files,
        fileName: kind.rawValue + ".fits")
    }
  }

  private func build(
    _ group: CalibrationGroup, _ calibration: MasterBuilder.Calibration = .init(isZeroLevelKnown: true), jobs: Int = 2,
    memory: Int = 1 << 30, method: CombinationMethod = .noise
  ) async throws -> (master: Master?, record: MasterRecord) {
    var settings = ReduceSettings()
    settings.combine = method
    return try await MasterBuilder(settings, runner: SeriesRunner(jobs: jobs), memory: memory)(
      group, calibration: calibration)
  }

  @Test("held in memory, read row by row or copied, in one job or three: the same master to the bit")
  func streaming() async throws {
    let frames = try Frames(width: 611, height: 480)
    var files = try (0..<5).map { k in
      try frames.write("\(k).fits", .bias, seed: UInt64(k)) { x, _ in x % 97 == k ? 500 : 0 }
    }
    let plain = try #require(try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false)).master)
    for (jobs, memory) in [(1, 1 << 20), (3, 1 << 20), (3, 1 << 30)] {
      let again = try #require(
        try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false), jobs: jobs, memory: memory).master)
      #expect(again.image == plain.image && again.variance == plain.variance && again.mask == plain.mask)
      #expect(again.rejected == plain.rejected)
    }
    // The image of one in an extension, that of another with fractions there: no rows of theirs are read directly.
    for (k, offset) in [(0, 0), (3, 0.25)] as [(Int, Float)] {
      let pixels = try FITSFile.readImage(path: files[k].path).image.pixels
      let path = frames.folder.path + "/extension\(k).fits"
      try FITSWriter.write(
        [
          FITSHDU(width: 0, height: 0, pixels: .uint8([])),
          FITSHDU(name: "SCI", width: 611, height: 480, pixels: .float(pixels.map { $0 + offset })),
        ], to: path)
      files[k] = frames.file("\(k).fits", .bias, path: path)
    }
    let inMemory = try #require(try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false)).master)
    let copied = try #require(
      try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false), memory: 1 << 20).master)
    #expect(copied.image == inMemory.image && copied.variance == inMemory.variance)
    #expect(copied.image != plain.image)
  }

  @Test("what cannot be trusted is left out with its reason, the rest is used")
  func leftOut() async throws {
    let frames = try Frames()
    var files = try (0..<5).map { k in
      try frames.write("b\(k).fits", .bias, seed: UInt64(k), level: 1000 + Double(k % 3))
    }
    files.append(try frames.write("light.fits", .bias, seed: 9) { x, y in 300 + Double(x + y) })
    files.append(try frames.write("full.fits", .bias, seed: 10, level: 64_000))
    files.append(frames.file("gone.fits", .bias, path: frames.folder.path + "/gone.fits"))
    var small = frames.file("small.fits", .bias, path: files[0].path)
    small.observation.trim = PixelRectangle(x: 0, y: 0, width: 100, height: 150)
    files.append(small)
    let (master, record) = try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false))
    #expect(record.files == (0..<5).map { "b\($0).fits" } && master?.frames == 5)
    #expect(record.leftOut.map(\.file).sorted() == ["full.fits", "gone.fits", "light.fits", "small.fits"])
    for (file, word) in [
      ("full", "saturated"), ("light", "exposed to light"), ("gone", "opened"), ("small", "100x150"),
    ] {
      let reason = record.leftOut.first { $0.file == file + ".fits" }?.reason ?? ""
      #expect(reason.contains(word), "\(file): \(reason)")
    }
    // 4 ADU and rounding; 30,000 pixels in four pairs.
    #expect(abs(record.readNoise - 4.01) < 0.06)
  }

  @Test("three dithered twilight flats with stars: the master under the stars is that of the lamp")
  func twilight() async throws {
    let frames = try Frames(width: 400, height: 300)
    let bias = try #require(
      try await build(
        frames.group(.bias, try (0..<9).map { try frames.write("b\($0).fits", .bias, seed: UInt64(50 + $0)) }),
        .init(isZeroLevelKnown: false)
      ).master)
    func response(_ x: Int, _ y: Int) -> Double { 1 - 0.1 * (Double(x - 200) * Double(x - 200) / 40_000) }
    var random = SeededGenerator(seed: 77)
    let stars = (0..<20).map { _ in
      (x: random.uniform(30..<370), y: random.uniform(30..<270), height: 40_000 * random.uniform() * random.uniform())
    }
    // FWHM 5 px with the wings of a Moffat profile of beta 2.5.
    func starLight(_ x: Int, _ y: Int, _ shift: Double) -> Double {
      stars.reduce(0) { sum, star in
        let (dx, dy) = (Double(x) - star.x - shift, Double(y) - star.y - shift)
        let r2 = dx * dx + dy * dy
        return r2 > 900 ? sum : sum + star.height / ((1 + r2 / 19.5) * (1 + r2 / 19.5)) / (1 + r2 / 19.5).squareRoot()
      }
    }
    let flats = try [(9000.0, -18.0), (15_000, 0), (22_000, 18)].enumerated().map { k, sky in
      try frames.write("f\(k).fits", .flat, seed: UInt64(60 + k)) { x, y in
        response(x, y) * (sky.0 + 0.3 * starLight(x, y, sky.1))
      }
    }
    let (made, record) = try await build(
      frames.group(.flat, flats), .init(bias: bias, isZeroLevelKnown: true, readNoise: 4))
    let master = try #require(made)
    #expect(record.leftOut.isEmpty && master.frames == 3)
    // The response relative to its median, that of the pixels without stars.
    let scale = Median.of((0..<300).flatMap { y in (0..<400).map { x in Double(master.image[x, y]) / response(x, y) } })
    var under: [Double] = []
    var pulls = 0.0
    var count = 0.0
    for y in 0..<300 {
      for x in 0..<400 {
        let error = Double(master.image[x, y]) / (scale * response(x, y)) - 1
        guard error.isFinite else { continue }
        let star = [-18.0, 0, 18].map { starLight(x, y, $0) }.max() ?? 0
        if star > 300 { under.append(error) }
        if star < 3 {
          pulls +=
            error * error * Double(scale * scale * response(x, y) * response(x, y)) / Double(master.variance[x, y])
          count += 1
        }
      }
    }
    // A light with a sky of 500 e- has 22 e- or 4.5 per cent of noise a pixel; 0.2 of that is 0.9 per cent.
    #expect(under.count > 3000)
    #expect(abs(under.reduce(0, +) / Double(under.count)) < 0.002)
    #expect(Median.percentile(under.map { abs($0) }, 0.99) < 0.03)
    // Away from stars the variance is true: 50,000 pixels tell its square root to 0.4 per cent, the gain in use is right.
    #expect(abs((pulls / count).squareRoot() - 1) < 0.03)
  }

  @Test("darks without bias frames keep the zero level; with them only the current is left")
  func darks() async throws {
    let frames = try Frames()
    let biases = try (0..<9).map { try frames.write("b\($0).fits", .bias, seed: UInt64($0)) }
    let bias = try #require(try await build(frames.group(.bias, biases), .init(isZeroLevelKnown: false)).master)
    let darks = try (0..<5).map { k in
      try frames.write("d\(k).fits", .dark, seed: UInt64(20 + k)) { x, y in x == 30 && y == 40 ? 4000 : 25 }
    }
    let whole = try #require(try await build(frames.group(.dark, darks), .init(isZeroLevelKnown: false)).master)
    let current = try #require(
      try await build(frames.group(.dark, darks), .init(bias: bias, isZeroLevelKnown: true, readNoise: 4)).master)
    // Medians of 800 pixels of sigma 2.6 ADU in the mean of five.
    #expect(abs(whole.level - 1025) < 0.5 && abs(current.level - 25) < 0.5)
    #expect(current.mask[30, 40] == .bad && abs(current.image[30, 40] - 4000) < 150)
    #expect(current.exposure == 5)
  }

  @Test("the written master says how it came about, whatever the files are called")
  func provenance() async throws {
    let frames = try Frames()
    let long = String(repeating: "a long name ", count: 12) + "ü'[1].fits"
    var files = try (0..<3).map { try frames.write("b\($0).fits", .bias, seed: UInt64($0)) }
    files.append(try frames.write(long, .bias, seed: 4))
    files.append(frames.file("gone.fits", .bias, path: "/nowhere.fits"))
    let (made, record) = try await build(frames.group(.bias, files), .init(isZeroLevelKnown: false))
    let master = try #require(made)
    let path = frames.folder.path + "/master.fits"
    try MasterFile.write(master, record, to: path)
    let header = try FITSFile.readHeader(path: path).header
    #expect(header.integer("NCOMBINE") == 4 && header.text("COMBMETH") == "noise" && header.number("COMBLIM") == 4)
    #expect(header.text("CREATOR") == "Elnath \(ElnathVersion.current)")
    let history = header.cards.filter { $0.key == "HISTORY" }.map(\.comment)
    #expect(history.contains("b0.fits") && history.joined().contains("?'[1].fits"))
    #expect(history.contains { $0.hasPrefix("not used: gone.fits (") })
    let again = try MasterFile.read(path)
    #expect(again.image == master.image && again.variance == master.variance && again.mask == master.mask)
  }
}
