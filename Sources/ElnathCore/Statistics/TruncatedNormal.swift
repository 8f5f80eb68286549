#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is left of a normal distribution after its tails beyond a symmetric window are cut off.
public enum TruncatedNormal {
  /// Standard deviation before the cut, from the standard deviation `kept` of what remains within `halfWidth` of the
  /// centre. Cutting at 3 sigma leaves 0.9866 sigma.
  ///
  /// Solves kept^2 = sigma^2 (1 - 2 a phi(a)/(2 Phi(a) - 1)), a = halfWidth/sigma. A window below 2 `kept` says too
  /// little of the tails: `kept` is then returned as it is.
  public static func sigma(kept: Double, halfWidth: Double) -> Double {
    guard kept > 0, halfWidth > 2 * kept else { return kept }
    var sigma = kept
    for _ in 0..<8 {
      let a = halfWidth / sigma
      let lost = 2 * a * density(a) / erf(a / 2.0.squareRoot())
      let next = kept / (1 - lost).squareRoot()
      if abs(next - sigma) < 1e-6 * kept { return next }
      sigma = next
    }
    return sigma
  }

  /// How far the mean moves, in sigma, when a slightly skewed distribution is cut `a` sigma to both sides of its median:
  /// -(skewness/3) a (a^2 + 1) phi(a) / (2 Phi(a) - 1), to first order of its Gram-Charlier series.
  public static func meanShift(limit a: Double, skewness: Double) -> Double {
    -skewness / 3 * a * (a * a + 1) * density(a) / erf(a / 2.0.squareRoot())
  }

  /// The same for the median, which lies skewness/6 below the mean to begin with:
  /// -(skewness/6) (1 + (a^2 - 1) exp(-a^2/2)).
  public static func medianShift(limit a: Double, skewness: Double) -> Double {
    -skewness / 6 * (1 + (a.isFinite ? (a * a - 1) * exp(-0.5 * a * a) : 0))
  }

  /// Variance of a unit normal distribution of which only this central fraction is kept; 1 where all is.
  public static func variance(keeping fraction: Double) -> Double {
    precondition(fraction > 0, "something is kept")
    guard fraction < 1 else { return 1 }
    var low = 0.0
    var high = 10.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if erf(middle / 2.0.squareRoot()) < fraction { low = middle } else { high = middle }
    }
    return 1 - 2 * low * density(low) / fraction
  }

  private static func density(_ z: Double) -> Double { exp(-0.5 * z * z) / (2 * Double.pi).squareRoot() }
}
