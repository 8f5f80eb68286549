import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct InitPatternsTests {
  /// The entries take in exactly the files of their kind, and are as few as given.
  @Test(arguments: [
    (["l/a.fits", "l/b.fits"], ["b/x.fits"], 1),
    (["d1047.fits", "d1048.fits", "d1083.fits"], ["d1001.fits", "d1010.fits"], 1),
    // Other kinds in between split a range.
    (["d01.fits", "d02.fits", "d05.fits"], ["d03.fits", "d04.fits"], 2),
    (["c8867t0145o00.fits", "c8867t0147o00.fits"], ["c8867t0146b00.fits"], 1),
    (["a.fits", "b.fit"], ["c.fits"], 2),
    (["x[1].fits", "x2.fits"], ["y.fits"], 2),
    (["ngc1.fits", "m31.fits"], ["flat1.fits"], 2),
  ])
  func takeInOneKindOnly(_ lights: [String], _ others: [String], _ count: Int) throws {
    let folder = try TestFolder()
    for name in lights + others { try folder.write(name, "") }
    let patterns = InitPatterns(files: lights.map { ($0, .light) } + others.map { ($0, .bias) })
    let inputs = ScanInputs(folder: folder.folder)
    #expect(try inputs.files(patterns.entries(of: .light)).paths.sorted() == lights.sorted())
    #expect(try inputs.files(patterns.entries(of: .bias)).paths.sorted() == others.sorted())
    #expect(patterns.entries(of: .light).count == count)
    #expect(patterns.entries(of: .flat).isEmpty)
  }
}

@Suite struct InitStageTests {
  private static func night() throws -> TestFolder {
    let folder = try TestFolder()
    for number in 1...3 {
      try folder.writeImage(
        "raw/c8867t014\(number)o00.fits",
        [
          "OBSTYPE = 'OBJECT  '", "OBJECT  = 'HL \"Tau\" \\'", "CMMTOBS = 'Ha      '", "EXPTIME = 300.0",
          "INSTRUME= 'hdi     '", "DATE-OBS= '2020-01-19T0\(number):12:44.1'", "RASTRNG = '04:32:46.9'",
          "DECSTRNG= '+18:16:30'", "EQUINOX = 2000.0",
        ])
      try folder.writeImage("raw/c8867t015\(number)b00.fits", ["OBSTYPE = 'BIAS    '", "INSTRUME= 'hdi     '"])
    }
    try folder.write("raw/broken.fits", "this is no image")
    return folder
  }

  private static func draft(_ folder: TestFolder, camera: String? = nil) throws -> ProjectDraft {
    try InitStage(folder: folder.folder, camera: camera, catalog: packageCatalog())()
  }

  /// What `init` writes, `scan` reads, and finds the same files under the same kinds.
  @Test func theDraftParsesAndScans() throws {
    let folder = try Self.night()
    let draft = try Self.draft(folder)
    let project = try Project(file: "PROJECT.toml", toml: draft.text)
    let input = project.configuration.input
    #expect(input.camera == "hdi" && draft.isRecognised)
    #expect(input.lights == ["raw/*t*o*.fits"] || input.lights == ["raw/c*t*o*.fits"])
    let scan = try ScanStage(input, catalog: packageCatalog(project: folder.folder))()
    #expect(scan.lights.count == 3 && scan.observations.count == 6)
    #expect(draft.text.contains("# left out: raw/broken.fits"))
    #expect(draft.text.contains("# 3 frames: Ha, 300 s, 8x6 px, night 2020-01-18"))
    #expect(draft.text.contains("# no flats found"))
  }

  /// A chart or a map among the frames is named and left out; what has a date may be a frame of the night.
  @Test func whatIsNoFrameIsNotTakenForOne() throws {
    let folder = try Self.night()
    try folder.writeImage("charts/map.fits", ["BUNIT   = 'relative'"])
    try folder.writeImage("charts/dated.fits", ["DATE-OBS= '2020-01-19T05:12:44.1'"])
    let text = try Self.draft(folder).text
    let input = try Project(file: "PROJECT.toml", toml: text).configuration.input
    #expect(input.lights.contains { $0.contains("dated") } && !input.lights.contains { $0.contains("map") })
    #expect(text.contains("# charts/map.fits"))
    // The middle of 8x6 px.
    #expect(text.contains("# x = 4.5") && text.contains("# y = 3.5"))
  }

  /// The example of a star becomes a star by taking the comment marks away.
  @Test func theExampleOfAStarParses() throws {
    let text = try Self.draft(try Self.night()).text
    let example = try #require(text.range(of: "# [[star]]"))
    let star = text[example.lowerBound...].split(separator: "\n").map { $0.dropFirst(2) }.joined(separator: "\n")
    let project = try Project(file: "PROJECT.toml", toml: text[..<example.lowerBound] + star)
    #expect(project.configuration.star.map(\.name) == ["HL \"Tau\" \\"])
  }

  @Test func kindsAreGuessedFromFolders() throws {
    let folder = try TestFolder()
    for kind in ["flats", "darks", "bias", "lights", "other"] {
      try folder.writeImage("\(kind)/x1.fits", ["EXPTIME = 5.0", "DATE-OBS= '2020-01-19T01:12:44.1'"])
    }
    let draft = try Self.draft(folder)
    #expect(!draft.isRecognised && draft.camera == "generic")
    let input = try Project(file: "PROJECT.toml", toml: draft.text).configuration.input
    #expect(input.flats == ["flats/*.fits"] && input.darks == ["darks/*.fits"] && input.biases == ["bias/*.fits"])
    #expect(input.lights == ["lights/*.fits", "other/*.fits"])
    #expect(draft.text.contains("will not start without these three"))
  }

  @Test func foldersWithoutImagesAreRefused() throws {
    let folder = try TestFolder()
    #expect(throws: PipelineError.self) { try Self.draft(folder) }
    try folder.write("a.fits", "nothing")
    let error = #expect(throws: PipelineError.self) { try Self.draft(folder) }
    #expect(error?.code == .noInput)
  }
}
