/// How many comparison stars are worth having: `usual`, and more of them as long as the zero points' errors show in the
/// error of the target.
public struct ComparisonNumber: Sendable, Equatable {
  /// Enough for most targets.
  public var usual = 15
  /// Beyond this, each further star takes less than a per cent from the error of a zero point.
  public var most = 60
  /// Part of the target's variance below which that of the zero points no longer matters: 1 per cent of its error.
  public var share = 0.02

  public init() {}

  /// - Parameters:
  ///   - variances: Expected of each star against the target, mag^2, the best star first. Weighted by their inverses, n stars
  ///     give a zero point of variance 1/sum(1/variance).
  ///   - target: Expected variance of one measurement of the target, mag^2; NaN when unknown.
  public func callAsFunction(_ variances: [Double], target: Double) -> Int {
    guard target > 0 else { return min(usual, variances.count) }
    var precision = 0.0
    for (place, variance) in variances.enumerated() {
      if place >= usual && (place >= most || precision * share * target >= 1) { return place }
      precision += 1 / variance
    }
    return variances.count
  }
}
