// Masters of several nights on disk: who gets which, made once, read again to the last bit.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

/// Two nights of a small camera: both with biases and lights, flats in the first only.
private struct TwoNights {
  let project: TestFolder
  static let (width, height) = (48, 40)

  init() throws {
    project = try TestFolder()
    try project.write(
      "PROJECT.toml",
      """
      version = 1
      [input]
      files = ["night1/", "night2/"]
      camera = "generic"
      gain = 1.5
      read_noise = 6
      saturation = 60000
      latitude = 32
      longitude = 0
      """)
    for night in [1, 2] {
      for n in 1...3 {
        try write("night\(night)/bias\(n).fits", "Bias Frame", night: night, minute: n, exposure: 0, light: 0)
        try write("night\(night)/light\(n).fits", "Light Frame", night: night, minute: 30 + n, exposure: 60, light: 300)
      }
    }
    for n in 1...3 {
      try write("night1/flat\(n).fits", "Flat Field", night: 1, minute: 10 + n, exposure: 5, light: 20_000)
    }
  }

  /// A frame with noise of its own, 1010 ADU in the dark in the first night and 1020 in the second, and `light` ADU above
  /// that, in the left half 20 per cent less.
  func write(
    _ name: String, _ kind: String, night: Int, minute: Int, exposure: Double, light: Int
  ) throws {
    let path = project.folder.absolute(name)
    try FileManager.default.createDirectory(
      atPath: ProjectFolder.split(path).folder, withIntermediateDirectories: true)
    var random = SeededGenerator(seed: UInt64(night * 1000 + minute))
    let pixels = (0..<(Self.width * Self.height)).map { pixel in
      let response = pixel % Self.width < Self.width / 2 ? 0.8 : 1.0
      let electrons = Double(light) * response
      let noise = (16 + electrons / 1.5).squareRoot() * random.normal()
      return UInt16(clamping: Int((Double(1000 + 10 * night) + electrons + noise).rounded()))
    }
    let cards = FITSHeader(lines: [
      "IMAGETYP= '\(kind)'", "EXPTIME = \(exposure)", "FILTER  = 'R'",
      "DATE-OBS= '2020-01-\(17 + night)T22:\(minute < 10 ? "0" : "")\(minute):00'",
    ]).cards
    try FITSWriter.write(
      [FITSHDU(width: Self.width, height: Self.height, pixels: .uint16(pixels), cards: cards)], to: path)
  }

  func open() throws -> Workspace { try Workspace.quiet(project.folder.absolute("PROJECT.toml")) }

  func bytes(_ name: String) throws -> [UInt8] {
    try FileBytes.read(project.folder.absolute("elnath-out/" + name))
  }
}

/// All that a light frame is calibrated with, as numbers that differ where any bit does.
private func content(_ masters: Masters) -> [[UInt32]] {
  let flats = masters.flats.values.flatMap { flat in
    [flat.inverse.pixels, flat.relativeVariance.pixels].map { $0.map(\.bitPattern) }
      + [flat.mask.pixels.map { UInt32($0.rawValue) }]
  }
  let others = ([masters.bias].compactMap { $0 } + masters.darks).flatMap { master in
    [
      master.image.pixels.map(\.bitPattern), master.variance.pixels.map(\.bitPattern),
      master.mask.pixels.map { UInt32($0.rawValue) },
      [
        UInt32(master.frames), UInt32(master.rejected), Float(master.exposure).bitPattern,
        Float(master.level).bitPattern, Float(master.meanVariance).bitPattern,
      ],
    ]
  }
  return flats + others
}

@Suite struct MasterLibraryTests {
  @Test func everyLightGetsTheMastersOfItsNightOrBorrowsThem() async throws {
    let nights = try TwoNights()
    let workspace = try nights.open()
    let library = try await workspace.masters()
    #expect(
      library.records.map(\.fileName) == ["bias_2020-01-18.fits", "bias_2020-01-19.fits", "flat_R.fits"])
    #expect(library.records.map(\.frames) == [3, 3, 3])
    let masters = try workspace.lights.map { try library.masters(for: $0.observation) }
    // Noise of 4 ADU over three frames, and every 37th of 1920 pixels: the median is good to 0.4 ADU.
    let levels = masters.compactMap(\.bias?.level)
    #expect(levels.count == 6 && zip(levels, [1010, 1010, 1010, 1020, 1020, 1020]).allSatisfy { abs($0 - $1) < 2 })
    #expect(masters.allSatisfy { $0.flats.keys.sorted() == ["R"] && $0.darks.isEmpty })
    #expect(library.remarks.warnings.contains { $0.hasPrefix("flat_R for the night of 2020-01-19: borrowed") })
    let rows = try String(decoding: nights.bytes("calibration.csv"), as: UTF8.self).split(separator: "\n")
    #expect(rows[1] == "1,night1/light1.fits,bias_2020-01-18.fits,,,flat_R.fits,")
    #expect(rows[4] == "4,night2/light1.fits,bias_2020-01-19.fits,,,flat_R.fits,flat of 2020-01-18")
  }

  @Test func mastersAreMadeOnceAndReadAgainToTheLastBit() async throws {
    let nights = try TwoNights()
    let products =
      ["masters.csv", "calibration.csv", "masters/keys.txt"]
      + ["bias_2020-01-18", "flat_R"].map {
        "masters/\($0).fits"
      }
    // One workspace at a time: each has its folder for itself.
    func look() async throws -> (made: Set<String>, content: [[[UInt32]]], bytes: [[UInt8]]) {
      let workspace = try nights.open()
      let library = try await workspace.masters()
      let masters = try workspace.lights.map { content(try library.masters(for: $0.observation)) }
      return (library.made, masters, try products.map(nights.bytes))
    }
    let first = try await look()
    let second = try await look()
    #expect(first.made.count == 3 && second.made.isEmpty)
    #expect(first.content == second.content)
    #expect(first.bytes == second.bytes)

    // A master that somebody changed is made again, and nothing else.
    let path = nights.project.folder.absolute("elnath-out/masters/flat_R.fits")
    var bytes = try nights.bytes("masters/flat_R.fits")
    bytes[6000] ^= 1
    try Data(bytes).write(to: URL(filePath: path))
    let third = try await look()
    #expect(third.made == ["flat_R.fits"] && third.bytes == first.bytes)

    // Another bias goes into the flat as well; the other night is left alone.
    try nights.write("night1/bias2.fits", "Bias Frame", night: 1, minute: 7, exposure: 0, light: 0)
    let fourth = try await look()
    #expect(fourth.made == ["bias_2020-01-18.fits", "flat_R.fits"])
    #expect(fourth.bytes != first.bytes)
  }

  @Test func anotherSettingMakesAllMastersAgain() async throws {
    let nights = try TwoNights()
    _ = try await nights.open().masters()
    let toml = try String(contentsOf: URL(filePath: nights.project.folder.absolute("PROJECT.toml")), encoding: .utf8)
    try nights.project.write("PROJECT.toml", toml + "\n[reduce]\nreject_limit = 5.0\n")
    #expect(try await nights.open().masters().made.count == 3)
    // What is no longer made goes; what somebody else put there stays.
    try nights.project.write("elnath-out/masters/mine.fits", "mine")
    try nights.project.write("PROJECT.toml", toml + "\n[reduce]\nflat = false\n")
    _ = try await nights.open().masters()
    // The map of bad pixels is made of the masters and no master itself.
    let left = try FileManager.default.contentsOfDirectory(
      atPath: nights.project.folder.absolute("elnath-out/masters"))
    #expect(
      left.filter { $0 != "bad_pixels.fits" }.sorted() == [
        "bias_2020-01-18.fits", "bias_2020-01-19.fits", "keys.txt", "mine.fits",
      ])
  }

  @Test func aNightWhoseFlatsAreAllSpoiltBorrows() async throws {
    let nights = try TwoNights()
    for n in 1...3 {
      try nights.write("night2/flat\(n).fits", "Flat Field", night: 2, minute: 10 + n, exposure: 5, light: 65_535)
    }
    let workspace = try nights.open()
    let library = try await workspace.masters()
    let spoilt = try #require(library.records.first { $0.fileName == "flat_R_2020-01-19.fits" })
    #expect(spoilt.frames == 0 && !spoilt.remarks.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: workspace.output + "/masters/flat_R_2020-01-19.fits"))
    let rows = try String(decoding: nights.bytes("calibration.csv"), as: UTF8.self).split(separator: "\n")
    #expect(rows[4].hasSuffix(",flat_R_2020-01-18.fits,flat of 2020-01-18"))
    #expect(try library.masters(for: workspace.lights[5].observation).flats["R"] != nil)
  }

  /// However many masters there are, only about what is asked for stays in memory; all of it comes again as it was.
  @Test func aSmallShelfGivesTheSameMasters() async throws {
    let nights = try TwoNights()
    let workspace = try nights.open()
    let library = try await workspace.masters()
    let shelf = MasterShelf(folder: workspace.output + "/masters", memory: 0)
    let wide = MasterShelf(folder: workspace.output + "/masters", memory: 1 << 30)
    let names = library.records.map(\.fileName)
    for _ in 1...3 {
      for name in names.filter({ $0.hasPrefix("bias") }) {
        #expect(
          content(Masters(bias: try shelf.master(name))) == content(Masters(bias: try wide.master(name))))
      }
      let flats = (try shelf.flat("flat_R.fits"), try wide.flat("flat_R.fits"))
      #expect(content(Masters(flats: ["R": flats.0])) == content(Masters(flats: ["R": flats.1])))
    }
    // What is in memory is not read again, in whichever form it was asked for first.
    _ = try wide.master("flat_R.fits")
    for name in names { try FileManager.default.removeItem(atPath: workspace.output + "/masters/" + name) }
    for name in names { _ = try wide.master(name) }
    _ = try wide.flat("flat_R.fits")
    let gone = #expect(throws: PipelineError.self) { try shelf.master("none.fits") }
    #expect(gone?.subject.hasSuffix("none.fits") == true)
  }
}
