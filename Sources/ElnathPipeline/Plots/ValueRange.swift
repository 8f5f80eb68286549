import ElnathCore

/// The range of an axis: what is used fills it, error bars included; what is not used may lie beyond.
struct ValueRange: Sendable, Equatable {
  var lower: Double
  var upper: Double

  /// For an axis without values.
  static let unit = ValueRange(lower: 0, upper: 1)

  private init(lower: Double, upper: Double) { (self.lower, self.upper) = (lower, upper) }

  /// - Parameters:
  ///   - values: NaN where there is none.
  ///   - errors: One each, or empty. A bar longer than half of what the values span counts no longer than that.
  ///   - least: Half the height at least.
  /// Nil where no value is finite.
  init?(_ values: [Double], errors: [Double] = [], least: Double) {
    let finite = values.filter(\.isFinite)
    guard let lowest = finite.min(), let highest = finite.max(), max(abs(lowest), abs(highest)) < 1e30 else {
      return nil
    }
    let longest = max(0.5 * (highest - lowest), least)
    (lower, upper) = (lowest, highest)
    for (value, error) in zip(values, errors) where value.isFinite && error.isFinite {
      lower = min(lower, value - min(error, longest))
      upper = max(upper, value + min(error, longest))
    }
    let half = max(0.54 * (upper - lower), least)
    let middle = (lower + upper) / 2
    (lower, upper) = (middle - half, middle + half)
  }

  /// Where a value is drawn: nil inside, otherwise at the edge that it lies beyond.
  func edge(of value: Double) -> Double? {
    let margin = 0.025 * (upper - lower)
    if value < lower { return lower + margin }
    return value > upper ? upper - margin : nil
  }
}
