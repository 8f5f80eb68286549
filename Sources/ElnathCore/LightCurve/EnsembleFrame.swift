extension Ensemble {
  /// The zero point of a frame that had no part in the joint solution.
  public struct FrameOffset: Sendable, Equatable {
    /// mag, and its variance; NaN without a star.
    public var value = Double.nan
    public var variance = Double.nan
    public var count = 0
    /// Rms of the residuals, mag.
    public var rms = Double.nan
  }

  /// Places a frame on the scale of a solution by stars whose means and jitter are known. Magnitudes, variances, means
  /// and jitter stand for the same stars; NaN where missing.
  public func offset(magnitudes: [Double], variances: [Double], means: [Double], jitter: [Double]) -> FrameOffset {
    var offset = FrameOffset()
    var deviations: [Double] = []
    var sigma2: [Double] = []
    for star in magnitudes.indices {
      let deviation = magnitudes[star] - means[star]
      let variance = variances[star] + jitter[star]
      guard deviation.isFinite && variance.isFinite && variance > 0 else { continue }
      deviations.append(deviation)
      sigma2.append(variance)
    }
    offset.count = deviations.count
    guard offset.count > 0 else { return offset }
    offset.value = Median.of(deviations)
    for _ in 0..<iterations {
      var weights = EnsembleWeights(rows: offset.count, frames: 1)
      weights.fill { row, weight in
        let z = abs(deviations[row] - offset.value) / sigma2[row].squareRoot()
        weight[0] = (z > huberLimit ? huberLimit / z : 1) / sigma2[row]
      }
      weights.limitShares(to: largestShare, counts: [offset.count])
      var sum = 0.0
      var squares = 0.0
      for (row, weight) in weights.values.enumerated() {
        sum += weight * deviations[row]
        squares += weight * weight * sigma2[row]
      }
      let value = sum / weights.totals[0]
      offset.variance = squares / (weights.totals[0] * weights.totals[0])
      let change = abs(value - offset.value)
      offset.value = value
      if change < tolerance { break }
    }
    let residuals = deviations.map { $0 - offset.value }
    offset.variance += Heterogeneity.extraVariance(residuals, inverseVariances: sigma2.map { 1 / $0 })
    offset.rms = (residuals.reduce(0) { $0 + $1 * $1 } / Double(offset.count)).squareRoot()
    return offset
  }
}
