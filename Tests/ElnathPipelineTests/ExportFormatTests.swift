import ElnathCore
import ElnathTestSupport
import Testing

@testable import ElnathPipeline

/// The lines of what a stage would put on standard output.
private func lines(_ stage: ExportStage, _ table: String) throws -> [String] {
  var stage = stage
  stage.output = "-"
  let text = try #require(try stage(table).first?.text)
  return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    .dropLast().map(String.init)
}

private func refusal(_ stage: ExportStage, _ table: String) -> PipelineError? {
  do throws(PipelineError) {
    _ = try stage(table)
    return nil
  } catch { return error }
}

private func observed(_ change: (inout ExportOptions) -> Void = { _ in }) -> ExportOptions {
  var options = ExportOptions()
  options.observerCode = "ABC"
  options.aavsoFilters = ["": "R"]
  options.planet = "X b"
  change(&options)
  return options
}

@Suite("export: the rules of each format")
struct ExportFormatTests {
  @Test("AAVSO Extended: required parameters, field lengths, na, limits")
  func extendedRules() throws {
    let series = try ExportedSeries()
    let all = try lines(ExportStage(format: .aavso, options: observed(), filter: "R"), series.table)
    #expect(
      all.prefix(6) == [
        "#TYPE=EXTENDED", "#OBSCODE=ABC", "#SOFTWARE=elnath \(ElnathVersion.current)", "#DELIM=,", "#DATE=JD",
        "#OBSTYPE=CCD",
      ])
    #expect(!all.contains(""))
    let rows = all.filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    // 8 of 12 frames are of R, one of them unused.
    #expect(rows.count == 7)
    let limits = [30, 16, 8, 6, 5, 3, 3, 20, 8, 20, 8, 7, 5, 20, 100]
    for row in rows {
      #expect(row.count == 15)
      for (field, limit) in zip(row, limits) { #expect(!field.isEmpty && field.count <= limit) }
      #expect(row[1].split(separator: ".")[1].count == 8)
      #expect(row[2].contains("."))
      #expect(row[6] == "STD" && row[7] == "ENSEMBLE" && row[8] == "na")
      #expect(row[9] == "S0004" && row[10] != "na")
    }
    // A limit of 17.5078 must not be rounded to a fainter one.
    #expect(rows.first { $0[2].hasPrefix("<") }.map { [$0[2], $0[3]] } == ["<17.507", "na"])
    // Three of the check star's own numbers: zero point 22.5, 8192 * 4 + 32 * 4 e- in 60 s.
    #expect(abs((Double(rows[0][10]) ?? 0) - (22.5 + Magnitude.of(32896 / 60.0))) < 5.1e-5)
  }

  @Test("AAVSO Extended: a difference needs one comparison star, and its name")
  func differences() throws {
    let series = try ExportedSeries(calibrated: false, comparisons: 1)
    let rows = try lines(ExportStage(format: .aavso, options: observed(), filter: "R"), series.table)
      .filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",") }
    // Frame 1: 4160 e- against 8192 + 32 * 4.
    #expect(rows[0][6] == "DIF" && rows[0][7] == "C one")
    #expect(abs((Double(rows[0][2]) ?? 0) - (Magnitude.of(4160) - Magnitude.of(8320))) < 5.1e-5)
    let ensemble = try ExportedSeries(calibrated: false)
    let stage = ExportStage(format: .aavso, options: observed(), filter: "R")
    #expect(refusal(stage, ensemble.table)?.description.contains("against an ensemble of 3 stars") == true)
  }

  @Test("AAVSO Extended: what it does not take is refused")
  func extendedRefusals() throws {
    let series = try ExportedSeries()
    func refused(filter: String = "R", _ change: (inout ExportOptions) -> Void) -> String {
      refusal(ExportStage(format: .aavso, options: observed(change), filter: filter), series.table)?.description
        ?? "none"
    }
    #expect(refused { $0.observerCode = nil }.contains("--observer-code"))
    #expect(refused { $0.observerCode = "A,B" }.contains("5 letters and digits"))
    #expect(refused { $0.aavsoFilters = [:] }.contains("would be a guess (R stands for Cousins R there)"))
    #expect(refused(filter: "Ha") { $0.aavsoFilters = ["R": "R"] }.contains("filter 'Ha'"))
    #expect(refused { $0.aavsoFilters = ["R": "CBB"] }.contains("no filter code"))
    #expect(refused { $0.time = .bjd }.contains("jd_utc or hjd_utc"))
    #expect(refused { $0.name = String(repeating: "x", count: 31) }.contains("31 characters, the format takes 30"))
    #expect(refused { $0.name = "a,b" }.contains("separates fields"))
    #expect(refused { $0.name = "=1+1" }.contains("as formulas do"))
    #expect(refused { $0.name = "\u{3B1}" }.contains("plain ASCII"))
    #expect(refused { $0.notes = "a|b" }.contains("separates fields"))
  }

  @Test("a filter whose name is a sure code needs no option; H-alpha has its own")
  func filterCodes() throws {
    let none = ExportOptions()
    #expect(try AAVSOFilter.code(of: "V", none, exoplanets: false).code == "V")
    #expect(throws: PipelineError.self) { try AAVSOFilter.code(of: "v", none, exoplanets: false) }
    #expect(throws: PipelineError.self) { try AAVSOFilter.code(of: "I", none, exoplanets: false) }
    #expect(throws: PipelineError.self) { try AAVSOFilter.code(of: "Ha", none, exoplanets: false) }
    for code in ["HA", "hac"] {
      let options = observed { $0.aavsoFilters = ["Ha": code] }
      #expect(try AAVSOFilter.code(of: "Ha", options, exoplanets: false).code == code.uppercased())
    }
    #expect(try AAVSOFilter.code(of: "x", observed { $0.aavsoFilters = ["": "CBB"] }, exoplanets: true).code == "CBB")
  }

  @Test("Exoplanet: parameters in the prescribed order, flux 1 out of transit")
  func exoplanetRules() throws {
    let series = try ExportedSeries()
    let options = observed {
      $0.transit = 2_458_867.53...2_458_867.55
      $0.detrend = ["airmass", "fwhm"]
    }
    let all = try lines(ExportStage(format: .exoplanet, options: options, filter: "R"), series.table)
    let keys = all.filter { $0.hasPrefix("#") && $0.contains("=") }.compactMap { $0.split(separator: "=").first }
    #expect(
      keys.prefix(13) == [
        "#TYPE", "#OBSCODE", "#SOFTWARE", "#DELIM", "#DATE_TYPE", "#OBSTYPE", "#STAR_NAME", "#EXOPLANET_NAME",
        "#BINNING", "#EXPOSURE_TIME", "#FILTER", "#DETREND_PARAMETERS", "#MEASUREMENT_TYPE",
      ])
    #expect(all.contains("#DETREND_PARAMETERS=AIRMASS,FWHM") && all.contains("#BINNING=2x2"))
    let rows = all.filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    for row in rows { #expect(row.count == 5 && row[1].count <= 15 && row[2].count <= 12 && row[3].count <= 12) }
    // Frame 8 is of Ha; no airmass in R is missing.
    #expect(!rows.contains { $0[3] == "na" })
    let outside = rows.filter { !(2_458_867.53...2_458_867.55).contains(Double($0[0]) ?? 0) }.compactMap {
      Double($0[1])
    }
    #expect(abs(Median.of(outside) - 1) < 1e-8)
    for change in [{ $0.planet = nil }, { $0.detrend = ["airmas"] }, { $0.binning = "5x5" }, { $0.detector = .pep }]
      as [(inout ExportOptions) -> Void]
    {
      #expect(
        refusal(ExportStage(format: .exoplanet, options: observed(change), filter: "R"), series.table)?.code == .usage)
    }
  }

  @Test("AstroImageJ: one sequence of numbers, right ascensions in hours, FITS pixels of the trimmed frame")
  func astroImageJ() throws {
    let series = try ExportedSeries()
    let all = try lines(ExportStage(format: .aij, filter: "R"), series.table).map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let names = all[0]
    #expect(names[0] == " " && names[1] == "Label" && Set(names).count == names.count)
    #expect(names.filter { $0.hasPrefix("Source-Sky") } == ["T1", "C2", "C3", "C4", "T5"].map { "Source-Sky_" + $0 })
    for row in all { #expect(row.count == names.count) }
    func value(_ name: String) -> Double { names.firstIndex(of: name).flatMap { Double(all[1][$0]) } ?? .nan }
    #expect(value("RA_T1") == 67.90625 / 15)
    #expect(value("X(FITS)_T1") == 102.25 && value("X(IJ)_T1") == 101.75)
    #expect(value("Y(IJ)_T1") == 512 - value("Y(FITS)_T1") + 0.5)
    // C2 against C3 and C4, in the aperture of 4 px: 8192 n + 128.
    #expect(abs(value("rel_flux_C2") - (8192 + 128) / (2 * 128 + 8192.0 * 5)) < 1e-12)
    #expect(
      refusal(ExportStage(format: .aij, filter: "R"), try ExportedSeries(comparisons: 0).table)?.code == .noInput)
  }

  @Test("machine-readable table: bytes as described, no digit beyond the error")
  func machineReadable() throws {
    let series = try ExportedSeries()
    var stage = ExportStage(format: .mrt, filter: "R")
    stage.output = series.folder.path + "/t.txt"
    #expect(try stage(series.table).map(\.rows) == [7, 0])
    let all = try #require(series.folder.text("t.txt")).split(separator: "\n").map(String.init)
    #expect(all[0].hasPrefix("Title: ") && all[1].hasPrefix("Authors:") && all[2].hasPrefix("Table: "))
    let data = all.suffix(7)
    #expect(all.allSatisfy { $0.utf8.allSatisfy { (32..<127).contains($0) } })
    let flux = try #require(all.first { $0.contains(" RFlux ") })
    let bytes = flux.prefix(8).split(separator: "-").compactMap { Int($0.filter { $0 != " " }) }
    // The error is 0.0195: its second figure is the third decimal.
    #expect(flux.contains("F5.3"))
    for row in data {
      let text = Array(row)[(bytes[0] - 1)..<bytes[1]]
      #expect(Double(String(text)) != nil)
    }
    #expect(data.contains { $0.contains(" > ") && $0.contains("17.508") })
    let stub = try #require(series.folder.text("t.tex"))
    #expect(stub.split(separator: "\n").filter { $0.hasPrefix("24588") }.count == 5)
  }

  @Test(arguments: [(0.0312, 3), (0.00994, 4), (0.00996, 3), (9.96, 0), (120, 0), (1e-9, 6), (0.5, 2)])
  func secondFigure(error: Double, decimals: Int) {
    #expect(DecimalText.decimals(forError: error, atMost: 6) == decimals)
  }

  @Test("decimals are rounded, padded and never minus zero")
  func decimalText() {
    #expect(DecimalText.fixed(2_458_867.5000000044, 8) == "2458867.50000000")
    #expect(DecimalText.fixed(-0.0004, 3) == "0.000")
    #expect(DecimalText.fixed(-1.2345, 2) == "-1.23")
    #expect(DecimalText.fixed(7, 0) == "7")
    #expect(DecimalText.fixed(.nan, 3) == nil && DecimalText.fixed(1e300, 3) == nil)
  }

  @Test("radec: targets first, decimal hours, stars to avoid and to measure left out")
  func radec() throws {
    let series = try ExportedSeries()
    let rows = try lines(ExportStage(format: .radec), series.folder.path + "/stars.csv").filter { !$0.hasPrefix("#") }
    #expect(rows.count == 4)
    // 67.90625 degrees.
    #expect(rows[0] == "4.52708333, 18.2500000, 0, 1, 99.999")
    #expect(rows[1].hasSuffix(", 1, 1, 12.500"))
  }

  @Test("regions: on the sky where every star has coordinates")
  func regions() throws {
    let series = try ExportedSeries()
    let rows = try lines(ExportStage(format: .regions), series.folder.path + "/stars.csv")
    #expect(rows[2] == "icrs")
    #expect(rows[3] == "circle(67.9062500,18.2500000,5.0\") # color=green text={HH 30} tag={target}")
  }

  @Test("one file a filter, and what stays behind is counted")
  func files() throws {
    let series = try ExportedSeries()
    let written = try ExportStage(format: .exoclock)(series.table)
    #expect(
      written.map { ProjectFolder.split($0.path).name } == [
        "lightcurve_hh_30_ha.exoclock.txt", "lightcurve_hh_30_r.exoclock.txt",
      ])
    #expect(written.map(\.rows) == [4, 7] && written.map(\.leftOut) == [0, 1])
    #expect(
      refusal(ExportStage(format: .ecsv, output: "x.ecsv"), series.table)?.description.contains("2 filters") == true)
    #expect(
      refusal(ExportStage(format: .ecsv, filter: "Rr"), series.table)?.description.contains("did you mean 'R'") == true)
    #expect(refusal(ExportStage(format: .fits, filter: "R", output: "-"), series.table)?.code == .usage)
    #expect(refusal(ExportStage(format: .ecsv, filter: "R"), "nowhere.csv")?.code == .noInput)
    var planned = ExportStage(format: .ecsv, filter: "R")
    planned.writes = false
    #expect(try planned(series.table).count == 1)
    #expect(!series.folder.files().contains("lightcurve_hh_30_r.ecsv"))
  }

  @Test("a point without the time that is exported is refused with what to do")
  func missingTime() throws {
    let series = try ExportedSeries()
    var points = series.points
    points[0].bjdTDB = .nan
    try AtomicFile.write(CSVFormat.bytes(of: points, columns: LightCurveColumns.all), to: series.table)
    let stage = ExportStage(format: .exoclock, filter: "R")
    #expect(refusal(stage, series.table)?.description.contains("no bjd_tdb on frame 1") == true)
    var utc = stage
    utc.options.time = .jd
    #expect(refusal(utc, series.table) == nil)
  }

  private static let hostile = [
    "=cmd|' /C calc'!A0", "a\"b`touch x`$(id)", "<script>&]]>", "x\n#TYPE=VISUAL\r\ny", "\u{1B}[31mred\u{7}",
    "a{b}#|,;\t",
    "\\input{x}%", "- {a: !!python/object x}",
  ]

  /// Refused, or text without control characters, formulas at the start of a cell, tags or commands of LaTeX.
  @Test("hostile names are harmless in every form", arguments: hostile, ExportFormat.allCases)
  func hostileNames(name: String, format: ExportFormat) throws {
    let series = try ExportedSeries(target: "T", filters: [name, name], file: name + ".fits")
    let options = observed { $0.name = name }
    let table = format.isOfStars ? series.folder.path + "/stars.csv" : series.table
    let before = Set(series.folder.files())
    var stage = ExportStage(format: format, options: options)
    if format.isOfStars {
      var stars = series.stars
      stars[0].name = name
      try AtomicFile.write(CSVFormat.bytes(of: stars, columns: StarColumns.all), to: table)
    }
    stage.output = nil
    do throws(PipelineError) {
      let written = try stage(table)
      #expect(written.allSatisfy { ProjectFolder.split($0.path).folder == series.folder.path })
    } catch {
      #expect([.usage, .badData].contains(error.code), "\(error)")
      return
    }
    let made = series.folder.files().filter { !before.contains($0) }
    #expect(!made.isEmpty)
    for file in made where !file.hasSuffix(".fits") {
      let text = try #require(series.folder.text(file))
      // The rules of a machine-readable table are such lines.
      let cells = text.split { "\t\n,".contains($0) }.filter { !$0.allSatisfy { $0 == "=" } }
      #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
      #expect(!cells.contains { $0.hasPrefix("=") || $0.hasPrefix("+") || $0.hasPrefix("@") }, "\(file)")
      #expect(!text.contains("<script>") || !file.hasSuffix(".vot"))
      #expect(!text.contains("\n#TYPE=VISUAL"))
      #expect(!file.hasSuffix(".tex") || !text.contains("\\input"))
    }
  }
}
