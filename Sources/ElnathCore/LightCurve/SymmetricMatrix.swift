/// A symmetric matrix of which the lower triangle is kept.
struct SymmetricMatrix: Sendable {
  let order: Int
  private var values: [Double]

  init(order: Int) {
    self.order = order
    values = Array(repeating: 0, count: order * order)
  }

  /// Row and column from 0; the column must not exceed the row.
  subscript(row: Int, column: Int) -> Double {
    get { values[row * order + column] }
    set { values[row * order + column] = newValue }
  }

  /// The lower triangle L with L L^T = A, or nil when A is not positive definite.
  func cholesky() -> SymmetricMatrix? {
    var factor = self
    for row in 0..<order {
      for column in 0...row {
        var sum = values[row * order + column]
        for k in 0..<column { sum -= factor.values[row * order + k] * factor.values[column * order + k] }
        if row == column {
          guard sum > 0 else { return nil }
          factor.values[row * order + row] = sum.squareRoot()
        } else {
          factor.values[row * order + column] = sum / factor.values[column * order + column]
        }
      }
    }
    return factor
  }

  /// x with L x = b, taking this matrix as the lower triangle L.
  func solveLower(_ b: [Double]) -> [Double] {
    var x = b
    for row in 0..<order {
      var sum = b[row]
      for k in 0..<row { sum -= values[row * order + k] * x[k] }
      x[row] = sum / values[row * order + row]
    }
    return x
  }
}
