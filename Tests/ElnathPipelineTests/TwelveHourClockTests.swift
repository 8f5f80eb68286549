import ElnathCore
import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

/// Clocks that write hours from 1 to 12 without AM or PM. Expected fractions of the day by hand.
@Suite struct TwelveHourClockTests {
  private static func decode(
    _ lines: [String], kind: Observation.Kind = .light, half: TimeRule.HalfOfDay = .night
  ) -> (hour: Double, problems: [String]) {
    var rule = TimeRule()
    rule.start = ["DATE-OBS"]
    rule.clock = ["UT"]
    rule.clockHours = 12
    rule.halfOfDayComments = ["SIMPLE"]
    rule.halfOfDay = half
    var reading = HeaderReading(FITSHeader(lines: lines))
    let time = HeaderMidTime(rule, kind: kind, exposure: 0, clockOffset: 0, reading: &reading)
    // JD 2459474.5 is 2021-09-17, 0 h.
    return ((time.julianDate - 2_459_474.5) * 24, reading.problems)
  }

  /// A Julian date in one double holds 4e-5 s, 1.1e-8 h.
  private static let tolerance = 1e-7

  @Test(
    arguments: [
      ("10:25:28", "9/17/2021 10:25:28 PM", 22.0 + 25.0 / 60 + 28.0 / 3600),
      ("10:25:28", "9/17/2021 10:25:28 AM", 10.0 + 25.0 / 60 + 28.0 / 3600),
      ("12:10:00", "9/17/2021 12:10:00 AM", 10.0 / 60), ("12:10:00", "9/17/2021 12:10:00 PM", 12.0 + 10.0 / 60),
      // The comment is of the end of the exposure, after midnight or after noon.
      ("11:59:30", "9/18/2021 12:00:30 AM", 23.0 + 59.5 / 60), ("11:59:30", "9/17/2021 12:00:30 PM", 11.0 + 59.5 / 60),
    ] as [(String, String, Double)])
  func theCommentDecides(_ time: String, _ comment: String, _ hour: Double) {
    let lines = ["SIMPLE  = T / C# FITS: \(comment)", "DATE-OBS= '2021-09-17 T\(time)'"]
    for half in TimeRule.HalfOfDay.allCases {
      let found = Self.decode(lines, half: half)
      #expect(abs(found.hour - hour) < Self.tolerance)
      #expect(found.problems.isEmpty)
    }
  }

  @Test(
    arguments: [
      ("09:38:50", Observation.Kind.light, .night, 21), ("06:38:50", .light, .night, 18),
      ("05:38:50", .light, .night, 5),
      ("12:38:50", .light, .night, 0), ("03:38:50", .flat, .night, 15), ("07:38:50", .flat, .night, 19),
      ("03:38:50", .light, .pm, 15), ("12:38:50", .light, .pm, 12), ("09:38:50", .light, .am, 9),
    ] as [(String, Observation.Kind, TimeRule.HalfOfDay, Double)])
  func theRuleOfTheProfileDecidesElse(
    _ time: String, _ kind: Observation.Kind, _ half: TimeRule.HalfOfDay, _ hour: Double
  ) {
    let found = Self.decode(["SIMPLE  = T / conforms", "DATE-OBS= '2021-09-17 T\(time)'"], kind: kind, half: half)
    #expect(abs(found.hour - (hour + 38.0 / 60 + 50.0 / 3600)) < Self.tolerance)
    #expect(found.problems.contains { $0.contains("12-hour clock") && $0.contains("is assumed") })
  }

  /// A comment that shows another time is of something else.
  @Test func aCommentFarAwayDoesNotCount() {
    let found = Self.decode(["SIMPLE  = T / 9/18/2021 4:00:00 AM", "DATE-OBS= '2021-09-17 T09:38:50'"])
    #expect(abs(found.hour - (21 + 38.0 / 60 + 50.0 / 3600)) < Self.tolerance)
    #expect(!found.problems.isEmpty)
  }

  @Test(arguments: [("21:38:50", 21.0), ("00:38:50", 0.0), ("09:38:50 AM", 9.0), ("9:38:50 PM", 21.0)])
  func whatSaysItselfIsBelieved(_ time: String, _ hour: Double) {
    let found = Self.decode(["DATE-OBS= '2021-09-17 \(time)'"])
    #expect(abs(found.hour - (hour + 38.0 / 60 + 50.0 / 3600)) < Self.tolerance)
    #expect(found.problems.isEmpty)
  }
}
