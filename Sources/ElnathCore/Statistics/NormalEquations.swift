/// Weighted linear least squares for a few unknowns: rows are added one by one, then solved by Cholesky decomposition.
public struct NormalEquations: Sendable {
  public let unknowns: Int
  private var matrix: [Double]
  private var right: [Double]

  public init(unknowns: Int) {
    self.unknowns = unknowns
    matrix = Array(repeating: 0, count: unknowns * unknowns)
    right = Array(repeating: 0, count: unknowns)
  }

  /// From sums that were made elsewhere: `matrix` row by row, one row for each entry of `right`.
  init(matrix: [Double], right: [Double]) {
    precondition(matrix.count == right.count * right.count, "a square matrix")
    unknowns = right.count
    self.matrix = matrix
    self.right = right
  }

  /// Adds the equation sum(row * unknown) = value.
  public mutating func add(row: [Double], value: Double, weight: Double) {
    precondition(row.count == unknowns, "one coefficient for each unknown")
    for i in 0..<unknowns {
      right[i] += weight * row[i] * value
      for j in 0...i { matrix[i * unknowns + j] += weight * row[i] * row[j] }
    }
  }

  /// Of the first `count` unknowns alone, as if no row had had the others.
  func leading(_ count: Int) -> NormalEquations {
    precondition(count <= unknowns, "no more unknowns than there are")
    var result = NormalEquations(unknowns: count)
    for i in 0..<count {
      result.right[i] = right[i]
      for j in 0...i { result.matrix[i * count + j] = matrix[i * unknowns + j] }
    }
    return result
  }

  /// By how much these unknowns, which solve the equations, lower the weighted sum of the squared values.
  func explained(by solution: [Double]) -> Double { zip(right, solution).reduce(0) { $0 + $1.0 * $1.1 } }

  /// With the diagonal enlarged by this factor (Marquardt 1963): shorter steps, nearer to the steepest descent.
  func damped(by factor: Double) -> NormalEquations {
    var result = self
    for i in 0..<unknowns { result.matrix[i * unknowns + i] *= 1 + factor }
    return result
  }

  /// The unknowns; nil where the equations do not determine them.
  public func solve() -> [Double]? { factor().map { substitute($0, right) } }

  /// Covariance of the unknowns for weights that are inverse variances; nil where they are not determined.
  public func covariance() -> [[Double]]? {
    guard let lower = factor() else { return nil }
    return (0..<unknowns).map { k in
      var unit = Array(repeating: 0.0, count: unknowns)
      unit[k] = 1
      return substitute(lower, unit)
    }
  }

  private func factor() -> [Double]? {
    var lower = matrix
    let n = unknowns
    for i in 0..<n {
      for j in 0...i {
        var sum = matrix[i * n + j]
        for k in 0..<j { sum -= lower[i * n + k] * lower[j * n + k] }
        if i == j {
          guard sum > 1e-13 * matrix[i * n + i] else { return nil }
          lower[i * n + i] = sum.squareRoot()
        } else {
          lower[i * n + j] = sum / lower[j * n + j]
        }
      }
    }
    return lower
  }

  private func substitute(_ lower: [Double], _ b: [Double]) -> [Double] {
    let n = unknowns
    var x = b
    for i in 0..<n {
      for k in 0..<i { x[i] -= lower[i * n + k] * x[k] }
      x[i] /= lower[i * n + i]
    }
    for i in (0..<n).reversed() {
      for k in (i + 1)..<max(n, i + 1) { x[i] -= lower[k * n + i] * x[k] }
      x[i] /= lower[i * n + i]
    }
    return x
  }
}
