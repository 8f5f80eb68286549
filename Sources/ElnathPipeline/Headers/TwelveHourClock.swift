import ElnathCore

/// Times of day of a clock that writes hours 1 to 12 without saying which half of the day it means.
struct TwelveHourClock {
  let rule: TimeRule
  let kind: Observation.Kind

  init(_ rule: TimeRule, kind: Observation.Kind) {
    self.rule = rule
    self.kind = kind
  }

  /// The time of day that a text means; nil for a text without one. For a clock of 24 hours, and for a text that says AM
  /// or PM or has an hour of the afternoon, that is the text's own.
  func time(of clock: ClockText, _ keyword: String, _ reading: inout HeaderReading) -> ClockText.Time? {
    guard var time = clock.time else { return nil }
    guard rule.clockHours == 12, !clock.saysHalfOfDay, (1...12).contains(time.hour) else { return time }
    let morning = time.hour % 12
    if let isAfternoon = isAfternoonByComment(time, reading) {
      time.hour = morning + (isAfternoon ? 12 : 0)
      return time
    }
    let isAfternoon = isAfternoon(hour: morning)
    time.hour = morning + (isAfternoon ? 12 : 0)
    reading.note(
      "\(keyword) = '\(reading.text(keyword) ?? "")' is of a 12-hour clock and nothing says AM or PM; "
        + "\(isAfternoon ? "PM" : "AM") is assumed")
    return time
  }

  private func isAfternoon(hour: Int) -> Bool {
    switch rule.halfOfDay {
    case .am: false
    case .pm: true
    case .night: kind == .flat || hour >= 6
    }
  }

  /// Minutes by which the time in a comment, which may be that of writing the file, can lie apart.
  private static let farthest = 60

  /// By a comment with AM or PM that shows nearly the same time; nil where there is none.
  private func isAfternoonByComment(_ time: ClockText.Time, _ reading: HeaderReading) -> Bool? {
    for keyword in rule.halfOfDayComments {
      guard let shown = Self.time(in: reading.comment(keyword)) else { continue }
      for isAfternoon in [false, true] {
        let minutes = (time.hour % 12 + (isAfternoon ? 12 : 0)) * 60 + time.minute
        let apart = abs(minutes - shown.hour * 60 - shown.minute)
        if min(apart, 1440 - apart) <= Self.farthest { return isAfternoon }
      }
    }
    return nil
  }

  /// The first time of day with AM or PM in a text such as `C# FITS: 9/17/2021 9:53:35 PM`.
  static func time(in text: String) -> ClockText.Time? {
    let words = text.split(separator: " ").map(String.init)
    for place in words.indices where words[place].contains(":") {
      let next = place + 1 < words.count ? words[place + 1] : ""
      for candidate in [words[place], words[place] + " " + next] {
        if let clock = ClockText(candidate), clock.saysHalfOfDay, let time = clock.time { return time }
      }
    }
    return nil
  }
}
