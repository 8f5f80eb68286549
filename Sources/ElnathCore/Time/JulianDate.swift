import CERFA

/// Julian dates in UTC. As in ERFA and astropy, a day with a leap second is one day all the same: its seconds are a
/// 86 401st of it.
public enum JulianDate {
  /// Julian date of an instant of UTC in the Gregorian calendar; nil for one that does not exist, such as 30 February,
  /// 24 h, or second 60 where there was no leap second.
  public static func utc(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Double) -> Double? {
    guard second.isFinite, let year = Int32(exactly: year), let month = Int32(exactly: month),
      let day = Int32(exactly: day), let hour = Int32(exactly: hour), let minute = Int32(exactly: minute)
    else { return nil }
    var (midnight, fraction) = (0.0, 0.0)
    let status = eraDtf2d("UTC", year, month, day, hour, minute, second, &midnight, &fraction)
    // 1 warns of a year without known leap seconds; 2 and 3 of a time after the end of its day or minute.
    guard status == 0 || status == 1 else { return nil }
    return midnight + fraction
  }

  /// The instant of a Julian date, rounded to 0.1 ms: a Julian date in one Double tells no more than 0.04 ms. The second
  /// is 60 or more inside a leap second. Nil for NaN and for dates before 4800 BC or after the year one million.
  public static func calendar(
    jdUTC: Double
  ) -> (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Double)? {
    guard abs(jdUTC) < 3.6e8 else { return nil }
    let (midnight, fraction) = split(jdUTC)
    var (year, month, day): (Int32, Int32, Int32) = (0, 0, 0)
    // Hour, minute, second, ten-thousandths.
    var clock: [Int32] = [0, 0, 0, 0]
    guard eraD2dtf("UTC", 4, midnight, fraction, &year, &month, &day, &clock) >= 0 else { return nil }
    let second = Double(clock[2] * 10_000 + clock[3]) / 10_000
    return (Int(year), Int(month), Int(day), Int(clock[0]), Int(clock[1]), second)
  }

  /// The preceding midnight and the fraction of the day since: ERFA finds leap seconds only in dates split so.
  static func split(_ jdUTC: Double) -> (midnight: Double, fraction: Double) {
    let midnight = (jdUTC - 0.5).rounded(.down) + 0.5
    return (midnight, jdUTC - midnight)
  }
}
