import ElnathCore
import ElnathFITS
import ElnathTestSupport
import Logging
import Testing

@testable import ElnathPipeline

@Suite("compare: files")
struct CompareStageTests {
  private static func stage(_ folder: TemporaryFolder) -> CompareStage {
    CompareStage(
      catalog: packageCatalog(),
      scripts: CatalogLocator("plots", chosen: packageFolder.absolute("plots"), home: nil, program: "/nowhere/elnath"),
      folder: folder.path + "/out")
  }

  private static let field = SyntheticField(
    width: 160, height: 140,
    stars: SyntheticField.stars(40, width: 160, height: 140, margin: 20, flux: 1500...100_000, seed: 21))

  /// As a reduced frame: electrons, VARIANCE, MASK; or the image alone.
  private static func write(_ image: MaskedImage, planes: Bool = true, to path: String) throws {
    let cards = [HeaderCard("BUNIT", .text("electron"), "")]
    func unit(_ name: String, _ pixels: FITSPixels) -> FITSHDU {
      FITSHDU(name: name, width: image.width, height: image.height, pixels: pixels, cards: name.isEmpty ? cards : [])
    }
    var units = [unit("", .float(image.image.pixels))]
    if planes {
      units += [
        unit("VARIANCE", .float(image.variance.pixels)), unit("MASK", .uint8(image.mask.pixels.map(\.rawValue))),
      ]
    }
    try FITSWriter.write(units, to: path)
  }

  @Test("a frame and itself: equal, with difference, tables, plot data")
  func equal() async throws {
    let folder = try TemporaryFolder()
    let image = Self.field.frame(seed: 1).image
    let (one, other) = (folder.path + "/a.fits", folder.path + "/b.fits")
    try Self.write(image, to: one)
    try Self.write(image, planes: false, to: other)
    let outcome = try await Self.stage(folder)(one, other)
    #expect(outcome.isEqual, "\(outcome.lines)")
    #expect(outcome.lines.last == "equal within the tolerance")
    let planes = try FITSFile.readPlanes(path: folder.path + "/out/difference.fits")
    #expect(planes.map(\.name) == ["", "VARIANCE"])
    #expect(planes[0].image.pixels.allSatisfy { $0 == 0 || $0.isNaN })
    #expect(planes[0].header.number("DX") == 0)
    let tests = try #require(folder.text("out/comparison.csv"))
    #expect(tests.hasPrefix("test,value,limit,passes,finding\nstars,0"))
    #expect(folder.files(in: "out/plots").contains("difference_map.csv"))
    #expect(outcome.plotProblem != nil || folder.files(in: "out/plots").contains("difference.png"))
  }

  @Test("a constant more light in one of them is found, and the tolerance decides")
  func tolerance() async throws {
    let folder = try TemporaryFolder()
    let frame = Self.field.frame(seed: 2).image
    var brighter = frame.image
    for y in 0..<brighter.height {
      for x in 0..<brighter.width { brighter.set(x, y, brighter[x, y] + 4) }
    }
    let (one, other) = (folder.path + "/a.fits", folder.path + "/b.fits")
    try Self.write(frame, to: one)
    try Self.write(MaskedImage(image: brighter, variance: frame.variance, mask: frame.mask), to: other)
    var stage = Self.stage(folder)
    let strict = try await stage(one, other)
    #expect(!strict.isEqual && strict.lines.last == "different: boxes")
    // 4 e- in each of 256 pixels of some 23 e- noise: 2.8 errors.
    stage.settings.tolerance = 4
    #expect(try await stage(one, other).isEqual)
  }

  @Test("pixels that another program changed under the old DATASUM are compared, with a remark")
  func oldSum() async throws {
    let folder = try TemporaryFolder()
    let (one, other) = (folder.path + "/a.fits", folder.path + "/b.fits")
    try Self.write(Self.field.frame(seed: 4).image, to: one)
    var bytes = try #require(folder.bytes("a.fits"))
    // One of the first pixels, behind the header of one or more blocks of 2880 bytes.
    let end = try #require((0..<20).first { bytes[($0 * 80)..<($0 * 80 + 4)].elementsEqual("END ".utf8) })
    bytes[(end * 80 / 2880 + 1) * 2880 + 3] ^= 1
    try AtomicFile.write(bytes, to: other)
    let outcome = try await Self.stage(folder)(one, other)
    #expect(outcome.isEqual && outcome.lines[0].contains("DATASUM"))
  }

  @Test("wrong pairs are refused with what they are")
  func refused() async throws {
    let folder = try TemporaryFolder()
    try Self.write(Self.field.frame(seed: 3).image, to: folder.path + "/a.fits")
    try folder.write("curve.csv", "frame,delta_mag,delta_mag_err\n1,0.1,0.01\n")
    try folder.write("table.csv", "frame,star,aperture,flux_e,flux_err_e\n1,A,a1,10,1\n")
    try folder.write("other.csv", "a,b\n1,2\n")
    func status(_ first: String, _ second: String) async throws -> PipelineError? {
      do {
        _ = try await Self.stage(folder)(folder.path + "/" + first, folder.path + "/" + second)
        return nil
      } catch let error as PipelineError { return error }
    }
    #expect(try await status("a.fits", "curve.csv")?.code == .usage)
    #expect(try await status("curve.csv", "table.csv")?.message.contains("light curve") == true)
    #expect(try await status("other.csv", "curve.csv")?.message.contains("a, b") == true)
    #expect(try await status("missing.fits", "a.fits")?.code == .noInput)
    #expect(try await status("missing.csv", "curve.csv")?.code == .noInput)
    #expect(try await status("curve.csv", "curve.csv") == nil)
    try folder.write("curve2.csv", "frame,jd_utc,delta_mag,delta_mag_err\n1,2458867.5,0.1,0.01\n")
    try folder.write("curve3.csv", "frame,jd_utc,delta_mag,delta_mag_err\n1,2458867.6,0.1,0.01\n")
    #expect(try await status("curve2.csv", "curve3.csv")?.message.contains("another exposure") == true)
    #expect(!folder.files().contains("out") || folder.files(in: "out").allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test("tables: differences, missing rows named")
  func tables() async throws {
    let folder = try TemporaryFolder()
    let header = "frame,star,aperture,flux_e,flux_err_e\n"
    try folder.write("a.csv", header + "1,A,a1,1000,30\n1,B,a1,500,20\n2,A,a1,1010,30\n2,B,a1,,\n")
    try folder.write("b.csv", header + "1,A,a1,1000,30\n1,B,a1,500,20\n2,A,a1,1300,30\n")
    let outcome = try await Self.stage(folder)(folder.path + "/a.csv", folder.path + "/b.csv")
    #expect(!outcome.isEqual)
    #expect(outcome.lines.contains { $0.hasPrefix("FAIL values") && $0.contains("frame 2 of A, a1") })
    try folder.write("c.csv", header + "1,A,a1,1000,30\n2,A,a1,1010,30\n")
    let missing = try await Self.stage(folder)(folder.path + "/a.csv", folder.path + "/c.csv")
    #expect(missing.lines.contains { $0 == "1 values in the first table only: frame 1 B a1" }, "\(missing.lines)")
    #expect(missing.lines.last == "different: rows")
    let table = try #require(folder.text("out/difference.csv"))
    #expect(table.split(separator: "\n").count == 3)
  }
}

@Suite("rgb: files")
struct ColourStageTests {
  private static func stage() -> ColourStage {
    var log = Logger(label: "elnath")
    log.logLevel = .critical
    return ColourStage(catalog: packageCatalog(), log: log)
  }

  @Test("three images become a PNG that gnuplot reads: registered, sky neutral, stars where they are")
  func picture() async throws {
    let folder = try TemporaryFolder()
    let field = SyntheticField(
      width: 160, height: 140,
      stars: SyntheticField.stars(40, width: 160, height: 140, margin: 20, flux: 3000...100_000, seed: 5))
    var files: [String] = []
    for (k, shift) in [(0.0, 0.0), (3.4, -2.2), (-4.0, 1.5)].enumerated() {
      let frame = field.frame(
        seed: UInt64(k + 1), transform: SimilarityTransform(a: 1, b: 0, tx: shift.0, ty: shift.1))
      files.append("\(folder.path)/\(k).fits")
      try FITSWriter.write(
        [FITSHDU(width: 160, height: 140, pixels: .float(frame.image.image.pixels))], to: files[k])
    }
    let path = folder.path + "/out.png"
    let outcome = try Self.stage()(files, to: path)
    #expect(outcome.lines.count { $0.contains("moved by up to") } == 2)
    let bytes = try #require(folder.bytes("out.png"))
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // IHDR: 160 x 140, 8 bits, colour type 2.
    #expect(bytes[16..<26] == [0, 0, 0, 160, 0, 0, 0, 140, 8, 2])
    guard let gnuplot = Gnuplot() else { return }
    try folder.write(
      "read.gp", "set table 'pixels.txt'\nplot 'out.png' binary filetype=png with rgbimage\n")
    try await gnuplot.run(script: "read.gp", in: folder.path)
    var pixels: [[Int]: [Double]] = [:]
    for line in try #require(folder.text("pixels.txt")).split(separator: "\n") where !line.hasPrefix("#") {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      if numbers.count >= 5 { pixels[[Int(numbers[0]), Int(numbers[1])]] = Array(numbers[2..<5]) }
    }
    #expect(pixels.count == 160 * 140)
    let brightest = try #require(
      field.stars.filter { (20..<140).contains($0.position.x) && (20..<120).contains($0.position.y) }
        .max { $0.flux < $1.flux })
    // gnuplot counts the rows of a PNG from below.
    let core = try #require(pixels[[Int(brightest.position.x.rounded()), Int(brightest.position.y.rounded())]])
    // One spectrum, so white, but for noise and what resampling takes from the core.
    #expect((core.min() ?? 0) > 170, "\(core)")
    let medians = (0..<3).map { k in Median.of(pixels.values.map { $0[k] }) }
    #expect((medians.max() ?? 0) - (medians.min() ?? 0) <= 3 && (5...50).contains(medians[0]), "\(medians)")
  }

  @Test("images of other sizes without common stars are refused, and nothing is written")
  func refused() throws {
    let folder = try TemporaryFolder()
    for (name, width) in [("a", 90), ("b", 91), ("c", 90)] {
      let frame = SyntheticField(width: width, height: 80, stars: []).frame(seed: 1)
      try FITSWriter.write(
        [FITSHDU(width: width, height: 80, pixels: .float(frame.image.image.pixels))],
        to: "\(folder.path)/\(name).fits")
    }
    let files = ["a", "b", "c"].map { "\(folder.path)/\($0).fits" }
    #expect(throws: PipelineError.self) { try Self.stage()(files, to: folder.path + "/out.png") }
    #expect(throws: PipelineError.self) { try Self.stage()(files, to: folder.path + "/no/out.png") }
    #expect(!folder.files().contains("out.png"))
    // Of one size they are taken as they lie.
    _ = try Self.stage()([files[0], files[2], files[0]], to: folder.path + "/out.png")
    #expect(folder.files().contains("out.png"))
  }
}
