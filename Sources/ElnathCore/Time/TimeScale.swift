import CERFA

/// The scales in which headers give times.
public enum TimeScale: String, Sendable, CaseIterable {
  case utc = "UTC"
  /// Terrestrial time; TDB stays within 2 ms of it.
  case terrestrial = "TT"
  case atomic = "TAI"

  /// The Julian date in UTC of one in this scale, with the leap seconds of its time; NaN for what is no date.
  public func utc(_ julianDate: Double) -> Double {
    guard abs(julianDate) < 1e8 else { return .nan }
    let (midnight, fraction) = JulianDate.split(julianDate)
    var atomic = (midnight, fraction)
    switch self {
    case .utc: return julianDate
    case .terrestrial: eraTttai(midnight, fraction, &atomic.0, &atomic.1)
    case .atomic: break
    }
    var utc = (0.0, 0.0)
    // 1 warns of a year without known leap seconds.
    guard eraTaiutc(atomic.0, atomic.1, &utc.0, &utc.1) >= 0 else { return .nan }
    return utc.0 + utc.1
  }
}
