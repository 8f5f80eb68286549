import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct SettingsConfigurationTests {
  private func project(_ toml: String, set: [String] = []) throws -> Project {
    try Project(file: "night/p.toml", toml: toml, assignments: set)
  }

  private func failure(_ toml: String, set: [String] = []) -> String {
    do {
      _ = try project(toml, set: set)
      return "no error"
    } catch let error as PipelineError {
      return error.code == .configuration ? error.description : "\(error.code) \(error.description)"
    } catch { return "\(error)" }
  }

  private static let star = "[[star]]\nname = 'HH 30'\nra = '04:31:37.47'\ndec = '+18:12:24.5'\n"

  @Test func emptyFileGivesTheDefaults() throws {
    #expect(try project("").configuration == Configuration())
    #expect(try project("version = 1").configuration == Configuration())
    #expect(try Project(file: nil).configuration == Configuration())
  }

  @Test func starsAreReadWithTheirDefaults() throws {
    let toml =
      Self.star + "[[star]]\nname = 'C1'\nrole = 'comparison'\nx = 10\ny = 20.5\nframe = 'a.fits'\nmag = 11\nband = 'V'"
    let stars = try project(toml).configuration.star
    #expect(stars.count == 2)
    #expect(stars[0].role == .target)
    #expect(stars[0].position == nil)
    #expect(stars[0].rightAscension == RightAscension("04:31:37.47"))
    #expect(stars[1].role == .comparison)
    #expect(stars[1].position == PixelPoint(x: 9, y: 19.5))
    #expect(stars[1].magnitude == 11)
    #expect(stars[1].frame == "a.fits")
    #expect(!stars[1].extended)
  }

  @Test(arguments: [
    ("version = 2", "version: expected 1, found 2; this project file is meant for another release of Elnath"),
    ("version = 'x'", "version: expected 1, found text 'x'; this project file is meant for another release of Elnath"),
    ("[outptu]\nx = 1", "unknown key 'outptu'; did you mean 'output'?"),
    (
      "[output]\nmax_rejeted = 1\n[[star]]\nnmae = 'a'",
      "unknown key 'output.max_rejeted'; did you mean 'output.max_rejected'?; unknown key 'star[1].nmae'; "
        + "did you mean 'star[1].name'?"
    ),
    ("[output]\nmax_rejected = 'half'", "output.max_rejected: expected a number, found text 'half'"),
    ("star = 3", "star: expected a list, found 3"),
    ("[[star]]\nx = 1\ny = 2", "star[1].name: missing"),
    ("[[star]]\nname = 'a'\nx = 3", "star[1]: 'a' has x but no y; give both"),
    ("[[star]]\nname = 'a'\ny = 3", "star[1]: 'a' has y but no x; give both"),
    ("[[star]]\nname = 'a'\nra = 3", "star[1]: 'a' has ra but no dec; give both"),
    ("[[star]]\nname = 'a'\nx = 3\ny = 4\ndec = 3", "star[1]: 'a' has dec but no ra; give both"),
    (star + "frame = 'a.fits'", "star[1]: 'HH 30' has a frame but no x and y; give them, or remove the frame"),
    (
      "[[star]]\nname = 'a'\nra = '25:00:00'\ndec = 0",
      "star[1].ra: '25:00:00' is not a right ascension; write '04:31:37.47' or 0 to 360 degrees"
    ),
    (
      "[[star]]\nname = 'a'\nra = 3\ndec = 91",
      "star[1].dec: '91.0' is not a declination; write '+18:12:24.5' or -90 to 90 degrees"
    ),
    ("[[star]]\nname = 'a'\nra = true\ndec = 0", "star[1].ra: expected a number, found true"),
    (
      star + "role = 'tagret'",
      "star[1].role: expected one of target, comparison, check, measure, avoid, found 'tagret'; did you mean 'target'?"
    ),
    (star + star, "star[2].name: 'HH 30' is the name of another star already; give each its own"),
    (
      star + "[[star]]\nname = 'hh_30'\nx = 1\ny = 1",
      "star[2].name: 'hh_30' and 'HH 30' would share the file lightcurve_hh_30.csv; rename one"
    ),
    (
      "[[star]]\nname = '=1+1'\nx = 1\ny = 1",
      "star[1].name: '=1+1' begins with '=', which spreadsheets take for a formula; rename the star"
    ),
    (
      "[[star]]\nname = \"a\\u001Bb\"\nx = 1\ny = 1",
      "star[1].name: 'ab' has control characters or blanks at its ends; remove them"
    ),
    ("[[star]]\nname = 'a'\nx = inf\ny = 1", "star[1]: 'a' lies at x = inf, y = 1.0; give pixels of the frame"),
  ])
  func faultsOfTheFileAreNamed(toml: String, message: String) {
    #expect(failure(toml) == "night/p.toml: " + message)
  }

  @Test(arguments: [
    ("output.max_rejeted=1", "unknown key 'output.max_rejeted'; did you mean 'output.max_rejected'?"),
    ("output.max_rejected=[1", "output.max_rejected: expected a number, found text '[1'"),
    ("output=3", "output: expected a table, found 3"),
  ])
  func faultsOfAssignmentsAreNamed(set: String, message: String) {
    #expect(failure("", set: [set]) == "--set \(set): " + message)
  }

  @Test(arguments: ["output.max_rejected", "=3", "output.=3"])
  func assignmentsNeedKeyAndValue(set: String) {
    #expect(
      failure("", set: [set])
        == "usage --set \(set): not of the form key=value; write, for example, measure.sky=3")
  }

  @Test func laterLayersWinAndOriginsAreKept() throws {
    let toml = "[output]\nmax_rejected = 0.2\n" + Self.star
    let path = ["output", "max_rejected"]
    let plain = try project(toml)
    #expect(plain.configuration.output.maximumRejected == 0.2)
    #expect(plain.layers.origin(of: path) == .file("night/p.toml"))
    #expect(plain.layers.origin(of: ["star", "[1]", "ra"]) == .file("night/p.toml"))
    #expect(plain.layers.origin(of: ["version"]) == .standard)
    let set = try project(toml, set: ["output.max_rejected = 1", "output.max_rejected=0.3"])
    #expect(set.configuration.output.maximumRejected == 0.3)
    #expect(set.layers.origin(of: path) == .assignment("output.max_rejected=0.3"))
    let named = try Project(
      file: "p.toml", toml: toml, assignments: ["output.max_rejected=0.3"],
      options: [("--max-rejected", path, .real(0.4))])
    #expect(named.configuration.output.maximumRejected == 0.4)
    #expect("\(named.layers.origin(of: path))" == "--max-rejected")
  }

  @Test func assignedValuesAreTOMLOrText() throws {
    #expect(try SettingsLayers.assignment("a.b=[1, 2]")[["a", "b"]] == .array([.integer(1), .integer(2)]))
    #expect(try SettingsLayers.assignment("a=windowed")[["a"]] == .text("windowed"))
    #expect(try SettingsLayers.assignment("a='3'")[["a"]] == .text("3"))
    #expect(try SettingsLayers.assignment("a=true")[["a"]] == .boolean(true))
    #expect(try SettingsLayers.assignment("a=b=c")[["a"]] == .text("b=c"))
    #expect(try SettingsLayers.assignment("a=2017-12-20")[["a"]] == .text("2017-12-20"))
    #expect(try SettingsLayers.assignment("a=1\nb=2")[["a"]] == .text("1\nb=2"))
    #expect(try SettingsLayers.assignment("a=")[["a"]] == .text(""))
  }

  @Test func effectiveSettingsReadBackToTheSame() throws {
    let project = try project(Self.star, set: ["output.max_rejected=0.25"])
    let toml = project.layers.toml()
    #expect(toml.contains("max_rejected = 0.25  # --set\n"))
    #expect(toml.contains("version = 1  # default\n"))
    #expect(toml.contains("\n[[star]]  # p.toml\nname = \"HH 30\"") || toml.contains("\n[[star]]  # p.toml\ndec"))
    #expect(try self.project(toml).configuration == project.configuration)
    #expect(project.layers.toml(changedOnly: true).hasPrefix("\n[output]\nmax_rejected = 0.25  # --set\n\n[[star]]"))
  }

  @Test func pathsAreRelativeToTheFolderOfTheProject() throws {
    #expect(try project("").folder == "night")
    #expect(try Project(file: "p.toml", toml: "").folder == ".")
    #expect(try Project(file: "/p.toml", toml: "").folder == "/")
  }

  @Test func missingFileIsNoInput() {
    do {
      _ = try Project(file: "nowhere/p.toml")
      Issue.record("read")
    } catch {
      #expect(error.code == .noInput)
      #expect(error.description == "nowhere/p.toml: cannot be read: no such file or folder")
    }
  }
}

/// References: astropy 8.0.2, `Angle("04:31:37.47", "hourangle").deg` and the like.
@Suite struct SettingsSkyCoordinatesTests {
  @Test(arguments: ["04:31:37.47", "04 31 37.47", "04h31m37.47s", "4h 31m 37.47s", " 04:31:37.47 ", "67.906125"])
  func rightAscension(text: String) throws {
    let value = try #require(RightAscension(text))
    // One rounding in the last place of a double near 68.
    #expect(abs(value.degrees - 67.906125) < 2e-14)
  }

  @Test(arguments: [
    "+18:12:24.5", "18 12 24.5", "+18d12m24.5s", "18\u{B0}12'24.5\"", "18\u{B0} 12\u{2032} 24.5\u{2033}",
  ])
  func declination(text: String) throws {
    let value = try #require(Declination(text))
    #expect(abs(value.degrees - 18.206805555555555) < 4e-15)
  }

  @Test func signsHoldForTheWholeAngle() {
    #expect(Declination("-00:30:00")?.degrees == -0.5)
    #expect(Declination("\u{2212}00:30")?.degrees == -0.5)
    #expect(Declination("-45.5")?.degrees == -45.5)
    #expect(RightAscension("67d30m")?.degrees == 67.5)
  }

  @Test(arguments: [
    "", "x", "24:00:00", "04:60:00", "04:31:60", "04:31:", "04::31", "-1:00:00", "04:31:37:10", "4.5:30", "04m31",
    "360",
    "1e2", "nan", ".", "04:31:37.47x", "--4", "04h31h",
  ])
  func notARightAscension(text: String) { #expect(RightAscension(text) == nil) }

  @Test(arguments: ["", "90:00:01", "-91", "18h12m", "18:12:", "18 12 24 5", "+", "12,5"])
  func notADeclination(text: String) { #expect(Declination(text) == nil) }

  @Test func tableFileNames() {
    #expect(TableFile.lightCurve(of: "HAT-P-32") == "lightcurve_hat-p-32.csv")
    #expect(TableFile.lightCurve(of: "HH 30", filter: "H\u{3B1}/2") == "lightcurve_hh_30_h__2.csv")
    #expect(TableFile.name(for: "../e\u{301}V1213.Tau") == ".._" + "_v1213.tau")
  }
}

/// Tables with keys that the defaults do not show.
@Suite struct SettingsOriginTests {
  private struct Shape: Codable {
    var kind: String
    var inner: Double?
  }
  private struct Measure: Codable {
    var sky: Shape?
    var other: Int?
  }
  private struct Whole: Codable { var measure = Measure() }

  @Test func problemsAreLookedForWhereTheTableWasGiven() throws {
    var layers = SettingsLayers(defaults: .encode(Whole()))
    try layers.add(.parse(toml: "[measure]\nother = 3\nsky = { inner = 3 }", file: ""), from: .file("a/p.toml"))
    try layers.add(assignment: "measure.other=4")
    #expect(layers.originOfProblem(at: ["measure", "sky", "kind"]) == .file("a/p.toml"))
    #expect(layers.originOfProblem(at: ["measure", "sky", "inner"]) == .file("a/p.toml"))
    #expect(layers.originOfProblem(at: ["measure", "other"]) == .assignment("measure.other=4"))
    #expect(layers.originOfProblem(at: ["nothing"]) == .standard)
    do {
      try layers.add(assignment: "measure.sky={ kind = 'x', iner = 3 }")
      _ = try layers.tree.decode(Whole.self, below: [])
      Issue.record("decoded")
    } catch let error as SettingsProblem {
      #expect(error.description == "unknown key 'measure.sky.iner'; did you mean 'measure.sky.inner'?")
      #expect(layers.originOfProblem(at: error.place).subject == "--set measure.sky={ kind = 'x', iner = 3 }")
    }
  }
}
