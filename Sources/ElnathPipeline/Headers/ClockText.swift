/// A date, a time of day, or both, as headers write them: `2020-01-19T03:12:44.1`, also with a blank before, after or in
/// place of the T, `/` for `-`, the old `19/01/97` (day first, 20th century), and a time of day alone. Behind the time may stand
/// AM or PM and a time zone: `Z`, `UTC`, `UT`, `GMT`, `-0700`, `+02:00`, `+02`.
struct ClockText: Equatable {
  struct Date: Equatable {
    var year: Int
    var month: Int
    var day: Int
  }

  struct Time: Equatable {
    /// 24 for the end of a day, written 24:00:00.
    var hour: Int
    var minute: Int
    /// Up to 60.999 in a leap second.
    var second: Double
  }

  var date: Date?
  var time: Time?
  /// Minutes that the clock is ahead of UTC (east positive); nil when the text does not say.
  var zone: Int?
  /// True when AM or PM stands behind the time.
  var saysHalfOfDay = false
  /// One unit of the last digit, in seconds; infinite without a time.
  var resolution = Double.infinity

  /// Nil for text that is not wholly a date, a time or both, or names an hour or a day that does not exist.
  init?(_ text: String) {
    var scanner = Scanner(text)
    scanner.skipBlanks()
    if let date = scanner.date() {
      self.date = date
      scanner.skipBlanks()
      if scanner.take("T") || scanner.take("t") { scanner.skipBlanks() }
    }
    if !scanner.isAtEnd {
      guard let found = scanner.time() else { return nil }
      time = found.time
      resolution = found.resolution
      saysHalfOfDay = found.saysHalfOfDay
      guard scanner.zone(into: &zone) else { return nil }
    }
    guard scanner.isAtEnd, date != nil || time != nil else { return nil }
  }
}

private struct Scanner {
  private var rest: Substring

  init(_ text: String) {
    rest = Substring(text.withoutOuterBlanks)
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skipBlanks() {
    rest = rest.drop(while: \.isWhitespace)
  }

  mutating func take(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  private mutating func digits(_ counts: ClosedRange<Int>) -> (value: Int, count: Int)? {
    let run = rest.prefix { $0.isASCII && $0.isNumber }
    guard counts.contains(run.count), let value = Int(run) else { return nil }
    rest = rest.dropFirst(run.count)
    return (value, run.count)
  }

  /// Leaves the text as it is when it does not start with a date.
  mutating func date() -> ClockText.Date? {
    let start = rest
    var found: ClockText.Date?
    defer { if found == nil { rest = start } }
    guard let first = digits(1...4), let separator = rest.first, separator == "-" || separator == "/" else {
      return nil
    }
    rest = rest.dropFirst()
    guard let month = digits(1...2), take(String(separator)), let last = digits(1...4) else { return nil }
    let date: ClockText.Date
    if first.count == 4 && last.count <= 2 {
      date = ClockText.Date(year: first.value, month: month.value, day: last.value)
    } else if first.count <= 2 && last.count == 2 && separator == "/" {
      date = ClockText.Date(year: 1900 + last.value, month: month.value, day: first.value)
    } else {
      return nil
    }
    guard date.exists else { return nil }
    found = date
    return found
  }

  mutating func time() -> (time: ClockText.Time, resolution: Double, saysHalfOfDay: Bool)? {
    guard let hour = digits(1...2), take(":") || take(" "), let minute = digits(2...2), minute.value < 60 else {
      return nil
    }
    var second = 0.0
    var resolution = 60.0
    let separated = rest.first == ":" || (rest.first == " " && rest.dropFirst().first?.isNumber == true)
    if separated {
      rest = rest.dropFirst()
      guard let whole = digits(2...2), whole.value <= 60 else { return nil }
      second = Double(whole.value)
      resolution = 1
      if take(".") || take(",") {
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        guard let value = Double("\(whole.value).\(fraction)0") else { return nil }
        second = value
        for _ in fraction { resolution /= 10 }
        rest = rest.dropFirst(fraction.count)
      }
    }
    guard let (hour, saysHalfOfDay) = afterNoon(hour.value) else { return nil }
    guard hour < 24 || (minute.value == 0 && second == 0) else { return nil }
    return (ClockText.Time(hour: hour, minute: minute.value, second: second), resolution, saysHalfOfDay)
  }

  /// The hour of the day, with AM or PM taken into account where the text has it.
  private mutating func afterNoon(_ hour: Int) -> (hour: Int, saysHalfOfDay: Bool)? {
    let start = rest
    skipBlanks()
    let word = rest.prefix(2).uppercased()
    guard word == "AM" || word == "PM" else {
      rest = start
      return hour <= 24 ? (hour, false) : nil
    }
    rest = rest.dropFirst(2)
    guard (1...12).contains(hour) else { return nil }
    return (hour % 12 + (word == "PM" ? 12 : 0), true)
  }

  /// False when what stands behind the time is not a time zone.
  mutating func zone(into minutes: inout Int?) -> Bool {
    skipBlanks()
    if rest.isEmpty { return true }
    if ["Z", "UTC", "UT", "GMT"].contains(rest.uppercased()) {
      rest = ""
      minutes = 0
      return true
    }
    guard let sign = rest.first, "+-\u{2212}".contains(sign) else { return false }
    rest = rest.dropFirst()
    guard let hours = digits(1...4) else { return false }
    var ahead: Int
    if hours.count <= 2 {
      ahead = hours.value * 60
      if take(":") {
        guard let more = digits(2...2), more.value < 60 else { return false }
        ahead += more.value
      }
    } else {
      guard hours.count == 4, hours.value % 100 < 60 else { return false }
      ahead = hours.value / 100 * 60 + hours.value % 100
    }
    guard ahead <= 14 * 60 else { return false }
    minutes = sign == "+" ? ahead : -ahead
    return true
  }
}

extension ClockText.Date {
  var exists: Bool {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && (1...lengths[month - 1]).contains(day)
  }

  /// Days since 1970-01-01 in the Gregorian calendar.
  var dayNumber: Int {
    // The year is counted from March, so that the leap day is its last.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
  }

  init(dayNumber: Int) {
    let shifted = dayNumber + 719468
    let era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
    let dayOfEra = shifted - era * 146097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}
