/// By how much a star scatters more than expected: the variance that, added to each expected one, gives standardised
/// residuals of scatter 1 (Paule & Mandel 1982, J. Res. NBS 87, 377), with outliers left out.
///
/// It may come out negative, as an estimate of something small does half of the time; sums over stars stay true.
struct ExcessVariance: Sendable, Equatable {
  /// mag^2, and its standard error.
  var value: Double
  var error: Double

  init(value: Double, error: Double) {
    self.value = value
    self.error = error
  }

  /// One Newton step from `known` on.
  /// - Parameters:
  ///   - z: Residuals over the root of expected variance + known, reordered here. Fewer than 3 tell nothing.
  ///   - inverses: The sum of the inverses of those variances.
  init(standardised z: inout [Double], inverseVariances inverses: Double, known: Double) {
    let n = Double(z.count)
    guard z.count >= 3, inverses > 0, inverses.isFinite else {
      value = 0
      error = .infinity
      return
    }
    let square = Self.squaredScatter(&z)
    let unit = n / inverses
    value = known + (square - 1) * unit
    error = (2 / n).squareRoot() * unit
  }

  /// Squared scatter of normal values with outliers: those beyond 4 sigma, from the median absolute deviation, are left
  /// out, and what that takes from a normal distribution is given back. Nearly as sharp as the plain variance; the
  /// median absolute deviation alone has a third of its efficiency.
  static func squaredScatter(_ values: inout [Double]) -> Double {
    let n = Double(values.count)
    let median = Median.inPlace(&values)
    var deviations = values.map { abs($0 - median) }
    // For few values the median absolute deviation is too small (Croux & Rousseeuw 1992, COMPSTAT 1, 411).
    let scale = RobustScale.sigmaPerMAD * Median.inPlace(&deviations) * n / (n - 0.8)
    var kept = 0.0
    var sum = 0.0
    var squares = 0.0
    for value in values where abs(value - median) <= 4 * scale {
      kept += 1
      sum += value - median
      squares += (value - median) * (value - median)
    }
    return kept > 1 ? (squares - sum * sum / kept) / (kept - 1) / varianceWithin4Sigma : scale * scale
  }

  /// Variance of a normal distribution cut at 4 sigma, in units of the whole one's.
  private static let varianceWithin4Sigma = 0.998_930

  /// Draws the values that agree with the typical one within their errors towards it (Breiman's garrote, 1995,
  /// Technometrics 37, 373): a star is taken to differ from the others only where the data say so. Otherwise stars
  /// whose scatter happens to come out small would rule the zero points and make their errors look too small.
  static func drawTogether(_ values: inout [ExcessVariance]) {
    let known = values.filter { $0.error.isFinite }
    guard !known.isEmpty else { return }
    if values.count == 2 {
      share(&values)
      return
    }
    let middle = typical(known)
    for i in values.indices {
      guard values[i].error.isFinite else {
        values[i].value = middle
        continue
      }
      let difference = values[i].value - middle
      let ratio = difference == 0 ? .infinity : 2 * values[i].error / abs(difference)
      values[i].value = middle + difference * max(0, 1 - ratio * ratio)
    }
  }

  /// Two stars only know the scatter of their difference, and nobody can tell whose it is: each has half of what stands
  /// beyond chance. Of chance too it would take the brighter star's weight away, whose expected variance is the smaller.
  private static func share(_ pair: inout [ExcessVariance]) {
    let common = (pair[0].value + pair[1].value) / 2
    let error = max(pair[0].error, pair[1].error)
    let ratio = common == 0 ? .infinity : 2 * error / abs(common)
    let half = ratio < 1 ? common * (1 - ratio * ratio) : 0
    for i in pair.indices { pair[i].value = half }
  }

  /// The mean, weighted by 1/error^2, of the values within 3 errors of the median with weights 1/error.
  static func typical(_ values: [ExcessVariance]) -> Double {
    let sorted = values.sorted { $0.value < $1.value }
    let half = sorted.reduce(0) { $0 + 1 / $1.error } / 2
    var sum = 0.0
    let median =
      (sorted.first { value in
        sum += 1 / value.error
        return sum >= half
      } ?? sorted[sorted.count - 1]).value
    var weighted = 0.0
    var total = 0.0
    for value in sorted where abs(value.value - median) <= 3 * value.error {
      let weight = 1 / (value.error * value.error)
      weighted += weight * value.value
      total += weight
    }
    return total > 0 ? weighted / total : median
  }
}
