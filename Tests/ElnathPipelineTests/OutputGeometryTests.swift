import ElnathCore
import ElnathFITS
import Testing

@testable import ElnathPipeline

/// Headers that describe several outputs, and what becomes of them.
@Suite struct OutputGeometryTests {
  private static func decode(
    _ lines: [String], camera: String = "generic", width: Int, height: Int,
    change: (inout InputSettings) -> Void = { _ in }
  ) throws -> Observation {
    var project = InputSettings()
    change(&project)
    try project.check()
    let decoder = HeaderDecoder(profile: try packageCatalog().camera(camera), project: project)
    return decoder.decode(FITSHeader(lines: lines), file: "a.fits", width: width, height: height, listed: .flat)
      .observation
  }

  private static func block(_ section: String) -> PixelRectangle? { PixelRectangle(section: section) }

  /// The first example of IRAF's help page on its format of several outputs in one image (CTIO, 2196 x 2048), with gains
  /// and read noises of the same page.
  static let quad = [
    "AMPLIST = '11 21 12 22'", "CSEC11  = '[1:1034,1:1024]'", "DSEC11  = '[1:1034,1:1024]'",
    "TSEC11  = '[11:1034,1:1024]'", "BSEC11  = '[1045:1098,1:1024]'", "BSEC12  = '[1099:1152,1:1024]'",
    "CSEC12  = '[1035:2068,1:1024]'", "DSEC12  = '[1163:2196,1:1024]'", "TSEC12  = '[1163:2186,1:1024]'",
    "CSEC21  = '[1:1034,1025:2048]'", "DSEC21  = '[1:1034,1025:2048]'", "TSEC21  = '[11:1034,1025:2048]'",
    "BSEC21  = '[1045:1098,1025:2048]'", "BSEC22  = '[1099:1152,1025:2048]'", "CSEC22  = '[1035:2068,1025:2048]'",
    "DSEC22  = '[1163:2196,1025:2048]'", "TSEC22  = '[1163:2186,1025:2048]'", "GTRON22 = 4.1", "GTRON21 = 3.9",
    "GTRON12 = 4.2", "GTRON11 = 4.2", "GTGAIN22= 2.8", "GTGAIN21= 3.1", "GTGAIN12= 2.9", "GTGAIN11= 3.2",
  ]

  @Test func outputsWithTheirOverscanInTheMiddleArePutTogether() throws {
    let seen = try Self.decode(Self.quad, width: 2196, height: 2048)
    // 54 columns of each output's overscan; those of the upper outputs above those of the lower.
    #expect(seen.width == 2048 + 2 * 54 && seen.height == 2048)
    #expect(seen.trim == Self.block("[1:2048,1:2048]"))
    #expect(seen.amplifiers.map(\.name) == ["11", "21", "12", "22"])
    #expect(seen.amplifiers.map(\.gain) == [3.2, 3.1, 2.9, 2.8])
    #expect(seen.amplifiers.map(\.readNoise) == [4.2, 3.9, 4.2, 4.1])
    #expect(
      seen.amplifiers.map(\.area)
        == ["[1:1024,1:1024]", "[1:1024,1025:2048]", "[1025:2048,1:1024]", "[1025:2048,1025:2048]"].map(Self.block))
    #expect(
      seen.amplifiers.map(\.overscan)
        == ["[2049:2102,1:1024]", "[2049:2102,1025:2048]", "[2103:2156,1:1024]", "[2103:2156,1025:2048]"]
        .map(Self.block))
    #expect(seen.outputsTileFrame && seen.problems.filter { $0.contains("SEC") }.isEmpty)
    // Nothing states one gain: the mean stands for the frame.
    #expect(seen.gain == Decoded(3.0, from: .header("GTGAIN11")))
    let first = ReadoutPiece(unit: 0, source: PixelRectangle(x: 10, y: 0, width: 1024, height: 1024), x: 0, y: 0)
    #expect(seen.pieces.first == first && seen.pieces.count == 8)
  }

  @Test(arguments: [("TRIMSEC", "BIASSEC"), ("DATASEC", "BIASSEC")])
  func numberedAndLetteredOutputs(_ data: String, _ bias: String) throws {
    for names in [["1", "2"], ["A", "B"]] {
      let lines = [
        "\(data)\(names[0])= '[1:40,1:60]'", "\(bias)\(names[0])= '[41:45,1:60]'", "\(data)\(names[1])= '[51:90,1:60]'",
        "\(bias)\(names[1])= '[46:50,1:60]'", "GAIN\(names[0])   = 1.5", "RDNOISE\(names[1])= 6.5", "GAIN    = 2.0",
      ]
      let seen = try Self.decode(lines, width: 90, height: 60)
      #expect(seen.amplifiers.map(\.name) == names && seen.trim == Self.block("[1:80,1:60]") && seen.width == 90)
      #expect(seen.amplifiers.map(\.gain) == [1.5, nil] && seen.amplifiers.map(\.readNoise) == [nil, 6.5])
      #expect(seen.amplifiers.map(\.overscan) == [Self.block("[81:85,1:60]"), Self.block("[86:90,1:60]")])
      #expect(seen.gain?.value == 2)
    }
  }

  @Test func outputsSideBySideStayWhereTheyAre() throws {
    let lines = [
      "DATASEC1= '[6:45,1:60]'", "BIASSEC1= '[1:5,1:60]'", "DATASEC2= '[46:85,1:60]'", "BIASSEC2= '[86:90,1:60]'",
    ]
    let seen = try Self.decode(lines, width: 90, height: 60)
    #expect(seen.pieces.isEmpty && seen.width == 90 && seen.trim == Self.block("[6:85,1:60]"))
    #expect(seen.amplifiers.map(\.area) == [Self.block("[1:40,1:60]"), Self.block("[41:80,1:60]")])
    #expect(seen.amplifiers.map(\.overscan) == [Self.block("[1:5,1:60]"), Self.block("[86:90,1:60]")])
    // As the detector has them, or all of it seen in a mirror: the same.
    let mirrored = lines + ["DETSEC1 = '[80:41,1:60]'", "DETSEC2 = '[40:1,1:60]'"]
    #expect(try Self.decode(mirrored, width: 90, height: 60).pieces.isEmpty)
    // One of them read the other way round: put right, so that the frame shows the sky.
    let flipped = lines + ["DETSEC1 = '[1:40,1:60]'", "DETSEC2 = '[80:41,1:60]'"]
    let right = try Self.decode(flipped, width: 90, height: 60)
    #expect(right.pieces.map(\.flipsX) == [false, false, true, true] && right.trim == Self.block("[1:80,1:60]"))
  }

  @Test func sectionsThatMakeNoFrameAreNotUsedAndSaidSo() throws {
    let overlapping = ["DATASEC1= '[1:50,1:60]'", "DATASEC2= '[41:90,1:60]'", "BIASSEC = '[81:90,1:60]'"]
    let seen = try Self.decode(overlapping, width: 90, height: 60)
    #expect(seen.amplifiers.isEmpty && seen.overscan == Self.block("[81:90,1:60]"))
    #expect(seen.problems.contains { $0.contains("2 amplifiers in the header do not make one frame") })
    let outside = ["DATASEC1= '[1:50,1:60]'", "DATASEC2= '[51:190,1:60]'"]
    let other = try Self.decode(outside, width: 90, height: 60)
    #expect(
      other.amplifiers.isEmpty && other.problems.contains { $0.contains("DATASEC2 = '[51:190,1:60]' lies outside") })
  }

  @Test func halfDegreeImagerReadThroughFourOutputs() throws {
    let seen = try Self.decode(["INSTRUME= 'hdi'"], camera: "hdi", width: 4192, height: 4112)
    #expect(seen.trim == Self.block("[49:4144,1:4112]") && seen.pieces.isEmpty && seen.outputsTileFrame)
    #expect(seen.amplifiers.map(\.name) == ["ll", "lr", "ul", "ur"])
    #expect(seen.amplifiers.allSatisfy { $0.overscan?.width == 48 && $0.overscan?.height == 2056 })
    #expect(seen.amplifiers.map(\.readNoise) == [7.7, 7.1, 7.5, 6.8] && seen.amplifiers.allSatisfy { $0.gain == nil })
    #expect(seen.gain?.value == 1.3 && !seen.problems.contains { $0.contains("overscan") })
    let one = try Self.decode(["INSTRUME= 'hdi'"], camera: "hdi", width: 4150, height: 4150)
    #expect(one.amplifiers.isEmpty && one.trim == Self.block("[1:4096,1:4112]"))
    #expect(one.overscan == Self.block("[4100:4150,1:4112]"))
  }

  @Test func theProjectOverridesOutputs() throws {
    var named = AmplifierLayout()
    (named.name, named.gain, named.readNoise) = ("UR", 1.21, 5)
    var unknown = AmplifierLayout()
    (unknown.name, unknown.gain) = ("zz", 2)
    let seen = try Self.decode([], camera: "hdi", width: 4192, height: 4112) { $0.amplifier = [named, unknown] }
    #expect(seen.amplifiers.map(\.gain) == [nil, nil, nil, 1.21] && seen.amplifiers[3].readNoise == 5)
    #expect(seen.problems.contains { $0.contains("no amplifier 'zz' (it has ll, lr, ul, ur)") })
    // A read noise for the whole frame wins over those of the profile.
    let whole = try Self.decode([], camera: "hdi", width: 4192, height: 4112) { $0.readNoise = 9 }
    #expect(whole.amplifiers.allSatisfy { $0.readNoise == nil } && whole.readNoise?.value == 9)
    let trimmed = try Self.decode([], camera: "hdi", width: 4192, height: 4112) { $0.trim = "[59:4134,11:2056]" }
    #expect(trimmed.trim == Self.block("[59:4134,11:2056]") && trimmed.outputsTileFrame)
    #expect(trimmed.amplifiers.map(\.name) == ["ll", "lr"])
    #expect(trimmed.amplifiers.map(\.area) == [Self.block("[1:2038,1:2046]"), Self.block("[2039:4076,1:2046]")])
  }

  @Test func theProjectStatesOutputs() throws {
    var left = AmplifierLayout()
    (left.name, left.data, left.overscan, left.gain) = ("L", "[1:40,1:60]", "[41:45,1:60]", 1.5)
    var right = AmplifierLayout()
    (right.name, right.data, right.overscan, right.readNoise) = ("R", "[51:90,1:60]", "[46:50,1:60]", 4)
    let seen = try Self.decode([], width: 90, height: 60) { $0.amplifier = [left, right] }
    #expect(seen.trim == Self.block("[1:80,1:60]") && seen.pieces.count == 4)
    #expect(seen.amplifiers.map(\.gain) == [1.5, nil] && seen.amplifiers.map(\.readNoise) == [nil, 4])
    right.data = nil
    #expect(throws: PipelineError.self) { try Self.decode([], width: 90, height: 60) { $0.amplifier = [left, right] } }
    left.data = "left"
    #expect(throws: PipelineError.self) { try Self.decode([], width: 90, height: 60) { $0.amplifier = [left] } }
  }

  @Test func overscanRowsAreCutOff() throws {
    let both = try Self.decode(["COVER   = 10", "ROVER   = 5"], width: 90, height: 65)
    #expect(both.trim == Self.block("[1:80,1:60]") && both.overscan == Self.block("[81:90,1:60]"))
    let rows = try Self.decode(["COVER   = 0", "ROVER   = 5"], width: 80, height: 65)
    #expect(rows.trim == Self.block("[1:80,1:60]") && rows.overscan == Self.block("[1:80,61:65]"))
  }
}
