import Testing

@testable import ElnathCore

@Suite struct JulianDateTests {
  /// astropy 8.0.2: `Time("2016-12-31T23:59:60.5").jd` and so on.
  @Test(
    "Julian dates agree with astropy, inside a leap second and around one too",
    arguments: [
      (2016, 12, 31, 23, 59, 60.5, 2_457_754.499994213), (2016, 12, 31, 12, 0, 0, 2_457_753.999994213),
      (2017, 1, 1, 0, 0, 0, 2_457_754.5), (1858, 11, 17, 0, 0, 0, 2_400_000.5), (2028, 2, 29, 0, 0, 0, 2_461_830.5),
      (2019, 1, 20, 3, 12, 45.678, 2_458_503.633862014),
    ] as [(Int, Int, Int, Int, Int, Double, Double)])
  func instants(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Double, expected: Double) throws {
    let found = try #require(
      JulianDate.utc(year: year, month: month, day: day, hour: hour, minute: minute, second: second))
    // The last digit of a Julian date in a Double is 4.7e-10.
    #expect(abs(found - expected) < 1e-9)
    let calendar = try #require(JulianDate.calendar(jdUTC: found))
    #expect(
      (calendar.year, calendar.month, calendar.day, calendar.hour, calendar.minute)
        == (year, month, day, hour, minute))
    // Exact: both are the quotient of a whole number of ten-thousandths.
    #expect(calendar.second == second)
  }

  @Test(
    "Instants that never were have no Julian date",
    arguments: [
      // There was no leap second in 2019, none at this hour in 2016, and never a second 61.
      (2019, 12, 31, 23, 59, 60), (2016, 12, 31, 12, 30, 60), (2016, 12, 31, 23, 59, 61),
      (2019, 2, 29, 0, 0, 0), (2019, 13, 1, 0, 0, 0), (2019, 0, 1, 0, 0, 0), (2019, 1, 0, 0, 0, 0),
      (2019, 1, 1, 24, 0, 0), (2019, 1, 1, -1, 0, 0), (2019, 1, 1, 0, 60, 0), (2019, 1, 1, 0, 0, -1),
      (2019, 1, 1, 0, 0, .nan), (2019, 1, 1, 0, 0, .infinity), (-10_000, 1, 1, 0, 0, 0), (1 << 40, 1, 1, 0, 0, 0),
    ] as [(Int, Int, Int, Int, Int, Double)])
  func refused(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Double) {
    #expect(JulianDate.utc(year: year, month: month, day: day, hour: hour, minute: minute, second: second) == nil)
  }

  /// Every millisecond has its own Julian date, and 59.9996 s do not become 60.
  @Test func millisecondsSurviveTheWayThereAndBack() throws {
    for thousandth in 0..<1000 {
      let second = Double(59_000 + thousandth) / 1000
      let date = try #require(JulianDate.utc(year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: second))
      let calendar = try #require(JulianDate.calendar(jdUTC: date))
      #expect(calendar.day == 29 && calendar.minute == 59 && calendar.second == second)
    }
  }

  @Test func datesOfNoCalendar() {
    for date in [Double.nan, .infinity, -.infinity, -1e6, 1e9] { #expect(JulianDate.calendar(jdUTC: date) == nil) }
  }
}
