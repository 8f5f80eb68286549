import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Subprocess
import Testing

/// A short simulated night, made anew for each test, and what is done to it.
private struct ShortNight {
  let folder: TemporaryFolder
  let lights: [String]

  init(frames: Int = 4) async throws {
    folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "--frames", "\(frames)", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    lights = folder.files(in: "lights")
  }

  var project: String { folder.path + "/PROJECT.toml" }

  func run(_ arguments: String...) async throws -> Program.Outcome {
    try await Program.run(["run", project] + arguments)
  }

  /// A frame of the size of the night's, whose pixels all come from `value`.
  func write(_ name: String, minute: Int, filter: String = "R", _ value: (Int) -> Float) throws {
    let cards = [
      HeaderCard("OBSTYPE", .text("OBJECT")), HeaderCard("CMMTOBS", .text(filter)), HeaderCard("EXPTIME", .real(60)),
      HeaderCard("DATE-OBS", .text("2020-01-19T06:\(minute):00.0")), HeaderCard("INSTRUME", .text("hdi")),
      HeaderCard("TRIMSEC", .text("[1:512,1:512]")), HeaderCard("BIASSEC", .text("[513:560,1:512]")),
      HeaderCard("CCDBIN1", .integer(2)), HeaderCard("CCDBIN2", .integer(2)),
    ]
    let image = FITSHDU(
      name: "", width: 560, height: 512, pixels: .float((0..<(560 * 512)).map(value)), cards: cards)
    try FITSWriter.write([image], to: folder.path + "/" + name)
  }

  /// The night's last frame under another name, with one card of its header in another wording.
  func copy(to name: String, _ keyword: String, _ value: String) throws {
    var bytes = try #require(folder.bytes("lights/" + lights[lights.count - 1]))
    let key = Array(keyword.utf8) + Array(repeating: 32, count: 8 - keyword.utf8.count)
    let card = try #require(stride(from: 0, to: 11520, by: 80).first { bytes[$0..<$0 + 8].elementsEqual(key) })
    let text = Array("= \(value)".utf8)
    bytes.replaceSubrange(card + 8..<card + 80, with: text + Array(repeating: 32, count: 72 - text.count))
    try Data(bytes).write(to: URL(filePath: folder.path + "/lights/" + name))
  }

  func rows(_ table: String) throws -> [Substring] {
    Array(try #require(folder.text("elnath-out/" + table)).split(separator: "\n").dropFirst())
  }
}

@Suite("frames and calibration frames without sense")
struct HostileInputTests {
  @Test("frames of NaN end neither the run nor the masters")
  func missingPixels() async throws {
    let night = try await ShortNight()
    try night.write("lights/zz_half.fits", minute: 10) { ($0 / 560 + $0) % 2 == 0 ? .nan : 3000 + Float($0 % 13) }
    try night.write("lights/zz_none.fits", minute: 20) { _ in .nan }
    for (kind, minute) in [("bias", 30), ("dark", 31), ("flat", 32)] {
      try night.write(kind + "/zz.fits", minute: minute) { _ in .nan }
    }
    let outcome = try await night.run()
    #expect(outcome.status == 0, "\(outcome.messages)")
    for kind in ["bias", "flat"] { #expect(outcome.messages.contains("\(kind)/zz.fits: no pixel has a value")) }
    let rows = try night.rows("frames.csv")
    #expect(rows.count == 6)
    #expect(rows.filter { $0.contains("zz_") }.allSatisfy { $0.contains("rejected") || $0.contains("unused") })
  }

  @Test("an unreadable file is a row, and no filter of its own")
  func unreadableFilter() async throws {
    let night = try await ShortNight()
    try night.folder.write("lights/zz.fits", "")
    #expect(try await night.run().status == 0)
    let curves = night.folder.files(in: "elnath-out").filter { $0.hasPrefix("lightcurve_hh_30") }
    #expect(curves == ["lightcurve_hh_30.csv"])
  }

  @Test("filters of unlike names never share a file, and nothing is run or written elsewhere")
  func filterNames() async throws {
    let night = try await ShortNight()
    let names = ["'R/V'", "'R V'", "'../../x'", "'`touch hurt`'", "'=1+1'"]
    for (number, name) in names.enumerated() { try night.copy(to: "zz\(number).fits", "CMMTOBS", name) }
    let outcome = try await night.run()
    #expect(outcome.status == 0, "\(outcome.messages)")
    let curves = night.folder.files(in: "elnath-out").filter { $0.hasPrefix("lightcurve_hh_30") }
    // The whole, one for R, one for each odd name.
    #expect(curves.count == 2 + names.count)
    #expect(!curves.contains { $0.contains("/") || $0.contains("`") })
    #expect(!night.folder.files(in: "elnath-out/plots").contains("hurt"))
    #expect(try night.rows("frames.csv").allSatisfy { !$0.contains(",=") })
  }

  @Test("a frame that is there many times counts once, and loses no star by it")
  func copies() async throws {
    let night = try await ShortNight()
    for number in 1...5 { try night.copy(to: "zz\(number).fits", "OBSERVER", "'\(number)'") }
    #expect(try await night.run().status == 0)
    let rows = try night.rows("frames.csv")
    #expect(rows.count { $0.contains("duplicate") } == 5)
    #expect(!rows.contains { $0.contains("rejected") })
  }

  @Test(
    "an exposure time beyond all sense is refused, and no number of it ends the program", arguments: ["1E300", "-60"])
  func absurdExposure(_ value: String) async throws {
    let night = try await ShortNight()
    for name in night.lights { try night.copy(to: name, "EXPTIME", value) }
    let outcome = try await night.run()
    #expect(outcome.status == 65, "\(outcome.messages)")
    #expect(try night.rows("frames.csv").allSatisfy { $0.contains("exposure time of") })
  }

  @Test("a light without the overscan that the others have is not used")
  func lostOverscan() async throws {
    let night = try await ShortNight()
    try night.copy(to: night.lights[1], "BIASSEC", "'nonsense'")
    let outcome = try await night.run()
    #expect(outcome.status == 0, "\(outcome.messages)")
    let rejected = try night.rows("frames.csv").filter { $0.contains("rejected") }
    #expect(rejected.count == 1)
    #expect(rejected.allSatisfy { $0.contains(night.lights[1]) && $0.contains("BIASSEC") })
  }

  @Test("a dark frame darker than the bias frames is left out")
  func impossibleDark() async throws {
    let night = try await ShortNight()
    try night.write("dark/zz.fits", minute: 40) { pixel in pixel % 560 < 512 ? 900 : 3000 + Float(pixel % 7) }
    let outcome = try await night.run()
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("dark/zz.fits: darker than"))
  }

  @Test("a file called *.fits does not hide the others")
  func starName() async throws {
    let night = try await ShortNight()
    try night.folder.write("lights/*.fits", "")
    #expect(try await night.run().status == 0)
    #expect(try night.rows("frames.csv").count == 5)
  }
}

@Suite("a hostile surrounding")
struct HostileSurroundingTests {
  @Test("a gnuplot that fails costs the plots only")
  func failingPlotter() async throws {
    let night = try await ShortNight()
    try night.folder.write("bin/gnuplot", "#!/bin/sh\necho out of ink >&2\nexit 3\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: night.folder.path + "/bin/gnuplot")
    let outcome = try await Program.run(["run", night.project], environment: ["PATH": night.folder.path + "/bin"])
    #expect(outcome.status == 70)
    #expect(outcome.messages.contains("out of ink") && outcome.messages.contains("4 frames: "))
    #expect(night.folder.files(in: "elnath-out").contains("run.json"))
  }

  @Test("lost standard output is an error, a reader that leaves early is none")
  func lostOutput() async throws {
    for (command, status) in [("elnath flags >/dev/full", 74), ("elnath flags | true; exit ${PIPESTATUS[0]}", 0)] {
      let outcome = try await Program.shell("PATH=\(Program.folder):$PATH; \(command)")
      #expect(outcome.status == Int32(status), "\(command): \(outcome.messages)")
    }
  }

  @Test("closed standard streams put nothing into the products")
  func closedStreams() async throws {
    let night = try await ShortNight()
    let program = Program.folder + "/elnath"
    let outcome = try await Program.shell(
      "\(program) run '\(night.project)' --json -o '\(night.folder.path)/closed' <&- >&- 2>&-")
    #expect(outcome.status == 0)
    #expect(try await night.run().status == 0)
    for name in ["frames.csv", "photometry.csv", "lightcurve_hh_30.csv", "masters/bias.fits"] {
      let isSame = night.folder.bytes("closed/" + name) == night.folder.bytes("elnath-out/" + name)
      #expect(isSame, "\(name)")
    }
  }

  @Test("killed at any instant, the next run gives the bytes of an undisturbed one")
  func killed() async throws {
    let night = try await ShortNight()
    #expect(try await night.run().status == 0)
    let out = night.folder.path + "/killed"
    for seconds in ["0.05", "0.15", "0.25", "0.4", "0.6"] {
      _ = try await Program.shell(
        "timeout -s KILL \(seconds) \(Program.folder)/elnath run '\(night.project)' -o '\(out)'")
    }
    let again = try await night.run("-o", out)
    #expect(again.status == 0, "\(again.messages)")
    for folder in ["", "/masters"] {
      let names = night.folder.files(in: "elnath-out" + folder).filter { $0.hasSuffix(".csv") || $0.hasSuffix(".fits") }
      #expect(!names.isEmpty)
      for name in names {
        let path = folder + "/" + name
        let isSame = night.folder.bytes("killed" + path) == night.folder.bytes("elnath-out" + path)
        #expect(isSame, "\(path)")
      }
      #expect(!night.folder.files(in: "killed" + folder).contains { $0.hasPrefix(".elnath-") })
    }
  }

  @Test("interrupted, it says so and leaves no half file")
  func interrupted() async throws {
    let night = try await ShortNight(frames: 24)
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
      let out = night.folder.path + "/stopped"
      // The shell of a background job ignores SIGINT; timeout sends it to a child that has it restored.
      let outcome = try await Program.shell(
        "timeout --preserve-status -s \(signal) 0.4 \(Program.folder)/elnath run '\(night.project)' --jobs 1 -o '\(out)'"
      )
      #expect(outcome.status == Int32(status) || outcome.status == 0, "\(outcome.messages)")
      #expect(!night.folder.files(in: "stopped").contains { $0.hasPrefix(".elnath-") })
    }
  }

  @Test("a second run in one folder is refused")
  func twoAtOnce() async throws {
    let night = try await ShortNight()
    try FileManager.default.createDirectory(
      atPath: night.folder.path + "/elnath-out", withIntermediateDirectories: true)
    let outcome = try await Program.shell(
      "flock '\(night.folder.path)/elnath-out' \(Program.folder)/elnath run '\(night.project)'")
    #expect(outcome.status == 73)
    #expect(outcome.messages.contains("another elnath"))
  }
}
