/// Scatter that a few wild values do not move.
public enum RobustScale {
  /// Standard deviation of a normal distribution in units of its median absolute deviation: 1/Phi^-1(3/4).
  public static let sigmaPerMAD = 1.482602218505602

  /// 1.4826 x the median absolute deviation about the median; NaN without values, 0 for one.
  public static func sigma(_ values: [Double]) -> Double {
    sigma(values, about: Median.of(values))
  }

  /// 1.4826 x the median absolute deviation about `centre`; NaN without values. NaN values are left out.
  public static func sigma(_ values: [Double], about centre: Double) -> Double {
    var deviations = values.compactMap { $0.isNaN ? nil : abs($0 - centre) }
    return sigmaPerMAD * Median.inPlace(&deviations)
  }
}
