import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

/// What users do wrong, and what becomes of a night whose files are broken.
@Suite("bad input gets a clear message and its exit status")
struct BadInputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func image(_ name: String, width: Int = 40, height: Int = 30, _ cards: [HeaderCard] = []) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/lights", withIntermediateDirectories: true)
    let pixels = (0..<(width * height)).map { UInt16(1000 + $0 % 7) }
    try FITSWriter.write(
      [
        FITSHDU(
          name: "", width: width, height: height, pixels: .uint16(pixels),
          cards: cards + [HeaderCard("EXPTIME", .real(10)), HeaderCard("DATE-OBS", .text("2020-01-19T03:12:44.1"))])
      ], to: folder.path + "/lights/" + name)
  }

  private func project(_ text: String) throws -> String {
    try folder.write("PROJECT.toml", "version = 1\n" + text)
    return folder.path + "/PROJECT.toml"
  }

  private let detector = "gain = 2\nread_noise = 5\nsaturation = 60000\n"

  @Test("no project file")
  func missingProject() async throws {
    let outcome = try await Program.run("run", folder.path + "/nowhere.toml")
    #expect(outcome.status == 66)
    #expect(outcome.messages.contains("nowhere.toml"))
  }

  @Test("a folder in the place of a project file; a fraction beyond 1")
  func folderForProject() async throws {
    let outcome = try await Program.run("run", folder.path)
    #expect(outcome.status == 65 && outcome.messages.contains("is a folder; name a file in it"))
    let fraction = try await Program.run("run", folder.path, "--max-rejected", "2")
    #expect(fraction.status == 64 && fraction.messages.contains("--max-rejected 2.0: give 0 to 1"))
  }

  @Test("no frames")
  func noFrames() async throws {
    let outcome = try await Program.run("run", try project("[input]\nlights = [\"lights/*.fits\"]\n"))
    #expect(outcome.status == 66)
    #expect(outcome.messages.contains("no light frames"))
  }

  @Test("a stack of files that are not there, and one into a folder that is not there")
  func stackOfNothing() async throws {
    let missing = try await Program.run("stack", folder.path + "/nowhere.fits", "-o", folder.path + "/out.fits")
    #expect(missing.status == 66 && missing.messages.contains("nowhere.fits"))
    try image("a.fits")
    let unwritable = try await Program.run(
      "stack", folder.path + "/lights/a.fits", "-o", folder.path + "/nowhere/out.fits")
    #expect(unwritable.status == 73 && unwritable.messages.contains("nowhere/out.fits"))
  }

  @Test("an unknown key, with the nearest known one")
  func unknownKey() async throws {
    let outcome = try await Program.run("run", try project("[lightcurve]\nwantd = 3\n"))
    #expect(outcome.status == 78)
    #expect(outcome.messages.contains("lightcurve.wantd") && outcome.messages.contains("lightcurve.wanted"))
  }

  @Test("a version that is set to another one")
  func otherVersion() async throws {
    try image("a.fits")
    let path = try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector)
    let outcome = try await Program.run("scan", path, "--set", "version=2")
    #expect(outcome.status == 78 && outcome.messages.contains("--set version=2"))
    #expect(try await Program.run("scan", path, "--set", "version=1").status == 0)
  }

  @Test("folders of catalogs and plots that do not exist", arguments: ["--catalogs", "--plots"])
  func missingFolders(_ option: String) async throws {
    try image("a.fits")
    let path = try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector)
    for missing in ["nowhere", "PROJECT.toml"] {
      let outcome = try await Program.run("scan", path, option, folder.path + "/" + missing)
      #expect(outcome.status == 66 && outcome.messages.contains(option) && outcome.messages.contains(missing))
    }
  }

  @Test("catalogs that do not exist, for commands without a project")
  func missingCatalogs() async throws {
    #expect(try await Program.run("cameras", "--catalogs", folder.path + "/nowhere").status == 66)
    try image("a.fits")
    #expect(try await Program.run("init", folder.path, "--catalogs", folder.path + "/nowhere").status == 66)
  }

  @Test("keywords mapped on the command line")
  func maps() async throws {
    try image("a.fits", [HeaderCard("CMMTOBS", .text("R")), HeaderCard("FILTER", .text("V"))])
    let path = try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector)
    let outcome = try await Program.run("scan", path, "--map", "FILTER=CMMTOBS", "-o", folder.path + "/out")
    #expect(outcome.status == 0)
    let table = try String(contentsOfFile: folder.path + "/out/observations.csv", encoding: .utf8)
    #expect(table.contains("lights/a.fits,light,,R,10,") && table.contains("filter: header CMMTOBS"))
    let unknown = try await Program.run("scan", path, "--map", "FILTR=CMMTOBS")
    #expect(unknown.status == 78 && unknown.messages.contains("FILTR"))
    #expect(try await Program.run("scan", path, "--map", "FILTER").status == 64)
  }

  @Test("a missing gain, with the way to give it")
  func missingGain() async throws {
    try image("a.fits")
    let outcome = try await Program.run(
      "run", try project("[input]\nlights = [\"lights/*.fits\"]\nread_noise = 5\nsaturation = 60000\n"))
    #expect(outcome.status == 78)
    #expect(outcome.messages.contains("gain") && outcome.messages.contains("[input]"))
  }

  @Test("an unknown option is a matter of usage")
  func usage() async throws {
    #expect(try await Program.run("run", "--nonsense").status == 64)
    #expect(try await Program.run("nonsense").status == 64)
  }

  @Test("help and version succeed")
  func help() async throws {
    let help = try await Program.run("--help")
    #expect(help.status == 0 && help.output.contains("lightcurve"))
    #expect(try await Program.run("run", "--help").output.contains("78"))
    #expect(try await Program.run("--version").status == 0)
  }

  @Test("an output that cannot be made, before any work")
  func unwritableOutput() async throws {
    try image("a.fits")
    try folder.write("occupied", "a file")
    let outcome = try await Program.run(
      "run", try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector), "-o", folder.path + "/occupied")
    #expect(outcome.status == 73)
    #expect(outcome.messages.contains("occupied"))
    let below = try await Program.run("run", folder.path + "/PROJECT.toml", "-o", folder.path + "/occupied/below")
    #expect(below.status == 73)
  }

  @Test("starless frames: all rejected, with a row and a reason each")
  func starless() async throws {
    for name in ["a.fits", "b.fits"] { try image(name) }
    let outcome = try await Program.run("run", try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector))
    #expect(outcome.status == 65)
    let rows = try #require(folder.text("elnath-out/frames.csv")).split(separator: "\n")
    #expect(rows.count == 3)
    #expect(rows.dropFirst().allSatisfy { $0.contains("rejected") && $0.contains("not_registered") })
  }

  @Test("a star without a frame or a place")
  func placelessStar() async throws {
    try image("a.fits")
    let outcome = try await Program.run(
      "run", try project("[input]\nlights = [\"lights/*.fits\"]\n" + detector + "[[star]]\nname = \"Nobody 30\"\n"))
    #expect(outcome.status == 78)
    #expect(outcome.messages.contains("Nobody 30"))
    let unread = try await Program.run(
      "run",
      try project(
        "[input]\nlights = [\"lights/*.fits\"]\n" + detector + "[[star]]\nname = \"Nobody 30\"\nx = 5\ny = 5\n"))
    #expect(unread.status == 78 && unread.messages.contains("has x and y but no frame"))
    // Refused before the first pixel was looked at.
    #expect(folder.text("elnath-out/frames.csv") == nil)
  }
}

/// Broken files among good ones: a row each, and the run goes on.
@Suite("broken frames among good ones")
struct BrokenFramesTests {
  @Test("each is rejected with its reason and the others give a light curve")
  func brokenAmongGood() async throws {
    let folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--frames", "8", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    let names = folder.files(in: "lights")
    #expect(names.count == 8)
    try folder.write("lights/a_zero.fits", "")
    try folder.write("lights/b_page.fits", "<!DOCTYPE html><html></html>")
    let whole = try #require(folder.bytes("lights/" + names[1]))
    try Data(whole.prefix(whole.count / 2)).write(to: URL(filePath: folder.path + "/lights/c_half.fits"))
    let cards = [
      HeaderCard("OBSTYPE", .text("OBJECT")), HeaderCard("CMMTOBS", .text("R")), HeaderCard("EXPTIME", .real(60)),
      HeaderCard("DATE-OBS", .text("2020-01-19T06:00:00.0")), HeaderCard("INSTRUME", .text("hdi")),
    ]
    let small = FITSHDU(
      name: "", width: 100, height: 90, pixels: .uint16(Array(repeating: 1000, count: 9000)), cards: cards)
    try FITSWriter.write([small], to: folder.path + "/lights/d_small.fits")

    let outcome = try await Program.run("run", folder.path + "/PROJECT.toml")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let rows = try #require(folder.text("elnath-out/frames.csv")).split(separator: "\n").dropFirst()
    #expect(rows.count == 12)
    func row(_ name: String) throws -> Substring { try #require(rows.first { $0.contains(name) }) }
    for name in ["a_zero", "b_page", "c_half", "d_small"] { #expect(try row(name).contains("rejected")) }
    #expect(try row("b_page").contains("not a FITS file"))
    #expect(try row("d_small").contains("wrong_size"))
    #expect(rows.count { $0.contains("rejected") } == 4)
    // Every light frame stands in the light curve, the broken ones too.
    let curve = try #require(folder.text("elnath-out/lightcurve_hh_30.csv")).split(separator: "\n")
    #expect(curve.count == 13)
  }
}
