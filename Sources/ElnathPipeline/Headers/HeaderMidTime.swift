import ElnathCore

/// The middle of the exposure.
struct HeaderMidTime {
  /// Julian date, UTC; NaN when the header does not tell.
  var julianDate = Double.nan
  /// True when keywords contradict each other.
  var isConflict = false
  /// Keyword, or keywords, that it was taken from; empty without a time.
  var keywords = ""

  /// Reads it from the header. An explicit mid-time comes first, then a start with half the exposure added, in the order
  /// of the profile; a time known to more than 1 s only when there is no better. Where keywords contradict each other by
  /// more than 1 s and more than their digits explain, the more precise and more explicit one is believed, and the
  /// conflict is noted.
  ///
  /// - Parameters:
  ///   - kind: of the frame, by which a clock of 12 hours guesses the half of the day.
  ///   - exposure: seconds; NaN when unknown, and then a start alone gives no middle.
  ///   - clockOffset: seconds to add.
  init(
    _ rule: TimeRule, kind: Observation.Kind = .light, exposure: Double, clockOffset: Double,
    reading: inout HeaderReading
  ) {
    let instants = HeaderInstants(rule, kind: kind, reading: &reading)
    let candidates = instants.found.filter { $0.place != .end }
    for date in instants.datesAlone where candidates.isEmpty {
      reading.note("\(date) is a date without a time of day; the time is unknown")
    }
    let usable = exposure.isNaN ? candidates.filter { $0.place == .mid } : candidates
    guard !usable.isEmpty else {
      if !candidates.isEmpty {
        reading.note("no exposure time, so the start \(candidates[0].keywords) gives no mid-time")
      } else {
        for keyword in rule.notUTC {
          guard let text = reading.text(keyword) else { continue }
          reading.note("\(keyword) = \(text) is no time in UTC (local, heliocentric or barycentric) and is not used")
        }
        guard instants.datesAlone.isEmpty else { return }
        reading.note("no keyword gives the time (looked for \((rule.mid + rule.start).joined(separator: ", ")))")
      }
      return
    }

    var best = Self.best(of: usable) { [$0.isImplausible, $0.isCoarse] }
    let widest = usable.map { Self.difference($0, best, exposure) }.max() ?? 0
    if usable.contains(where: { Self.contradict($0, best, exposure) }) {
      isConflict = true
      // A quarter of an hour and more is a matter of time zones: there it counts most that a clock says what it shows.
      best =
        widest >= 900
        ? Self.best(of: usable) { [$0.isImplausible, !$0.isExplicit, $0.isCoarse, $0.place != .mid] }
        : Self.best(of: usable) { [$0.isImplausible, $0.isCoarse, $0.place != .mid, $0.resolution > 0.1] }
      for other in usable where Self.contradict(other, best, exposure) {
        let seconds = (Self.difference(other, best, exposure) * 1000).rounded() / 1000
        reading.note(
          "\(other.keywords) = \(other.text) differs from \(best.keywords) = \(best.text) by \(seconds) s; "
            + "\(best.keywords) is believed")
      }
    }
    if best.place == .startOrMid && exposure > 2 {
      reading.note("\(best.keywords) may be the start or the middle of the exposure; the start is assumed")
    }
    if best.isImplausible { reading.note("\(best.keywords) = \(best.text): the clock seems not to have been set") }
    if best.resolution > 2 {
      reading.note("\(best.keywords) = \(best.text) gives the time only to \(best.resolution.rounded()) s")
    }
    let middle = best.middles(exposure: exposure.isNaN ? 0 : exposure)[0]
    Self.checkEnd(instants.found, middle: middle, exposure: exposure, reading: &reading)
    keywords = best.keywords
    julianDate = middle + clockOffset / secondsPerDay
  }

  /// The first of those that fail the least of the criteria, the earlier criteria counting more.
  private static func best(of instants: [HeaderInstant], faults: (HeaderInstant) -> [Bool]) -> HeaderInstant {
    func score(_ instant: HeaderInstant) -> Int { faults(instant).reduce(0) { $0 * 2 + ($1 ? 1 : 0) } }
    return instants.min { score($0) < score($1) } ?? instants[0]
  }

  /// Seconds between the middles that two instants give.
  private static func difference(_ a: HeaderInstant, _ b: HeaderInstant, _ exposure: Double) -> Double {
    let length = exposure.isNaN ? 0 : exposure
    let differences = a.middles(exposure: length).flatMap { middle in
      b.middles(exposure: length).map { abs(middle - $0) * secondsPerDay }
    }
    return differences.min() ?? 0
  }

  private static func contradict(_ a: HeaderInstant, _ b: HeaderInstant, _ exposure: Double) -> Bool {
    let coarse = max(a.resolution, b.resolution)
    let fine = min(a.resolution, b.resolution)
    // The coarser one may be cut off, the finer one rounded; a Julian date in one double holds 0.04 ms.
    return difference(a, b, exposure) > max(1, coarse + fine / 2) + 1e-3
  }

  /// An end of the exposure only checks: readout may be part of it, so that up to 5 per cent are left.
  private static func checkEnd(
    _ instants: [HeaderInstant], middle: Double, exposure: Double, reading: inout HeaderReading
  ) {
    guard let end = instants.first(where: { $0.place == .end && !$0.isCoarse }), exposure.isFinite else { return }
    let late = (end.julianDate - middle) * secondsPerDay - exposure / 2
    if abs(late) > max(1 + end.resolution, 0.05 * exposure) {
      reading.note(
        "\(end.keywords) = \(end.text) lies \((late * 1000).rounded() / 1000) s after start and exposure time")
    }
  }
}

extension HeaderInstant {
  var isCoarse: Bool { resolution > 1 }

  /// Before the first CCD on a telescope or in a future that a clock only shows when it is wrong.
  var isImplausible: Bool { julianDate < 2_443_000 || julianDate > 2_477_000 }
}
