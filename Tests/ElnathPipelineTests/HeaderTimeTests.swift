// Julian dates from astropy 8.0.2: Time('2020-01-19T03:12:44.1', scale='utc').jd
import Testing

@testable import ElnathFITS
@testable import ElnathPipeline

private let rule = TimeRule.usual

extension TimeRule {
  /// The rule of catalogs/cameras/generic.toml.
  static var usual: TimeRule {
    var rule = TimeRule()
    rule.mid = ["DATE-AVG", "MJD-AVG"]
    rule.start = ["DATE-BEG", "MJD-BEG", "DATE-OBS", "UT-OBS", "MJD-OBS"]
    rule.startOrMid = ["JD"]
    rule.end = ["DATE-END"]
    rule.clock = ["TIME-OBS", "UT-OBS", "UT"]
    rule.universal = ["UT-OBS", "UT"]
    return rule
  }
}

/// A Julian date in one double holds 4e-5 s; two roundings.
private let tolerance = 1e-9

private func decode(
  _ lines: [String], exposure: Double = 300, offset: Double = 0, rule: TimeRule = .usual
) -> (julianDate: Double, isConflict: Bool, problems: [String]) {
  var reading = HeaderReading(FITSHeader(lines: lines))
  let time = HeaderMidTime(rule, exposure: exposure, clockOffset: offset, reading: &reading)
  return (time.julianDate, time.isConflict, reading.problems)
}

@Suite struct HeaderTimeTests {
  static let start = 2_458_867.633843750
  static let middle = 2_458_867.635579861

  @Test(arguments: [
    ["DATE-OBS= '2020-01-19T03:12:44.1'"],
    ["DATE-OBS= '2020-01-19 03:12:44.1'"],
    ["DATE-OBS= '2020-01-19 T03:12:44.1'"],
    ["DATE-OBS= '2020/01/19T03:12:44.1Z'"],
    ["DATE-OBS= '2020-01-18T20:12:44.1-0700'"],
    ["DATE-OBS= '2020-01-19T05:12:44.1+02:00'"],
    ["DATE-OBS= '2020-01-19T08:42:44.1 +0530'"],
    ["DATE-OBS= '2020-01-19'", "TIME-OBS= '03:12:44.1'"],
    ["DATE-OBS= '2020-01-19'", "TIME-OBS= '2020-01-19T03:12:44.1'"],
    ["DATE-OBS= '2020-01-19'", "UT      = '03:12:44.1'"],
    ["DATE-OBS= '2020-01-19 3:12:44.1 AM'"],
    ["DATE-BEG= '2020-01-19T03:12:44.1'"],
    ["MJD-BEG = 58867.13384375"],
    ["MJD-OBS = '2020-01-19T03:12:44.1'"],
    ["MJD-OBS = 58867.13384375"],
    ["DATE-AVG= '2020-01-19T03:15:14.1'"],
    ["MJD-AVG = 58867.135579861"],
    // 37 s of leap seconds and 32.184 s between TAI and TT.
    ["TIMESYS = 'TT'", "DATE-OBS= '2020-01-19T03:13:53.284'"],
    ["TIMESYS = 'TAI'", "DATE-OBS= '2020-01-19T03:13:21.1'"],
  ])
  func oneKeyword(_ lines: [String]) {
    let (found, isConflict, problems) = decode(lines)
    #expect(abs(found - Self.middle) < tolerance, "\(lines)")
    #expect(!isConflict)
    #expect(problems.isEmpty)
  }

  /// Before 1 July 2015 there were 35 leap seconds: TT is 67.184 s ahead of UTC.
  @Test func leapSecondsAreThoseOfTheirTime() {
    let (found, _, _) = decode(["TIMESYS = 'TT'", "DATE-OBS= '2015-01-02T12:01:07.184'"], exposure: 0)
    // astropy 8.0.2: Time('2015-01-02T12:00:00', scale='utc').jd
    #expect(abs(found - 2_457_025.0) < tolerance)
  }

  @Test func oldDatesAreOfThe20thCentury() {
    let (found, _, _) = decode(["DATE-OBS= '19/01/97'", "UT      = '12:00:00'"], exposure: 0)
    #expect(found == 2_450_468.0)
  }

  @Test func clockOffsetIsAdded() {
    let found = decode(["DATE-OBS= '2020-01-19T03:12:44.1'"], offset: 86.4).julianDate
    #expect(abs(found - (Self.middle + 0.001)) < tolerance)
  }

  @Test func zoneOfTheProfileServesClocksThatDoNotSay() {
    var local = rule
    local.zone = -7
    #expect(abs(decode(["DATE-OBS= '2020-01-18T20:12:44.1'"], rule: local).julianDate - Self.middle) < tolerance)
    #expect(abs(decode(["DATE-OBS= '2020-01-19T03:12:44.1Z'"], rule: local).julianDate - Self.middle) < tolerance)
    let universal = decode(["DATE-OBS= '2020-01-19'", "UT      = '03:12:44.1'"], rule: local)
    #expect(abs(universal.julianDate - Self.middle) < tolerance)
  }

  /// 2024 is a leap year; the offset carries over its 29 February.
  @Test func offsetsCrossMidnight() {
    let (found, _, _) = decode(["DATE-OBS= '2024-02-29T16:59:30-07:00'"], exposure: 0)
    #expect(abs(found - 2_460_370.499652778) < tolerance)
  }

  /// The leap second of 2016 came at 16:59:60 of a clock 7 h behind. astropy 8.0.2: Time('2016-12-31T23:59:60.5').jd.
  @Test(arguments: ["2016-12-31T23:59:60.5", "2016-12-31T16:59:60.5-07:00"])
  func leapSecondsAreInstants(_ text: String) {
    let (found, _, problems) = decode(["DATE-OBS= '\(text)'"], exposure: 0)
    #expect(abs(found - 2_457_754.499994213) < tolerance)
    #expect(problems.isEmpty)
  }

  @Test(arguments: [
    "DATE-OBS= '2020-01-19'", "DATE-OBS= '2020-02-30T00:00:00'", "DATE-OBS= '2020-01-19T24:00:01'",
    "DATE-OBS= '2020-01-19T03:60:00'", "DATE-OBS= '2020-01-19T03:12:61'", "DATE-OBS= 'yesterday'",
    "DATE-OBS= '2020-01-19T03:12:60.5'", "DATE-OBS= '2020-01-19T03:12:44+9999'", "MJD-OBS = 58867", "MJD-OBS = 3.5",
    "DATE    = '2020-01-19T03:12:44'",
  ])
  func refused(_ line: String) {
    let (found, _, problems) = decode([line])
    #expect(found.isNaN)
    #expect(!problems.isEmpty)
  }

  @Test func withoutExposureAStartGivesNoMiddle() {
    #expect(decode(["DATE-OBS= '2020-01-19T03:12:44.1'"], exposure: .nan).julianDate.isNaN)
    let explicit = decode(["DATE-AVG= '2020-01-19T03:15:14.1'"], exposure: .nan)
    #expect(abs(explicit.julianDate - Self.middle) < tolerance)
  }

  /// The telescopes write local time with its offset, UTC, and a day number of three digits (86 s).
  @Test func agreementWithinPrintedDigitsIsNoConflict() {
    let (found, isConflict, problems) = decode(
      [
        "DATE-OBS= '2017-12-19T18:33:43.317-0700'", "DATE-END= '2017-12-19T18:34:45.277-0700'",
        "UT-OBS  = '2017-12-20T01:33:43.317-0000'", "MJD-OBS = 58107.065",
      ], exposure: 60)
    #expect(abs(found - 2_458_107.5654319096) < tolerance)
    #expect(!isConflict)
    // 1.96 s more than the exposure are within 5 per cent of 60 s.
    #expect(problems.isEmpty)
  }

  @Test func aCoarseMidTimeYieldsToAFineStart() {
    let (found, isConflict, _) = decode(["MJD-AVG = 58867.135", "DATE-OBS= '2020-01-19T03:12:44.1'"])
    #expect(abs(found - Self.middle) < tolerance)
    #expect(!isConflict)
  }

  @Test func aJulianDateMayBeOfTheMiddle() {
    let (alone, _, problems) = decode(["JD      = 2458867.63384375"])
    #expect(abs(alone - Self.middle) < tolerance)
    #expect(problems.count == 1 && problems[0].contains("start is assumed"))
    let (_, isConflict, _) = decode(["DATE-OBS= '2020-01-19T03:12:44.1'", "JD      = 2458867.63557986"])
    #expect(!isConflict)
  }

  @Test func theMorePreciseOneIsBelieved() {
    let (found, isConflict, problems) = decode(
      ["DATE-OBS= '2020-01-19T03:12:50'", "MJD-OBS = 58867.13384375"])
    #expect(abs(found - Self.middle) < tolerance)
    #expect(isConflict)
    #expect(problems.count == 1 && problems[0].contains("DATE-OBS") && problems[0].contains("5.9 s"))
  }

  @Test func theOneThatSaysItIsUTCIsBelieved() {
    let (found, isConflict, problems) = decode(
      ["DATE-OBS= '2020-01-18T20:12:44.100'", "UT      = '03:12:44.1'"])
    #expect(abs(found - Self.middle) < tolerance)
    #expect(isConflict)
    #expect(problems.contains { $0.contains("25200.0 s") })
  }

  @Test func anExplicitMiddleIsBelievedBeforeAStart() {
    let (found, isConflict, _) = decode(
      ["DATE-OBS= '2020-01-19T03:12:40.1'", "DATE-AVG= '2020-01-19T03:15:14.1'"])
    #expect(abs(found - Self.middle) < tolerance)
    #expect(isConflict)
  }

  @Test func aClockThatWasNotSetIsNotBelieved() {
    let (found, isConflict, _) = decode(["DATE-OBS= '1970-01-01T00:03:00.000'", "MJD-OBS = 58867.1338"])
    #expect(abs(found - Self.middle) < 1e-4)
    #expect(isConflict)
    #expect(decode(["DATE-OBS= '1970-01-01T00:03:00.000'"]).problems.contains { $0.contains("not to have been set") })
  }

  @Test func aSecondMoreOrLessIsNoConflict() {
    #expect(!decode(["DATE-OBS= '2020-01-19T03:12:44.1'", "MJD-OBS = 58867.13385375"]).isConflict)
    #expect(decode(["DATE-OBS= '2020-01-19T03:12:44.1'", "MJD-OBS = 58867.13386"]).isConflict)
  }

  @Test func theEndOnlyChecks() {
    let (found, isConflict, problems) = decode(
      ["DATE-OBS= '2020-01-19T03:12:44.1'", "DATE-END= '2020-01-19T03:18:44.1'"])
    #expect(abs(found - Self.middle) < tolerance)
    #expect(!isConflict)
    #expect(problems.count == 1 && problems[0].contains("60.0 s"))
  }

  /// 7.5 hours east or west of Greenwich move noon, and so the night.
  @Test func nightsRunFromNoonToNoon() {
    #expect(HeaderClock.night(2_458_867.63, longitude: 0) == "2020-01-18")
    #expect(HeaderClock.night(2_458_868.02, longitude: 0) == "2020-01-19")
    #expect(HeaderClock.night(2_458_868.02, longitude: -112.5) == "2020-01-18")
    #expect(HeaderClock.night(2_458_867.71, longitude: 112.5) == "2020-01-19")
    #expect(HeaderClock.night(.nan, longitude: 0) == "")
  }
}

@Suite struct ClockDateTests {
  /// Every day of four centuries is counted once and read back.
  @Test func daysAndDatesAreOneToOne() {
    var date = ClockText.Date(dayNumber: -73_000)
    for day in -72_999...73_100 {
      let next = ClockText.Date(dayNumber: day)
      #expect(next.exists && next.dayNumber == day)
      #expect((next.year, next.month, next.day) > (date.year, date.month, date.day))
      date = next
    }
    #expect(ClockText.Date(dayNumber: 0) == ClockText.Date(year: 1970, month: 1, day: 1))
  }
}
