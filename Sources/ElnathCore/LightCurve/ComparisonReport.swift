/// The rows of `comparisons.csv` for one filter: every star that might have been a comparison star, and what became of
/// it.
struct ComparisonReport: Sendable {
  private let ensemble: FilterEnsemble
  private let context: LightCurveContext

  init(_ ensemble: FilterEnsemble, context: LightCurveContext) {
    self.ensemble = ensemble
    self.context = context
  }

  func verdicts(_ reasons: [Int: String]) -> [ComparisonVerdict] {
    guard let differential = ensemble.own else { return [] }
    let series = ensemble.series
    let scale = MagnitudeScale(differential, colourTerm: ensemble.colourTerm)
    let shares = differential.shares()
    let influences = influences(differential)
    return reasons.keys.sorted().map { star in
      var verdict = ComparisonVerdict(star: series.stars[star].name, filter: series.filter)
      let place = ensemble.place(of: star, target: ensemble.targets.first, context)
      verdict.reason = reasons[star] ?? ""
      verdict.magnitude = scale.magnitude(of: star)
      verdict.colour = series.stars[star].colour
      verdict.distanceArcmin = place.distanceArcmin
      if let row = differential.comparisons.firstIndex(of: star) {
        verdict.used = true
        verdict.weight = shares[row]
        verdict.influence = influences[row]
      }
      if !differential.comparisons.isEmpty {
        let deviations = differential.deviations(of: star)
        let statistics = ConstancyStatistics(
          residuals: deviations.residuals, variances: deviations.variances, floor: Ensemble.selectionFloor)
        verdict.scatter = statistics.scatter
        verdict.expected = statistics.expected
        verdict.chi2PerDof = statistics.chi2PerDof
      }
      return verdict
    }
  }

  /// By comparison star: the rms change of the zero points, and with them of every target's curve, when it is left
  /// out, mmag; NaN when there is no other.
  private func influences(_ differential: DifferentialPhotometry) -> [Double] {
    let series = differential.series
    return differential.comparisons.map { star in
      let others = differential.comparisons.filter { $0 != star }
      guard !others.isEmpty else { return .nan }
      let without = DifferentialPhotometry(
        differential.method, series, aperture: differential.aperture, comparisons: others)
      let changes = series.inUse.map { without.zeroPoints[$0] - differential.zeroPoints[$0] }.filter { !$0.isNaN }
      let mean = changes.reduce(0, +) / Double(changes.count)
      let squares = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return 1000 * (squares / Double(changes.count)).squareRoot()
    }
  }
}

extension DifferentialPhotometry {
  /// Mean part of each comparison star in the zero points (`zeropoint`) or in the sum, over the frames in use.
  func shares() -> [Double] {
    var shares = [Double](repeating: 0, count: comparisons.count)
    var frames = 0.0
    for frame in series.inUse where counts[frame] > 0 {
      let weights = comparisons.indices.map { weight($0, frame) }
      let total = weights.reduce(0, +)
      frames += 1
      for row in weights.indices { shares[row] += weights[row] / total }
    }
    return shares.map { $0 / frames }
  }

  private func weight(_ row: Int, _ frame: Int) -> Double {
    guard let magnitude = series.magnitude(of: comparisons[row], aperture: aperture, on: frame) else { return 0 }
    switch method {
    case .zeropoint: return 1 / (magnitude.variance + (solution?.jitter[row] ?? 0))
    case .sum: return series.aperture(aperture, of: comparisons[row], on: frame).flux
    }
  }
}
