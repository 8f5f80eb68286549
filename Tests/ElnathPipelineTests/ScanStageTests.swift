import ElnathCore
import FoundationEssentials
import Testing

@testable import ElnathPipeline

private func card(time: String) -> [String] {
  ["EXPTIME = 60.0", "DATE-OBS= '\(time)'", "GAIN    = 1.5", "RDNOISE = 7.0", "SATURATE= 60000", "FILTER  = 'R'"]
}

@Suite struct ScanStageTests {
  private static func scan(_ project: TestFolder, _ change: (inout InputSettings) -> Void) throws -> Scan {
    var settings = InputSettings()
    settings.camera = "generic"
    change(&settings)
    return try ScanStage(settings, catalog: packageCatalog(project: project.folder))()
  }

  @Test func lightsAreNumberedByTimeThenPathAndThoseWithoutTimeLast() throws {
    let project = try TestFolder()
    try project.writeImage("lights/a.fits", card(time: "2020-01-19T05:00:00"))
    try project.writeImage("lights/b.fits", card(time: "2020-01-19T03:00:00"))
    try project.writeImage("lights/c.fits", card(time: "2020-01-19"))
    try project.writeImage("lights/d.fits", card(time: "2020-01-19T04:00:00"))
    try project.writeImage("bias/z.fits")
    try project.write("lights/e.fits", "")
    let scan = try Self.scan(project) {
      $0.lights = ["lights/*"]
      $0.biases = ["bias"]
    }
    #expect(
      scan.observations.map(\.observation.file) == [
        "lights/b.fits", "lights/d.fits", "lights/a.fits", "lights/c.fits", "lights/e.fits", "bias/z.fits",
      ])
    #expect(scan.observations.map(\.frame) == [1, 2, 3, 4, 5, nil])
    // A light without a time is not used in silence.
    #expect(scan.observations.map(\.flags) == [[], [], [], .timeConflict, .unreadable, []])
    let empty = scan.observations[4]
    #expect(empty.error != nil && empty.observation.kind == .light && empty.observation.problems == [empty.error])
    #expect(scan.observations[3].observation.problems.contains { $0.contains("date without a time") })
    #expect(scan.observations[0].path == project.folder.absolute("lights/b.fits"))
  }

  @Test func missingFilesAreFramesWithTheirReason() throws {
    let project = try TestFolder()
    try project.writeImage("a.fits", card(time: "2020-01-19T05:00:00"))
    let scan = try Self.scan(project) { $0.lights = ["a.fits", "gone.fits"] }
    #expect(scan.lights.map(\.flags) == [[], .unreadable])
  }

  @Test func filesOfCalibrationListsAreNoLights() throws {
    let project = try TestFolder()
    for name in ["a", "b", "bias1", "flat1"] {
      try project.writeImage("\(name).fits", card(time: "2020-01-19T05:00:00"))
    }
    let scan = try Self.scan(project) {
      $0.lights = ["*.fits"]
      $0.biases = ["bias*.fits", "flat1.fits"]
      $0.flats = ["flat*.fits"]
    }
    #expect(scan.observations.map(\.observation.kind) == [.light, .light, .bias, .bias])
    #expect(scan.problems.first == "flat1.fits is listed as bias and as flat; taken as bias")
    // Its name says something else, too.
    #expect(scan.problems.dropFirst().first?.hasPrefix("input.biases: flat1.fits is flat by header or name") == true)
  }

  @Test func repeatedAndOddSizedFramesAreFlagged() throws {
    let project = try TestFolder()
    for (name, minute) in [("a", 1), ("b", 2), ("b_copy", 2), ("c", 3)] {
      try project.writeImage("\(name).fits", card(time: "2020-01-19T05:0\(minute):00"))
    }
    try project.writeImage("d.fits", width: 9, height: 6, card(time: "2020-01-19T05:04:00"))
    let scan = try Self.scan(project) { $0.lights = ["*.fits"] }
    #expect(scan.lights.map(\.flags) == [[], [], .duplicate, [], .wrongSize])
    #expect(scan.lights[4].observation.problems.contains { $0.contains("9x6") && $0.contains("8x6") })
  }

  @Test func withoutLightsThereIsNothingToDo() throws {
    let project = try TestFolder()
    try project.writeImage("bias/a.fits")
    for lights in [[], ["lights/*.fits"]] {
      let error = #expect(throws: PipelineError.self) {
        try Self.scan(project) {
          $0.lights = lights
          $0.biases = ["bias"]
        }
      }
      #expect(error?.code == .noInput)
    }
  }

  @Test(
    arguments: [
      { $0.gain = 0 }, { $0.gain = .nan }, { $0.readNoise = -1 }, { $0.latitude = 100 }, { $0.latitude = 30 },
      { $0.trim = "all" }, { $0.exposure = -5 },
    ] as [@Sendable (inout InputSettings) -> Void])
  func impossibleSettingsAreRefused(_ change: @Sendable (inout InputSettings) -> Void) throws {
    let error = #expect(throws: PipelineError.self) { try Self.scan(try TestFolder(), change) }
    #expect(error?.code == .configuration && error?.subject.hasPrefix("input.") == true)
  }

  @Test func theCameraIsRecognisedWhenTheProjectNamesNone() throws {
    let project = try TestFolder()
    try project.writeImage("a.fits", ["INSTRUME= 'hdi     '"] + card(time: "2020-01-19T05:00:00"))
    let recognised = try Self.scan(project) {
      $0.camera = nil
      $0.lights = ["a.fits"]
    }
    #expect(recognised.camera.name == "hdi" && recognised.problems.contains { $0.contains("\"hdi\"") })
    #expect(recognised.site?.latitude == 31.9583)
    let named = try Self.scan(project) {
      $0.camera = "generic"
      $0.lights = ["a.fits"]
    }
    #expect(named.camera.name == "generic" && named.problems.isEmpty)
  }

  @Test func theSummaryCountsAndNamesProblems() throws {
    let project = try TestFolder()
    for minute in 1...3 { try project.writeImage("\(minute).fits", card(time: "2020-01-19T05:0\(minute):00")) }
    try project.writeImage("4.fits", card(time: "2020-01-19"))
    let lines = ScanSummary(try Self.scan(project) { $0.lights = ["*.fits"] }).lines
    #expect(lines.contains("light  3       R       60 s      8x6   1x1      2020-01-18"))
    #expect(lines.contains { $0.hasPrefix("problem: 4.fits: ") && $0.contains("date without a time") })
    #expect(lines.contains { $0.contains("gain: 1.5 e-/ADU (header GAIN)") })
  }
}

private let sharedData = packageFolder.absolute("../shared/data")

@Suite(.enabled(if: FileManager.default.fileExists(atPath: sharedData), "real frames are not here"))
struct ScanRealFramesTests {
  private static func scan(_ change: (inout InputSettings) -> Void) throws -> Scan {
    var settings = InputSettings()
    change(&settings)
    return try ScanStage(settings, catalog: packageCatalog())()
  }

  @Test func microObservatory() throws {
    let scan = try Self.scan { $0.lights = [sharedData + "/hatp32"] }
    #expect(scan.camera.name == "microobservatory")
    #expect(scan.lights.count == 142 && scan.lights.allSatisfy { $0.flags.isEmpty && $0.observation.problems.isEmpty })
    // UT-OBS 2017-12-20T01:33:43.317 and half of 60 s; astropy 8.0.2.
    #expect(abs(scan.lights[0].observation.jdUTC - 2_458_107.5654319096) < 1e-9)
    #expect(scan.lights[0].frame == 1 && scan.lights.last?.frame == 142)
    #expect(scan.site?.longitude == -110.88)
  }

  @Test func nickel() throws {
    let folder = sharedData + "/nickel/"
    let scan = try Self.scan {
      $0.lights = [folder + "d[1047-1083].fits.fz"]
      $0.biases = [folder + "d[1001-1010].fits.fz"]
      $0.flats = [folder + "d[1035-1037].fits.fz"]
    }
    #expect(scan.camera.name == "nickel")
    #expect(scan.observations.count == 19 && scan.lights.count == 6)
    let first = scan.lights[0].observation
    #expect(first.filter == "V" && first.exposure == 60 && first.gain?.value == 1.8)
    #expect(first.trim.section == "[1:1024,1:1024]" && first.overscan?.section == "[1025:1056,1:1024]")
    // OBSTYPE says DARK with an exposure of 0: no contradiction with the list of biases.
    #expect(scan.observations.allSatisfy { !$0.observation.problems.contains { $0.contains("listed as") } })
  }

  @Test func starshoot() throws {
    let folder = sharedData + "/starshoot/"
    let scan = try Self.scan {
      $0.lights = [folder + "ngc7333"]
      $0.biases = [folder + "bias"]
      $0.darks = [folder + "dark"]
      $0.flats = [folder + "flat"]
    }
    #expect(scan.observations.count == 36 && scan.lights.map(\.observation.exposure) == [30, 60, 60, 60, 60, 60])
    #expect(scan.observations.allSatisfy { $0.observation.jdUTC.isFinite && $0.error == nil })
    #expect(scan.observations.allSatisfy { !$0.observation.problems.contains { $0.contains("listed as") } })
  }
}
