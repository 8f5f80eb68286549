/// A quantity of stars as a straight line in their colour, and how well it is known.
///
/// Robust weighted least squares (Huber 1964, Ann. Math. Stat. 35, 73). What the stars scatter beyond their errors counts
/// as an error of each, so that the brightest alone does not decide.
struct ColourLine: Sendable, Equatable {
  struct Point: Sendable {
    var colour: Double
    var value: Double
    var variance: Double
  }

  /// The colour where `level` holds: the weighted mean of the stars'.
  private(set) var pivot = 0.0
  private(set) var level = 0.0
  private(set) var slope = 0.0
  private(set) var levelVariance = 0.0
  private(set) var slopeVariance = 0.0
  /// Scatter of single stars about the line beyond their errors.
  private(set) var scatter = 0.0

  /// The least number of stars for a line.
  static let fewest = 5

  /// Nil for fewer than `fewest` stars with a colour, or stars of one colour.
  init?(_ points: [Point]) {
    let points = points.filter { $0.colour.isFinite && $0.value.isFinite && $0.variance > 0 }
    guard points.count >= Self.fewest else { return nil }
    let dof = Double(points.count - 2)
    for _ in 0..<20 {
      var normal = NormalEquations(unknowns: 2)
      let weights = points.map { weight($0) }
      let total = weights.reduce(0, +)
      let before = self
      pivot = zip(points, weights).reduce(0) { $0 + $1.0.colour * $1.1 } / total
      for (point, weight) in zip(points, weights) {
        normal.add(row: [1, point.colour - pivot], value: point.value, weight: weight)
      }
      guard let solution = normal.solve(), let covariance = normal.covariance() else { return nil }
      (level, slope) = (solution[0], solution[1])
      var chi2 = 0.0
      for (point, weight) in zip(points, weights) {
        chi2 += weight * (point.value - value(at: point.colour)) * (point.value - value(at: point.colour))
      }
      let scale = max(1, chi2 / dof)
      (levelVariance, slopeVariance) = (scale * covariance[0][0], scale * covariance[1][1])
      let residuals = points.map { $0.value - value(at: $0.colour) }
      let sigma = RobustScale.sigma(residuals, about: 0)
      let beyond = sigma * sigma * Double(points.count) / dof - Median.of(points.map(\.variance))
      // Half of the old scatter stays, so that it settles.
      scatter = ((before.scatter * before.scatter + max(0, beyond)) / 2).squareRoot()
      if abs(scatter - before.scatter) < 1e-6 * scatter || (scatter == 0 && before.scatter == 0) { break }
    }
  }

  /// Huber's weight about the line as it stands.
  private func weight(_ point: Point) -> Double {
    let variance = point.variance + scatter * scatter
    guard slopeVariance > 0 else { return 1 / variance }
    let z = abs(point.value - value(at: point.colour)) / variance.squareRoot()
    return min(1, 2.5 / max(z, 1e-9)) / variance
  }

  func value(at colour: Double) -> Double { level + slope * (colour - pivot) }

  /// Of the line itself, without the scatter of a single star.
  func variance(at colour: Double) -> Double {
    levelVariance + slopeVariance * (colour - pivot) * (colour - pivot)
  }
}
