// Files that astropy 8.0.2 read back to the numbers of the light curve: Tests/Fixtures/export/README.md.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Subprocess
import Testing

@testable import ElnathPipeline

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

private let fixtures = packageFolder.absolute("Tests/Fixtures/export")

/// Everything that can be exported of the series, into its folder. Returns the names of the files.
private func exportAll(_ series: ExportedSeries) throws -> [String] {
  var options = ExportOptions()
  options.observerCode = "abc"
  options.aavsoFilters = ["R": "R", "Ha": "HA"]
  options.planet = "HH 30 b"
  options.transit = 2_458_867.53...2_458_867.55
  options.detrend = ["airmass", "fwhm", "x"]
  options.notes = "seeded"
  var written: [String] = []
  for format in ExportFormat.allCases {
    let table = format.isOfStars ? series.folder.path + "/stars.csv" : series.table
    let filter = format.isOfStars ? nil : "R"
    let stage = ExportStage(format: format, options: options, filter: filter)
    written += try stage(table).map { ProjectFolder.split($0.path).name }
  }
  if let folder = ProcessInfo.processInfo.environment["EXPORT_FIXTURES"] {
    for name in written { try AtomicFile.write(series.folder.bytes(name) ?? [], to: folder + "/" + name) }
  }
  return written
}

@Suite("export: files that an independent reader has read")
struct ExportFixtureTests {
  /// Forms whose columns do not follow those of the light curve.
  @Test(
    "the same bytes",
    arguments: [
      "aavso.txt", "exoplanet.txt", "tbl", "mrt.txt", "tex", "exoclock.txt", "etd.txt",
    ])
  func bytes(ending: String) throws {
    let series = try ExportedSeries()
    #expect(try exportAll(series).contains("lightcurve_hh_30_r." + ending))
    let made = try #require(series.folder.text("lightcurve_hh_30_r." + ending))
    let kept = try FileBytes.text(of: fixtures + "/lightcurve_hh_30_r." + ending)
    #expect(made == kept)
  }

  @Test("the same bytes of star lists", arguments: ["radec", "reg"])
  func starLists(ending: String) throws {
    let series = try ExportedSeries()
    _ = try exportAll(series)
    #expect(try series.folder.text("stars." + ending) == FileBytes.text(of: fixtures + "/stars." + ending))
  }

  /// Columns that came later do not matter.
  @Test("ECSV and VOTable hold what they held when astropy read them")
  func describedTables() throws {
    let series = try ExportedSeries()
    _ = try exportAll(series)
    for ending in ["ecsv", "vot"] {
      let made = try #require(series.folder.text("lightcurve_hh_30_r." + ending))
      let kept = try FileBytes.text(of: fixtures + "/lightcurve_hh_30_r." + ending)
      let isData: (Substring) -> Bool = { line in
        ending == "ecsv" ? !line.hasPrefix("# -") || line.contains(": !!omap") : line.hasPrefix("<TR>")
      }
      let lines = Set(made.split(separator: "\n"))
      let missing = kept.split(separator: "\n").filter { !isData($0) && !lines.contains($0) }
      #expect(missing == [], "\(ending)")
    }
    let made = try columns(of: try #require(series.folder.text("lightcurve_hh_30_r.ecsv")))
    for (name, cells) in try columns(of: FileBytes.text(of: fixtures + "/lightcurve_hh_30_r.ecsv")) {
      #expect(made[name] == cells, "\(name)")
    }
  }

  private func columns(of ecsv: String) throws -> [String: [String]] {
    let reader = try CSVReader(Array(ecsv.utf8), file: "t.ecsv")
    let names = try reader.names.map { try reader.column($0) }
    var columns: [String: [String]] = [:]
    try reader.forEachRow { row throws(PipelineError) in
      for name in names { columns[name.name, default: []].append(try row.text(name)) }
    }
    return columns
  }

  @Test(
    "astropy reads every form back to the numbers of the light curve, hostile names or not", arguments: [false, true])
  func readBack(hostile: Bool) async throws {
    guard let python = try await PythonReader.withAstropy else {
      print("no python3 with astropy on the PATH: exports are compared with fixtures only")
      return
    }
    let series =
      hostile
      ? try ExportedSeries(
        target: "=cmd|'/C calc'!A0 \"x\" `y` <b> {z} #1 \u{3B1}\u{1B}[31m\n- {a: b}", filters: ["R", "`H\u{1B}<a>"],
        file: "=1+1 \"q\"\n`id`<i>|.fits")
      : try ExportedSeries()
    let folder = series.folder.path
    for format in [ExportFormat.ecsv, .votable, .fits, .mrt, .exoclock, .etd, .aij] {
      _ = try ExportStage(format: format, filter: "R")(series.table)
    }
    if !hostile { _ = try exportAll(series) }
    let outcome = try await python.run([fixtures + "/check.py", folder, series.table])
    #expect(outcome.isGood, "\(outcome.text)")
  }
}

/// A Python with astropy, where there is one.
private struct PythonReader {
  let path: String

  static let shared = Task { () -> PythonReader? in
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    for folder in folders {
      let python = PythonReader(path: folder + "/python3")
      guard FileManager.default.isExecutableFile(atPath: python.path) else { continue }
      if try await python.run(["-c", "import astropy.io.votable, astropy.io.fits"]).isGood { return python }
    }
    return nil
  }

  static var withAstropy: PythonReader? {
    get async throws { try await shared.value }
  }

  func run(_ arguments: [String]) async throws -> (isGood: Bool, text: String) {
    let result = try await Subprocess.run(
      .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
  }
}
