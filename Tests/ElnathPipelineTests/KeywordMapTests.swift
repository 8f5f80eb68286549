import ElnathCore
import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

@Suite struct KeywordMapTests {
  private static let lines = [
    "EXPTIME = 60.0", "DATE-OBS= '2020-01-19T03:12:44.1'", "FILTER  = 'V       '", "CMMTOBS = 'R       '",
    "EPERDN  = 2", "RN      = 7.0", "FULLWELL= 60000", "TINT    = 90.0", "GPSTIME = '2020-01-19T03:12:40.1'",
    "OBJCTRA = '02:06:00'", "OBJCTDEC= '-04:15:00'", "POINTRA = 10.5", "POINTDEC= 41.25",
  ]

  private static func decode(_ map: [String: String], camera: String = "generic") throws -> Observation {
    var project = InputSettings()
    project.map = map
    let profile = try packageCatalog().camera(camera).reading(map)
    return HeaderDecoder(profile: profile, project: project).decode(
      FITSHeader(lines: lines), file: "a.fits", width: 8, height: 6, listed: .light
    ).observation
  }

  @Test(arguments: ["FILTER", "filter", "Filter", "FILTNAM"])
  func aKeywordOrTheNameOfTheValueStandsForIt(_ key: String) throws {
    let seen = try Self.decode([key: "CMMTOBS"])
    #expect(seen.filter == "R")
    #expect(seen.sources.contains(.init("filter", from: .header("CMMTOBS"))))
  }

  @Test func numbersOfTheCamera() throws {
    let seen = try Self.decode(["GAIN": "eperdn", "read_noise": "RN", "SATURATE": "FULLWELL", "EXPOSURE": "TINT"])
    // The user's word makes a whole number a gain: nothing is noted about it.
    #expect(seen.gain == Decoded(2, from: .header("EPERDN")) && !seen.problems.contains { $0.contains("EPERDN") })
    #expect(seen.readNoise == Decoded(7, from: .header("RN")))
    #expect(seen.saturation == Decoded(60000, from: .header("FULLWELL")) && seen.exposure == 90)
  }

  @Test func timesAreComparedAllTheSame() throws {
    let seen = try Self.decode(["DATE-OBS": "GPSTIME"])
    // 03:12:40.1 and half of 60 s: 11590.1 s of JD 2458867.5; a double holds 4e-5 s.
    #expect(abs(seen.jdUTC - (2_458_867.5 + 11590.1 / 86400)) < 1e-9)
    #expect(seen.problems.contains { $0.contains("DATE-OBS") && $0.contains("4.0 s") })
  }

  @Test func pointingsStayPairs() throws {
    let both = try Self.decode(["RA": "POINTRA", "DEC": "POINTDEC"])
    #expect(both.rightAscension == 10.5 && both.declination == 41.25)
    let one = try Self.decode(["RA": "POINTRA"])
    #expect(one.rightAscension == 10.5 && one.declination == -4.25)
    let other = try Self.decode(["DEC": "POINTDEC"])
    #expect(abs(other.rightAscension - 31.5) < 1e-12 && other.declination == 41.25)
  }

  /// A profile with its own list knows the usual keyword all the same.
  @Test func usualKeywordsStandForTheValueInEveryProfile() throws {
    #expect(try Self.decode(["FILTER": "FILTER"], camera: "hdi").filter == "V")
    #expect(try Self.decode([:], camera: "hdi").filter == "R")
  }

  @Test func unknownKeysAreRefusedWithTheNearestKnown() throws {
    let error = #expect(throws: PipelineError.self) { try Self.decode(["FILTR": "CMMTOBS"]) }
    #expect(error?.code == .configuration && error?.subject == "input.map.FILTR")
    #expect(error?.message.lowercased().contains("'filter'") == true)
    #expect(throws: PipelineError.self) { try Self.decode(["FILTER": " "]) }
  }

  @Test func keywordsThatTheHeaderDoesNotHaveAreNamed() throws {
    let seen = try Self.decode(["FILTER": "CMMTOB"])
    #expect(seen.filter == "V" && seen.problems.contains { $0.contains("input.map: FILTER") && $0.contains("CMMTOB") })
  }

  @Test func theProjectFileHasATableForIt() throws {
    let project = try Project(
      file: "p.toml", toml: "version = 1\n[input.map]\nFILTER = \"CMMTOBS\"\n", assignments: ["input.map.GAIN=EPERDN"])
    #expect(project.configuration.input.map == ["FILTER": "CMMTOBS", "GAIN": "EPERDN"])
  }
}
