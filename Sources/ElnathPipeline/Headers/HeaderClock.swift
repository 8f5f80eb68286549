import ElnathCore

/// From what headers write to Julian dates in UTC.
enum HeaderClock {
  /// Julian date (UTC) of a clock that is so many minutes ahead of UTC; nil for an instant that does not exist. The 60th
  /// second of a minute without a leap second, which programs write that round 59.9996, is the start of the next one:
  /// then `isRounded`.
  static func julianDate(
    _ date: ClockText.Date, _ time: ClockText.Time, minutesAhead: Int
  ) -> (value: Double, isRounded: Bool)? {
    let minutes = date.dayNumber * 1440 + time.hour * 60 + time.minute - minutesAhead
    if let exact = julianDate(minutes: minutes, second: time.second) { return (exact, false) }
    guard time.second == 60, let next = julianDate(minutes: minutes + 1, second: 0) else { return nil }
    return (next, true)
  }

  /// `minutes` since 1970-01-01, each day having 1440.
  private static func julianDate(minutes: Int, second: Double) -> Double? {
    let day = minutes >= 0 ? minutes / 1440 : (minutes - 1439) / 1440
    let rest = minutes - day * 1440
    let utc = ClockText.Date(dayNumber: day)
    return JulianDate.utc(
      year: utc.year, month: utc.month, day: utc.day, hour: rest / 60, minute: rest % 60, second: second)
  }

  /// A Julian date of a plain number, modified or not; nil for what can be neither.
  static func julianDate(number: Double) -> Double? {
    if (15_000..<150_000).contains(number) { return number + 2_400_000.5 }
    return (2_400_000..<2_600_000).contains(number) ? number : nil
  }

  /// One unit of the last digit of a number of days, in seconds.
  static func resolution(ofDays text: String) -> Double {
    let parts = text.uppercased().split { $0 == "E" || $0 == "D" }
    let fraction = parts.first?.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    var unit = secondsPerDay
    for _ in 0..<max(0, fraction - exponent) { unit /= 10 }
    return unit
  }

  /// Days since 1970-01-01 of the day (UTC) of a Julian date.
  static func dayNumber(_ julianDate: Double) -> Int { Int((julianDate - 2_440_587.5).rounded(.down)) }

  /// The observing night, from noon to noon in mean solar time at the given longitude (degrees east), named by the date
  /// of its evening; empty for NaN.
  static func night(_ julianDate: Double, longitude: Double) -> String {
    guard julianDate.isFinite, abs(julianDate) < 1e8 else { return "" }
    let date = ClockText.Date(dayNumber: Int((julianDate + longitude / 360).rounded(.down)) - 2_440_588)
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(date.year)-\(padded(date.month))-\(padded(date.day))"
  }
}

extension TimeScale {
  /// What a header may name in TIMESYS.
  init?(header: String) {
    switch header.uppercased() {
    case "UTC", "UT", "UT1", "GMT": self = .utc
    case "TT", "TDT", "ET", "TDB": self = .terrestrial
    case "TAI", "IAT": self = .atomic
    default: return nil
    }
  }
}
