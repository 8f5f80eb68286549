// A run in a folder that holds an earlier one: only what changed is made again, and the products are those of a run from
// the beginning.
import ElnathCore
import ElnathTestSupport
import Logging
import Testing

@testable import ElnathPipeline

/// A small night in a folder of its own.
private final class RepeatedNight: Sendable {
  let folder: TestFolder
  let lights: [String]

  static let steps = [
    "cameras", "reduce", "align", "solve", "stack", "measure", "flag", "lightcurve", "plot", "report",
  ]

  init() async throws {
    folder = try TestFolder()
    let night = SimulatedProject(preset: .quick, lights: 7, seed: 11)
    try await night.write(to: folder.folder.path, jobs: 2)
    lights = night.files.map(\.path).filter { $0.hasPrefix("lights/") }
  }

  func path(_ name: String) -> String { folder.folder.absolute(name) }

  /// Runs and returns the steps that were made.
  func run(_ assignments: [String] = [], output: String = "out", fresh: Bool = false) async throws -> [String] {
    let project = try Project(file: path("PROJECT.toml"), assignments: assignments)
    var options = Workspace.Options()
    options.jobs = 2
    options.output = path(output)
    options.catalogs = packageFolder.absolute("catalogs")
    options.plots = packageFolder.absolute("plots")
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let outcome = try await Workspace(project, options: options, log: log).run(fresh: fresh)
    let timings = outcome.provenance[["timings"]]?.table ?? SettingsTable()
    #expect(timings.keys == Self.steps)
    return timings.entries.filter { $0.value != .text("unchanged") }.map(\.key)
  }

  /// Every product by its path, `run.json` without timings; a PDF holds the time at which it was made.
  func products(_ output: String = "out") throws -> [String: [UInt8]] {
    var products: [String: [UInt8]] = [:]
    for name in FolderSnapshot(path(output)).entries.keys
    where name != StepLedger.fileName && !name.hasSuffix(".pdf") {
      products[name] = try FileBytes.read(path(output + "/" + name))
    }
    let json = String(decoding: products["run.json"] ?? [], as: UTF8.self)
    var tree = try #require(SettingsTree(json: json)?.table)
    #expect(SettingsTree.table(tree).json == json)
    tree["timings"] = nil
    products["run.json"] = Array(SettingsTree.table(tree).json.utf8)
    return products
  }

  func change(_ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = try FileBytes.read(path(name))
    edit(&bytes)
    try AtomicFile.write(bytes, to: path(name))
  }
}

@Suite("run again", .serialized)
struct StepLedgerTests {
  @Test("Only what changed is made again, with the bytes of a run from the beginning")
  func again() async throws {
    let night = try await RepeatedNight()
    #expect(try await night.run() == RepeatedNight.steps)
    let first = try night.products()
    #expect(try await night.run() == [])
    #expect(try night.products() == first)

    // A light frame: a stripe of pixels goes.
    try night.change(night.lights[3]) { for i in ($0.count / 2)..<($0.count / 2 + 4000) { $0[i] = 0x80 } }
    #expect(try await night.run() == Array(RepeatedNight.steps[2...]))
    // A target less, and another star in its place.
    try night.change("PROJECT.toml") {
      let text = String(decoding: $0, as: UTF8.self).split(separator: "\n\n").filter { !$0.contains("LkHa 358") }
      $0 = Array((text.joined(separator: "\n\n") + "\n\n[[star]]\nname = 'new'\nx = 200\ny = 240\n").utf8)
      $0 += Array("frame = '\(night.lights[2])'\nrole = 'measure'\n".utf8)
    }
    #expect(try await night.run() == ["measure", "flag", "lightcurve", "plot", "report"])
    #expect(first["lightcurve_lkha_358.csv"] != nil)
    #expect(try night.products()["lightcurve_lkha_358.csv"] == nil)
    let flag = "flag.exclude=['seeing', 'elongation']"
    #expect(try await night.run([flag]) == ["flag", "lightcurve", "plot", "report"])
    let sum = "lightcurve.ensemble=sum"
    #expect(try await night.run([flag, sum]) == ["lightcurve", "plot", "report"])

    #expect(try await night.run([flag, sum], output: "fresh") == RepeatedNight.steps)
    let (again, fresh) = (try night.products(), try night.products("fresh"))
    #expect(again.keys.sorted() == fresh.keys.sorted())
    for (file, bytes) in fresh {
      let isSame = again[file] == bytes
      #expect(isSame, "\(file)")
    }
    #expect(try await night.run([flag, sum], fresh: true) == RepeatedNight.steps)
  }

  @Test("A product that was deleted or edited is made again")
  func products() async throws {
    let night = try await RepeatedNight()
    _ = try await night.run()
    let first = try night.products()
    for (name, steps) in [
      ("plots/quality.gp", ["plot"]), ("comparisons.csv", ["lightcurve"]),
      ("photometry.csv", ["measure", "flag"]), ("masters/bias.fits", ["reduce"]),
    ] {
      AtomicFile.remove(night.path("out/" + name))
      #expect(try await night.run() == steps, "\(name)")
      let isSame = try night.products() == first
      #expect(isSame, "\(name)")
    }
    try night.change("out/frames.csv") { $0[$0.count - 2] ^= 1 }
    #expect(try await night.run() == ["align", "solve", "stack", "measure", "flag"])
    let isSame = try night.products() == first
    #expect(isSame)
    #expect(try await night.run() == [])
  }

  private struct Failure: Error {}

  /// Three steps that each write a file; those of `failing` fail after it. Returns the steps that were made.
  private func chain(_ folder: TemporaryFolder, _ settings: [String], failing: String = "") async throws -> [String] {
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let chain = StepChain(folder: folder.path, basis: ["1"], fresh: false, log: log)
    for (name, setting) in zip(["a", "b", "c"], settings) {
      try await chain.step(name, of: [setting]) {
        try folder.write(name, setting)
        if name == failing { throw Failure() }
      }
    }
    try chain.finish(files: [])
    return chain.timings.steps.filter { $0.seconds != nil }.map(\.step)
  }

  @Test("A step that did not come to its end is made again, whatever was written")
  func interrupted() async throws {
    let folder = try TemporaryFolder()
    #expect(try await chain(folder, ["1", "1", "1"]) == ["a", "b", "c"])
    await #expect(throws: Failure.self) { try await chain(folder, ["1", "2", "1"], failing: "b") }
    #expect(folder.text("b") == "2")
    // Back to what it was: the files of the first step still fit, the second one's would lie.
    #expect(try await chain(folder, ["1", "1", "1"]) == ["b"])
    #expect(["a", "b", "c"].map(folder.text) == ["1", "1", "1"])
    await #expect(throws: Failure.self) { try await chain(folder, ["1", "1", "3"], failing: "c") }
    #expect(try await chain(folder, ["1", "1", "3"]) == ["c"])
    #expect(try await chain(folder, ["1", "1", "3"]) == [])
  }

  @Test("A step keeps the files of which a later one wrote another form")
  func rewritten() async throws {
    let folder = try TemporaryFolder()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    func run(_ first: String, _ second: String) async throws -> [String] {
      let chain = StepChain(folder: folder.path, basis: [], fresh: false, log: log)
      try await chain.step("a", of: [first]) { try folder.write("table", first) }
      try await chain.step("b", of: [second]) { try folder.write("table", first + second) }
      return chain.timings.steps.filter { $0.seconds != nil }.map(\.step)
    }
    #expect(try await run("x", "y") == ["a", "b"])
    #expect(try await run("x", "y") == [])
    #expect(try await run("x", "zz") == ["b"])
    #expect(try await run("x", "zz") == [])
    #expect(folder.text("table") == "xzz")
    // Made again by the first step, the table is no longer that of the second.
    try folder.write("table", "edited")
    #expect(try await run("x", "zz") == ["a", "b"])
    #expect(folder.text("table") == "xzz")
  }

  @Test("The ledger reads back as it was written, and what is no ledger is an empty one")
  func text() throws {
    let folder = try TemporaryFolder()
    var ledger = StepLedger()
    let stamp = FileStamp(size: 12, seconds: 1_700_000_000, nanoseconds: 5)
    ledger.record(StepLedger.Step(name: "a", key: "0f", files: ["x y.csv": stamp, "z": stamp]), after: [])
    ledger.record(StepLedger.Step(name: "b", key: "1e", files: [:]), after: ["a"])
    try ledger.write(to: folder.path)
    #expect(StepLedger(folder: folder.path) == ledger)
    for text in ["file 1 2 3 lost", "step", "step a b c d", "file x", "\u{0}"] {
      try folder.write(StepLedger.fileName, text)
      #expect(StepLedger(folder: folder.path) == StepLedger())
    }
  }

  @Test(
    "JSON reads back",
    arguments: [
      #"{"a": [1, -2.5, 1e-9, true, false, null], "b": {}, "c": "\"\\\n\u0001é😀"}"#, "[]", "3", #""\ud83d\ude00""#,
    ])
  func json(text: String) throws {
    let tree = try #require(SettingsTree(json: text))
    #expect(SettingsTree(json: tree.json) == tree)
  }

  @Test("What is not JSON is refused", arguments: ["", "{", "[1,]", "{\"a\" 1}", "tru", "1 2", #""\ud83d""#, "nan"])
  func notJSON(text: String) { #expect(SettingsTree(json: text) == nil) }
}
