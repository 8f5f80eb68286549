import ElnathCore
import ElnathFITS

/// An instant that one keyword of the header gives.
struct HeaderInstant {
  enum Place {
    case mid, start, end, startOrMid
  }

  /// Keyword, or keywords, as messages name them.
  var keywords: String
  /// The value as written.
  var text: String
  var place: Place
  /// UTC.
  var julianDate: Double
  /// One unit of the last digit written, in seconds.
  var resolution: Double
  /// True when the text, its keyword or TIMESYS says which time scale it is in.
  var isExplicit: Bool

  /// The middle of the exposures that it can mean.
  func middles(exposure: Double) -> [Double] {
    let half = exposure / 2 / secondsPerDay
    switch place {
    case .mid: return [julianDate]
    case .start: return [julianDate + half]
    case .end: return [julianDate - half]
    case .startOrMid: return [julianDate + half, julianDate]
    }
  }
}

let secondsPerDay = 86400.0

/// Reads the instants of a header. What cannot be read is noted, a date without a time of day last of all.
struct HeaderInstants {
  let rule: TimeRule
  private(set) var found: [HeaderInstant] = []
  /// Dates that nothing gives a time of day for.
  private(set) var datesAlone: [String] = []

  /// What TIMESYS names; UTC when the header is silent.
  private let scale: TimeScale
  private let statesScale: Bool
  private let twelveHours: TwelveHourClock

  init(_ rule: TimeRule, kind: Observation.Kind = .light, reading: inout HeaderReading) {
    self.rule = rule
    twelveHours = TwelveHourClock(rule, kind: kind)
    let stated = reading.text("TIMESYS")
    let known = stated.flatMap { TimeScale(header: $0) }
    if let stated, known == nil { reading.note("TIMESYS = '\(stated)' is not a known time scale; UTC is assumed") }
    scale = known ?? .utc
    statesScale = known != nil

    for keyword in rule.mid { read(keyword, .mid, &reading) }
    for keyword in rule.start { read(keyword, .start, &reading) }
    for keyword in rule.startOrMid { read(keyword, .startOrMid, &reading) }
    for keyword in rule.end { read(keyword, .end, &reading) }
    readClocks(&reading)
  }

  private mutating func read(_ keyword: String, _ place: HeaderInstant.Place, _ reading: inout HeaderReading) {
    guard let text = reading.text(keyword) else { return }
    if let number = HeaderNumber(text), number.unit.isEmpty {
      guard let julianDate = HeaderClock.julianDate(number: number.value) else {
        reading.note("\(keyword) = \(text) is neither a Julian date nor a modified one")
        return
      }
      let resolution = HeaderClock.resolution(ofDays: text.replacing(",", with: "."))
      guard resolution < 3600 else { return datesAlone.append("\(keyword) = \(text)") }
      add(keyword, text, place, scale.utc(julianDate), resolution, true)
      return
    }
    guard let clock = ClockText(text) else {
      reading.note("\(keyword) = '\(text)' is not a date and time")
      return
    }
    guard let date = clock.date else { return }
    if let time = twelveHours.time(of: clock, keyword, &reading) {
      let zone = zone(of: clock, keyword)
      guard let julianDate = utc(date, time, zone, keyword, &reading) else {
        reading.note("\(keyword) = '\(text)' is not a possible time")
        return
      }
      if zone == nil, rule.zone == 0, reading.comment(keyword).lowercased().contains("local time") {
        reading.note("\(keyword) is local time by its comment, but is read as UTC; state input.clock_zone_h")
      }
      add(keyword, text, place, julianDate, clock.resolution, zone != nil || statesScale)
      return
    }
    let before = found.count
    for other in rule.clock {
      guard let written = reading.text(other), let clock = ClockText(written),
        let time = twelveHours.time(of: clock, other, &reading),
        let julianDate = utc(clock.date ?? date, time, zone(of: clock, other), other, &reading)
      else { continue }
      add(
        "\(keyword) + \(other)", "\(text) \(written)", place, julianDate, clock.resolution,
        zone(of: clock, other) != nil || statesScale)
    }
    if found.count == before { datesAlone.append("\(keyword) = '\(text)'") }
  }

  /// Times of day beside complete dates: they take the day on which they come nearest.
  private mutating func readClocks(_ reading: inout HeaderReading) {
    guard let base = found.first(where: { $0.place == .start && !$0.keywords.contains("+") }) else { return }
    for keyword in rule.clock where !found.contains(where: { $0.keywords.hasSuffix("+ \(keyword)") }) {
      guard let text = reading.text(keyword), let clock = ClockText(text), clock.date == nil,
        let time = twelveHours.time(of: clock, keyword, &reading)
      else { continue }
      // A plain time of day goes with the clock of the date beside it.
      let stated = zone(of: clock, keyword)
      let zone = stated ?? ClockText(base.text)?.zone
      let day = ClockText.Date(dayNumber: HeaderClock.dayNumber(base.julianDate))
      guard let near = utc(day, time, zone, keyword, &reading) else { continue }
      let julianDate = near - (near - base.julianDate).rounded()
      add(keyword, text, .start, julianDate, clock.resolution, stated != nil)
    }
  }

  /// What the text or the name of its keyword says; nil when neither does.
  private func zone(of clock: ClockText, _ keyword: String) -> Int? {
    clock.zone ?? (rule.universal.contains(keyword) ? 0 : nil)
  }

  private mutating func add(
    _ keywords: String, _ text: String, _ place: HeaderInstant.Place, _ julianDate: Double, _ resolution: Double,
    _ isExplicit: Bool
  ) {
    found.append(
      HeaderInstant(
        keywords: keywords, text: text, place: place, julianDate: julianDate, resolution: resolution,
        isExplicit: isExplicit))
  }

  /// `zone` in minutes; nil for a clock that doesn't say, which then runs as the profile says.
  private func utc(
    _ date: ClockText.Date, _ time: ClockText.Time, _ zone: Int?, _ keyword: String, _ reading: inout HeaderReading
  ) -> Double? {
    let ahead = zone ?? Int((rule.zone * 60).rounded())
    guard let found = HeaderClock.julianDate(date, time, minutesAhead: ahead) else { return nil }
    let text = reading.text(keyword) ?? ""
    if time.hour == 24 { reading.note("\(keyword) = '\(text)' is read as 00:00:00 of the next day") }
    if found.isRounded { reading.note("\(keyword) = '\(text)': 60 seconds are read as the next full minute") }
    return zone == nil ? scale.utc(found.value) : found.value
  }
}
