/// How a target is compared.
public enum EnsembleMethod: String, Sendable, CaseIterable, Codable {
  /// Joint solution of zero points and means: a missing comparison star does no harm.
  case zeropoint
  /// Flux over the sum of the comparison stars' fluxes, as AstroImageJ has it.
  case sum
}

/// What the comparison stars say about every frame of one filter in one aperture, and any star against them.
public struct DifferentialPhotometry: Sendable {
  public let method: EnsembleMethod
  public let series: FilterSeries
  public let aperture: Int
  /// Comparison stars, as stars of the table.
  public let comparisons: [Int]

  /// Light lost on each frame of the series, mag (m = M + Z); NaN where no comparison star was measured. Arbitrary but
  /// common zero.
  public private(set) var zeroPoints: [Double]
  /// mag^2.
  public private(set) var variances: [Double]
  /// Comparison stars that were measured.
  public private(set) var counts: [Int]
  /// Rms of the comparison stars' residuals, mag.
  public private(set) var residualRMS: [Double]
  /// True where no chain of common stars ties the frame to the rest.
  public private(set) var isDisjoint: [Bool]
  /// `sum` only: the sums themselves.
  public private(set) var sums: [SumEnsemble]
  /// `zeropoint` only: the solution on the frames in use.
  public private(set) var solution: EnsembleSolution?

  private var problem: EnsembleProblem

  /// - Parameter floor: Least jitter of a comparison star, mag; by the number of frames when nil.
  public init(
    _ method: EnsembleMethod, _ series: FilterSeries, aperture: Int, comparisons: [Int], floor: Double? = nil
  ) {
    self.method = method
    self.series = series
    self.aperture = aperture
    self.comparisons = comparisons
    zeroPoints = Array(repeating: .nan, count: series.frames)
    variances = zeroPoints
    residualRMS = zeroPoints
    counts = Array(repeating: 0, count: series.frames)
    isDisjoint = Array(repeating: false, count: series.frames)
    sums = []
    problem = series.problem(stars: comparisons, aperture: aperture, frames: series.inUse)
    guard !comparisons.isEmpty else { return }
    switch method {
    case .zeropoint: solve(Ensemble(floor: floor ?? Ensemble.floor(frames: series.inUse.count)))
    case .sum: add()
    }
  }

  /// True where a comparison star is missing from the sum, which makes a step in it.
  public func isIncomplete(_ frame: Int) -> Bool { method == .sum && counts[frame] < comparisons.count }

  // MARK: Zero points

  private mutating func solve(_ ensemble: Ensemble) {
    // The first solution tells what fluxes to expect, and with them the weights.
    problem = series.problem(
      stars: comparisons, aperture: aperture, frames: series.inUse, about: ensemble.solve(problem))
    let solution = ensemble.solve(problem)
    self.solution = solution
    for (column, frame) in series.inUse.enumerated() {
      zeroPoints[frame] = solution.zeroPoints[column]
      variances[frame] = solution.zeroPointVariances[column]
      counts[frame] = solution.counts[column]
      residualRMS[frame] = solution.frameRMS[column]
      isDisjoint[frame] = solution.components[column] > 0
    }
    // Frames that are not in use don't shape the solution, but get their place on its scale.
    let used = Set(series.inUse)
    for frame in 0..<series.frames where !used.contains(frame) {
      let offset = offset(of: frame, ensemble, solution)
      zeroPoints[frame] = offset.value
      variances[frame] = offset.variance
      counts[frame] = offset.count
      residualRMS[frame] = offset.rms
    }
  }

  private func offset(of frame: Int, _ ensemble: Ensemble, _ solution: EnsembleSolution) -> Ensemble.FrameOffset {
    func offset(_ column: EnsembleProblem) -> Ensemble.FrameOffset {
      ensemble.offset(
        magnitudes: column.magnitudes, variances: column.variances, means: solution.means, jitter: solution.jitter)
    }
    var placed = EnsembleSolution(stars: comparisons.count, frames: 1)
    placed.means = solution.means
    placed.zeroPoints = [offset(series.problem(stars: comparisons, aperture: aperture, frames: [frame])).value]
    return offset(series.problem(stars: comparisons, aperture: aperture, frames: [frame], about: placed))
  }

  private mutating func add() {
    let scale = Magnitude.perRelative * Magnitude.perRelative
    sums = (0..<series.frames).map { SumEnsemble(fluxes(of: comparisons, on: $0)) }
    for (frame, sum) in sums.enumerated() {
      counts[frame] = sum.count
      zeroPoints[frame] = Magnitude.of(sum.flux / series.summaries[frame].exposure)
      variances[frame] = sum.relativeVariance * scale
    }
    let all = comparisons.map { deviations(of: $0) }
    for (column, frame) in series.inUse.enumerated() {
      let residuals = all.map { $0.residuals[column] }.filter { !$0.isNaN }
      let squares = residuals.reduce(0) { $0 + $1 * $1 }
      residualRMS[frame] = residuals.isEmpty ? .nan : (squares / Double(residuals.count)).squareRoot()
    }
  }

  /// Fluxes that the stars' own rules accept.
  private func fluxes(of stars: [Int], on frame: Int) -> [(flux: Double, error: Double)] {
    stars.compactMap { star in
      guard series.refusal(of: star, aperture: aperture, on: frame) == nil else { return nil }
      let measured = series.aperture(aperture, of: star, on: frame)
      return (measured.flux, measured.fluxError)
    }
  }

  // MARK: Stars against the ensemble

  /// Residuals of a star about its own mean on the frames in use, mag, with their expected variances, the ensemble's
  /// part among them; NaN where missing.
  public struct Deviations: Sendable {
    public var residuals: [Double]
    public var variances: [Double]
  }

  /// A comparison star is held against the others only.
  public func deviations(of star: Int) -> Deviations {
    if let row = comparisons.firstIndex(of: star) {
      return method == .sum ? deviationsInSum(row) : deviationsInSolution(row)
    }
    var result = Deviations(residuals: [], variances: [])
    for frame in series.inUse {
      let magnitude = series.magnitude(of: star, aperture: aperture, on: frame)
      let usable = !isDisjoint[frame] && !isIncomplete(frame)
      result.residuals.append(usable ? (magnitude?.value ?? .nan) - zeroPoints[frame] : .nan)
      result.variances.append((magnitude?.variance ?? .nan) + variances[frame])
    }
    return result.centred()
  }

  private func deviationsInSolution(_ row: Int) -> Deviations {
    guard let solution else { return Deviations(residuals: [], variances: []) }
    let range = row * problem.frames..<(row + 1) * problem.frames
    return Deviations(
      residuals: Array(solution.residuals[range]),
      variances: zip(problem.variances[range], solution.leaveOneOutVariances[range]).map { $0 + $1 })
  }

  private func deviationsInSum(_ row: Int) -> Deviations {
    var result = Deviations(residuals: [], variances: [])
    let scale = Magnitude.perRelative * Magnitude.perRelative
    for (column, frame) in series.inUse.enumerated() {
      let at = row * problem.frames + column
      let measured = series.aperture(aperture, of: comparisons[row], on: frame)
      let others = sums[frame].without(flux: measured.flux, error: measured.fluxError)
      let usable = !isIncomplete(frame) && others.count > 0
      let zero = Magnitude.of(others.flux / series.summaries[frame].exposure)
      result.residuals.append(usable ? problem.magnitudes[at] - zero : .nan)
      result.variances.append(problem.variances[at] + others.relativeVariance * scale)
    }
    return result.centred()
  }

  /// Magnitude of a star on the scale of the ensemble: the median over the frames in use; NaN when never measured.
  public func meanMagnitude(of star: Int) -> Double {
    Median.of(
      series.inUse.map { frame in
        (series.magnitude(of: star, aperture: aperture, on: frame)?.value ?? .nan) - zeroPoints[frame]
      })
  }
}

extension DifferentialPhotometry.Deviations {
  fileprivate func centred() -> Self {
    let middle = Median.of(residuals)
    return Self(residuals: residuals.map { $0 - middle }, variances: variances)
  }
}
