/// Takes the stars that vary out of an ensemble, the worst first, by their residuals against all others.
public struct ConstancyTest: Sendable {
  /// Who stayed, and why the others left.
  public struct Result: Sendable {
    /// Stars of the problem that stayed.
    public var survivors: [Int]
    /// By star of the problem: the statistics of the solution that it left, or of the last one.
    public var statistics: [ConstancyStatistics]
    /// By star of the problem: why it left; empty for survivors.
    public var reasons: [String]
    /// J^2 and mean magnitude of the survivors; NaN for others.
    public var jitter: [Double]
    public var means: [Double]
    /// Zero point of each frame.
    public var zeroPoints: [Double]
  }

  /// The floor within the residuals' errors, mag.
  public var floor = Ensemble.selectionFloor
  /// Fewer stars are never left.
  public var fewest = 3

  public init() {}

  public func callAsFunction(_ problem: EnsembleProblem) -> Result {
    var settings = Ensemble(floor: floor)
    settings.tolerance = 1e-4
    var fit = EnsembleFit(problem, stars: Array(0..<problem.stars), settings: settings)
    fit.start()
    fit.refine()
    var result = Result(
      survivors: [], statistics: Array(repeating: ConstancyStatistics(), count: problem.stars),
      reasons: Array(repeating: "", count: problem.stars), jitter: Array(repeating: .nan, count: problem.stars),
      means: Array(repeating: .nan, count: problem.stars), zeroPoints: [])
    while true {
      guard fit.rows > fewest, let worst = fit.mostVariable(floor: floor) else { break }
      let statistics = fit.statistics(row: worst, floor: floor)
      result.statistics[fit.stars[worst]] = statistics
      result.reasons[fit.stars[worst]] = statistics.variation
      fit.remove(row: worst)
      // One star of many moves the others little: from here the solution is close.
      fit.refine(atLeast: 1)
    }
    result.survivors = fit.stars
    for (row, star) in fit.stars.enumerated() {
      result.statistics[star] = fit.statistics(row: row, floor: floor)
      result.jitter[star] = fit.jitter(row: row)
      result.means[star] = fit.means[row]
    }
    result.zeroPoints = (0..<fit.frames).map { fit.counts[$0] > 0 ? fit.zeroPoints[$0] : .nan }
    return result
  }
}

extension EnsembleFit {
  /// The row that departs most beyond its limit, or nil.
  ///
  /// Where errors are too small for all stars, nobody is variable. They may be so by a factor, as with a wrong gain; or
  /// by some millimagnitudes, from frame to frame and slowly, as on a field that drifts over an imperfect flat, where
  /// bright stars scatter less than faint ones, but by a larger multiple of their errors. A star must exceed both.
  fileprivate func mostVariable(floor: Double) -> Int? {
    let plain = (0..<rows).map { departure(row: $0, extra: floor * floor) }
    let common = Median.of(excess)
    var beyond = common > floor * floor ? (0..<rows).map { departure(row: $0, extra: common) } : plain
    ConstancyDeparture.expectTypicalSlowScatter(of: &beyond)
    let ratios = zip(ConstancyDeparture.ratios(plain), ConstancyDeparture.ratios(beyond)).map { min($0, $1) }
    guard let worst = ratios.indices.max(by: { ratios[$0] < ratios[$1] }), ratios[worst] > 1 else { return nil }
    return worst
  }

  private func departure(row: Int, extra: Double) -> ConstancyDeparture {
    var z: [Double] = []
    var total: [Double] = []
    z.reserveCapacity(frames)
    total.reserveCapacity(frames)
    for at in row * frames..<(row + 1) * frames where !residuals[at].isNaN {
      let variance = variances[at] + residualVariances[at] + extra
      z.append(residuals[at] / variance.squareRoot())
      total.append(variance)
    }
    return ConstancyDeparture(z, variances: total)
  }

  fileprivate func statistics(row: Int, floor: Double) -> ConstancyStatistics {
    let range = row * frames..<(row + 1) * frames
    return ConstancyStatistics(
      residuals: Array(residuals[range]),
      variances: zip(variances[range], residualVariances[range]).map { $0 + $1 }, floor: floor)
  }
}
