import ElnathCore
import ElnathFITS
import Testing

@testable import ElnathPipeline

/// A detector of 40 x 30 pixels read through four outputs at its corners, each an image of its own with its overscan,
/// in the order in which the output reads: as mosaic cameras write them.
private struct FourOutputs {
  static let (columns, rows, strip) = (20, 15, 6)
  static let gains = [1.5, 2, 2.5, 3.1]
  static let noises = [4.0, 5, 6, 7]
  var binning = 1
  /// Pixels of the detector between the left and the right outputs.
  var gap = 0
  var placed = true

  /// Electrons of the sky, one number for each pixel of the detector.
  static func electrons(_ x: Int, _ y: Int) -> Double { Double(1000 + 31 * x + 17 * y + x * y % 7) }
  /// ADU of the zero level: drifts along the rows of each output, in the order of its reading.
  static func level(_ output: Int, line: Int) -> Double { Double(300 + 100 * output) + 0.5 * Double(line) }

  func write(_ name: String, to folder: TestFolder) throws {
    var units = [
      FITSHDU(
        width: 0, height: 0, pixels: .uint8([]),
        cards: FITSHeader(lines: [
          "DATE-OBS= '2020-01-19T05:00:00'", "EXPTIME = 60.0", "FILTER  = 'R'", "SATURATE= 60000",
          "CCDSUM  = '\(binning) \(binning)'",
        ]).cards)
    ]
    for output in 0..<4 {
      let (right, upper) = (output % 2, output / 2)
      var pixels: [Float] = []
      for line in 0..<Self.rows {
        for k in 0..<(Self.columns + Self.strip) {
          // In the order of reading: outwards in, the overscan last.
          let x = right == 1 ? 2 * Self.columns - 1 - k : k
          let y = upper == 1 ? 2 * Self.rows - 1 - line : line
          let light = k < Self.columns ? Self.electrons(x, y) / Self.gains[output] : 0
          pixels.append(Float(light + Self.level(output, line: line)))
        }
      }
      let (width, height) = (Self.columns * binning, Self.rows * binning)
      let x = right == 1 ? "\(2 * width + gap):\(width + gap + 1)" : "1:\(width)"
      let y = upper == 1 ? "\(2 * height):\(height + 1)" : "1:\(height)"
      var lines = [
        "DATASEC = '[1:\(Self.columns),1:\(Self.rows)]'",
        "BIASSEC = '[\(Self.columns + 1):\(Self.columns + Self.strip),1:\(Self.rows)]'",
        "GAIN    = \(Self.gains[output])", "RDNOISE = \(Self.noises[output])",
      ]
      if placed { lines.append("DETSEC  = '[\(x),\(y)]'") }
      units.append(
        FITSHDU(
          name: "im\(output + 1)", width: Self.columns + Self.strip, height: Self.rows, pixels: .float(pixels),
          cards: FITSHeader(lines: lines).cards))
    }
    try FITSWriter.write(units, to: folder.folder.absolute(name))
  }
}

@Suite struct AssembledFrameTests {
  private static func scan(
    _ project: TestFolder, _ change: (inout InputSettings) -> Void = { _ in }
  ) throws -> ScannedFile {
    var settings = InputSettings()
    settings.camera = "generic"
    settings.lights = ["a.fits"]
    change(&settings)
    return try #require(try ScanStage(settings, catalog: packageCatalog(project: project.folder))().lights.first)
  }

  /// The detector in electrons, each output with its gain and its drifting level.
  @Test(arguments: [1, 2])
  func imagesOfOutputsMakeOneFrame(_ binning: Int) throws {
    let project = try TestFolder()
    try FourOutputs(binning: binning).write("a.fits", to: project)
    let light = try Self.scan(project)
    let seen = light.observation
    #expect(light.error == nil && seen.exposure == 60 && seen.filter == "R" && seen.binning == "\(binning)x\(binning)")
    #expect(seen.trim == PixelRectangle(x: 0, y: 0, width: 40, height: 30) && seen.outputsTileFrame)
    #expect(seen.amplifiers.map(\.name) == ["im1", "im2", "im3", "im4"])
    #expect(seen.amplifiers.map(\.gain) == FourOutputs.gains && seen.amplifiers.map(\.readNoise) == FourOutputs.noises)

    let raw = try PixelReader.read(seen, path: light.path)
    let frame = try ReduceStage(
      ReduceSettings(), readNoiseIncludesDigitisation: true, masters: { _ in Masters() })(raw)
    var worst = 0.0
    for y in 0..<30 {
      for x in 0..<40 {
        worst = max(worst, abs(Double(frame.image.image[x, y]) - FourOutputs.electrons(x, y)))
      }
    }
    // Single precision of some 1000 ADU times the gain.
    #expect(worst < 2e-3)
  }

  @Test func detectorsWithGapsAreRefusedAndOneCanBeChosen() throws {
    let project = try TestFolder()
    try FourOutputs(gap: 30).write("a.fits", to: project)
    let light = try Self.scan(project)
    #expect(light.flags == .unreadable)
    let reason = try #require(light.error)
    #expect(reason.hasPrefix("holds 4 images (1 'im1' 26x15, 2 'im2' 26x15,"))
    #expect(reason.contains("gaps or overlap") && reason.contains("extension = number"))
    try FourOutputs(placed: false).write("a.fits", to: project)
    #expect(try Self.scan(project).error?.contains("no DETSEC or CCDSEC joins them") == true)

    for choice in [ImageExtension.number(2), .name("IM2")] {
      let chosen = try Self.scan(project) { $0.imageExtension = choice }
      let seen = chosen.observation
      #expect(chosen.error == nil && seen.width == 26 && seen.gain?.value == 2)
      #expect(seen.trim.section == "[1:20,1:15]" && seen.overscan?.section == "[21:26,1:15]")
      let raw = try PixelReader.read(seen, path: chosen.path)
      #expect(raw.adu[0, 0] == Float(FourOutputs.electrons(39, 0) / 2 + FourOutputs.level(1, line: 0)))
    }
    let missing = try Self.scan(project) { $0.imageExtension = .number(7) }
    #expect(missing.error?.contains("no image of extension 7") == true && missing.error?.contains("4 'im4'") == true)
  }

  @Test func anExtensionIsANumberOrAName() throws {
    for (text, choice) in [("2", ImageExtension.number(2)), ("\"SCI\"", .name("SCI")), ("\"3\"", .number(3))] {
      let project = try TestFolder()
      try project.write("PROJECT.toml", "version = 1\n[input]\nlights = [\"a.fits\"]\nextension = \(text)\n")
      #expect(try Project(file: project.folder.absolute("PROJECT.toml")).configuration.input.imageExtension == choice)
    }
  }

  /// Several pieces with their overscan in the middle of one image: the same frame, put together from the file.
  @Test func piecesOfOneImageMakeOneFrame() throws {
    let project = try TestFolder()
    let (width, height) = (2 * 12 + 2 * 4, 8)
    var pixels: [UInt16] = []
    for y in 0..<height {
      for x in 0..<width { pixels.append(x < 12 || x >= 20 ? UInt16(100 * y + x) : UInt16(x < 16 ? 7 : 9)) }
    }
    let lines = [
      "DATASEC1= '[1:12,1:8]'", "BIASSEC1= '[13:16,1:8]'", "DATASEC2= '[21:32,1:8]'", "BIASSEC2= '[17:20,1:8]'",
      "GAIN    = 1.5", "RDNOISE = 3.0", "SATURATE= 60000", "EXPTIME = 5.0", "DATE-OBS= '2020-01-19T05:00:00'",
    ]
    try FITSWriter.write(
      [FITSHDU(width: width, height: height, pixels: .uint16(pixels), cards: FITSHeader(lines: lines).cards)],
      to: project.folder.absolute("a.fits"))
    let light = try Self.scan(project)
    let raw = try PixelReader.read(light.observation, path: light.path)
    #expect(raw.adu.width == 32 && raw.adu.height == 8 && light.observation.trim.section == "[1:24,1:8]")
    for y in 0..<height {
      for x in 0..<24 { #expect(raw.adu[x, y] == Float(100 * y + (x < 12 ? x : x + 8))) }
      #expect((24..<28).allSatisfy { raw.adu[$0, y] == 7 } && (28..<32).allSatisfy { raw.adu[$0, y] == 9 })
    }
  }
}
