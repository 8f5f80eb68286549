// Lists of table [input]: who decides what a file is, and which files are there twice.
import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathPipeline

private func card(_ kind: String, minute: Int = 0, exposure: Double = 60) -> [String] {
  [
    "IMAGETYP= '\(kind)'", "EXPTIME = \(exposure)", "FILTER  = 'R'", "GAIN    = 1.5", "RDNOISE = 7.0",
    "SATURATE= 60000", "DATE-OBS= '2020-01-18T22:\(minute < 10 ? "0" : "")\(minute):00'",
  ]
}

@Suite struct ScanListsTests {
  /// A folder as a night leaves it: all kinds side by side.
  private static func night() throws -> TestFolder {
    let project = try TestFolder()
    for (number, kind) in ["Light Frame", "Light Frame", "Bias Frame", "Dark Frame", "Flat Field"].enumerated() {
      let exposure = kind.hasPrefix("Bias") ? 0.0 : 60
      try project.writeImage("night1/\(number).fits", card(kind, minute: number, exposure: exposure))
    }
    try project.writeImage("night1/odd.fits", ["EXPTIME = 60.0", "DATE-OBS= '2020-01-18T22:59:00'"])
    return project
  }

  private static func scan(_ project: TestFolder, _ change: (inout InputSettings) -> Void) throws -> Scan {
    var settings = InputSettings()
    settings.camera = "generic"
    change(&settings)
    return try ScanStage(settings, catalog: packageCatalog(project: project.folder))()
  }

  private static func kinds(_ scan: Scan) -> [String] {
    scan.observations.map { "\($0.observation.file.dropFirst(7)) \($0.observation.kind)" }
  }

  private static let all = ["0.fits light", "1.fits light", "2.fits bias", "3.fits dark", "4.fits flat"]

  @Test func filesAreWhatTheirHeadersSay() throws {
    let scan = try Self.scan(try Self.night()) { $0.files = ["night1/"] }
    #expect(Self.kinds(scan) == Self.all + ["odd.fits unknown"])
    #expect(scan.problems.contains { $0.hasPrefix("night1/odd.fits is of unknown kind and not used") })
  }

  @Test(arguments: ["night1/", "night1", "./night1", "night1/*", "night1/[0-9]*.fits"])
  func oneFolderInSeveralListsIsSortedByHeader(_ entry: String) throws {
    let scan = try Self.scan(try Self.night()) {
      $0.lights = ["night1/"]
      $0.biases = [entry]
      $0.darks = [entry]
      $0.flats = ["night1"]
    }
    #expect(Self.kinds(scan).filter { !$0.hasPrefix("odd") } == Self.all)
  }

  @Test func kindsThatNoListAsksForAreLeftOutAndTold() throws {
    let scan = try Self.scan(try Self.night()) {
      $0.lights = ["night1"]
      $0.biases = ["night1"]
    }
    #expect(Self.kinds(scan).filter { !$0.hasPrefix("odd") } == Array(Self.all.prefix(3)))
    for text in ["night1/3.fits is dark by header or name and not used", "night1/4.fits is flat by header"] {
      #expect(scan.problems.contains { $0.hasPrefix(text) })
    }
  }

  @Test func whatAListSaysIsBelievedWithAWarning() throws {
    let scan = try Self.scan(try Self.night()) { $0.lights = ["night1/[0-4].fits"] }
    #expect(scan.lights.count == 5)
    for kind in ["bias", "dark", "flat"] {
      #expect(scan.problems.contains { $0.hasPrefix("input.lights: night1/") && $0.contains("is \(kind) by header") })
    }
    // A plain name outweighs the headers' word for its folder.
    let named = try Self.scan(try Self.night()) {
      $0.files = ["night1"]
      $0.flats = ["night1/1.fits"]
    }
    #expect(Self.kinds(named).contains("1.fits flat") && named.lights.count == 1)
  }

  @Test func withoutALightThereIsNothingToDo() throws {
    let error = #expect(throws: PipelineError.self) {
      try Self.scan(try Self.night()) { $0.files = ["night1/[2-4].fits"] }
    }
    #expect(error?.code == .noInput && error?.message.contains("none among the 3 files") == true)
  }

  @Test func copiesAndLinksCountOnce() throws {
    let project = try Self.night()
    let manager = FileManager.default
    let path = project.folder.absolute("night1")
    try manager.copyItem(atPath: path + "/2.fits", toPath: path + "/2_copy.fits")
    try manager.copyItem(atPath: path + "/0.fits", toPath: path + "/0_copy.fits")
    try manager.createSymbolicLink(atPath: path + "/1_link.fits", withDestinationPath: path + "/1.fits")
    // The same exposure under the same name with another ending.
    try project.writeImage("night1/deep/4.fit", card("Flat Field", minute: 4) + ["COMMENT packed"])
    let scan = try Self.scan(project) { $0.files = ["night1/**"] }
    let twice = scan.observations.filter { $0.flags.contains(.duplicate) }
    #expect(
      twice.map { "\($0.observation.file): \($0.observation.problems.last ?? "")" } == [
        "night1/0_copy.fits: same time, exposure and filter as night1/0.fits",
        "night1/2_copy.fits: same content as night1/2.fits",
        "night1/deep/4.fit: same time, exposure and filter as night1/4.fits",
      ])
    #expect(scan.problems.contains("night1/1_link.fits is the same file as night1/1.fits; counted once"))
    let plan = CalibrationPlan(scan.observations)
    #expect(plan.groups.map(\.files.count) == [1, 1, 1] && plan.leftOut.count == 2)
  }

  @Test func withoutATimeOnlyEqualContentMakesACopy() throws {
    let project = try Self.night()
    try project.writeImage("night1/a.fits", ["IMAGETYP= 'Bias Frame'"])
    try project.writeImage("night1/b.fits", ["IMAGETYP= 'Bias Frame'"])
    try project.writeImage("night1/c.fits", ["IMAGETYP= 'Bias Frame'", "NUMBER  = 3"])
    let scan = try Self.scan(project) { $0.files = ["night1"] }
    let twice = scan.observations.filter { $0.flags.contains(.duplicate) }
    #expect(twice.map(\.observation.file) == ["night1/b.fits"])
    #expect(twice.first?.observation.problems.last == "same content as night1/a.fits")
  }

  @Test func framesOfAnotherCameraOrReadoutAreLeftOutWithTheReason() throws {
    let project = try Self.night()
    let names = ["Camera 2000", "camera-2000 (cooled)", "", "Other"]
    for (number, name) in names.enumerated() {
      let own = name.isEmpty ? [] : ["INSTRUME= '\(name)'"]
      try project.writeImage("night1/x\(number).fits", card("Light Frame", minute: 20 + number) + own)
    }
    try project.writeImage("night1/y.fits", card("Flat Field", minute: 40) + ["INSTRUME= 'Other'"])
    try project.writeImage("night1/z.fits", width: 12, card("Dark Frame", minute: 41))
    let scan = try Self.scan(project) { $0.files = ["night1"] }
    let left = scan.observations.filter { $0.error != nil }
    #expect(left.map(\.observation.file) == ["night1/x3.fits", "night1/y.fits"])
    #expect(left.allSatisfy { $0.error == "instrument 'Other', where the lights have 'Camera 2000'" })
    let dark = try #require(scan.observations.first { $0.observation.file == "night1/z.fits" })
    #expect(dark.observation.problems.last == "12x6 px: serves no light frame, for these have 8x6 px")
  }

  @Test func theInventorySaysWhatServesWhat() throws {
    let lines = ScanSummary(try Self.scan(try Self.night()) { $0.files = ["night1"] }).lines
    let rows = lines.map { $0.split(separator: " ").joined(separator: " ") }
    for row in [
      "kind frames filter exposure size binning night master", "light 2 R 60 s 8x6 1x1 2020-01-18",
      "bias 1 0 s 8x6 1x1 2020-01-18 bias", "dark 1 60 s 8x6 1x1 2020-01-18 dark_60s",
      "flat 1 R 60 s 8x6 1x1 2020-01-18 flat_R", "2 lights of R, 60 s, 2020-01-18: bias, dark_60s, flat_R",
    ] {
      #expect(rows.contains(row))
    }
  }
}
