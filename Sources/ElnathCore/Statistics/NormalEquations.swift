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

  /// Adds the equation sum(row * unknown) = value.
  public mutating func add(row: [Double], value: Double, weight: Double) {
    precondition(row.count == unknowns, "one coefficient for each unknown")
    for i in 0..<unknowns {
      right[i] += weight * row[i] * value
      for j in 0...i { matrix[i * unknowns + j] += weight * row[i] * row[j] }
    }
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
