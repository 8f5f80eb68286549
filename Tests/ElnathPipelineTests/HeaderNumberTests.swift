import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

@Suite struct HeaderNumberTests {
  @Test(
    arguments: [
      ("300.0", 300, ""), (" 300.0 ", 300, ""), ("300s", 300, "s"), ("300 s", 300, "s"), ("-20.1C", -20.1, "c"),
      ("+5", 5, ""), (".5", 0.5, ""), ("-.5", -0.5, ""), ("5.", 5, ""), ("1.5E2", 150, ""), ("1.5d-1", 0.15, ""),
      ("5 e-", 5, "e-"), ("7.3e-", 7.3, "e-"), ("5.e1", 50, ""), ("\u{2212}3", -3, ""), ("060.00", 60, ""),
    ] as [(String, Double, String)])
  func numbersAreReadWithTheirUnits(_ text: String, _ value: Double, _ unit: String) {
    let number = HeaderNumber(text)
    #expect(number?.value == value && number?.unit == unit && number?.hasComma == false)
  }

  @Test func aCommaIsAPoint() {
    #expect(HeaderNumber("2,5")?.value == 2.5)
    #expect(HeaderNumber("2,5 s")?.hasComma == true)
  }

  @Test(arguments: [
    "", "s", "1 2", "2020-01-19", "1,234.5", "1,2,3", "12:30", "2x2", "--5", "e5", "nan", "inf", "0x10", ",5", "5,",
    "1e999",
  ])
  func otherTextsAreNoNumbers(_ text: String) {
    #expect(HeaderNumber(text) == nil)
  }

  private static func seen(
    _ lines: [String], _ change: (inout CameraProfile) -> Void = { _ in }
  ) throws -> (exposure: Double, problems: [String]) {
    var profile = try packageCatalog().camera("generic")
    change(&profile)
    let result = HeaderDecoder(profile: profile).decode(
      FITSHeader(lines: lines + ["DATE-OBS= '2020-01-19T03:12:44.1'"]), file: "a.fits", width: 8, height: 6,
      listed: .light
    ).observation
    return (result.exposure, result.problems)
  }

  @Test(
    arguments: [
      ("EXPTIME = ' 300.0 '", 300), ("EXPTIME = '300s    '", 300), ("EXPTIME = '300 sec '", 300),
      ("EXPTIME = '5000 ms '", 5), ("EXPTIME = '2 min   '", 120), ("EXPTIME = 3.0D2", 300),
      ("EXPTIME = '2,5     '", 2.5),
    ] as [(String, Double)])
  func exposuresAsText(_ line: String, _ seconds: Double) throws {
    // 5000 ms times a thousandth is rounded in the last bit.
    #expect(abs(try Self.seen([line]).exposure - seconds) < 1e-12)
  }

  @Test func commasAreNoted() throws {
    #expect(try Self.seen(["EXPTIME = '2,5     '"]).problems.contains("EXPTIME = '2,5' is read as 2.5"))
  }

  @Test(arguments: ["'Not available'", "'300 parsec'", "-5.0", "1E12", "'1 2 3   '", "T"])
  func absurdExposuresAreRefusedWithTheValueSeen(_ value: String) throws {
    let (exposure, problems) = try Self.seen(["EXPTIME = \(value)"])
    #expect(exposure.isNaN)
    #expect(problems.contains { $0.contains("exposure") })
  }
}
