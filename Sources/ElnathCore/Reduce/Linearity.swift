/// The response of a detector that is not quite straight: a pixel of d ADU above the zero level would have
/// d (1 + c1 d + c2 d^2 + ...) if it were.
struct Linearity: Sendable, Equatable {
  /// c1, c2, ...
  let coefficients: [Float]

  /// Nil where no coefficient changes anything.
  init?(_ coefficients: [Double]) {
    guard coefficients.contains(where: { $0 != 0 }) else { return nil }
    self.coefficients = coefficients.map(Float.init)
  }

  /// Straightens `values` (ADU above the zero level) in place. NaN stays NaN.
  func straighten(_ values: inout MutableSpan<Float>) {
    // Horner's rule, one coefficient after the other over a stretch that stays in the cache.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: values.count) { factors in
      factors.initialize(repeating: 0)
      for c in coefficients.reversed() {
        for x in 0..<values.count { factors[x] = (factors[x] + c) * values[x] }
      }
      for x in 0..<values.count { values[x] += values[x] * factors[x] }
    }
  }

  /// Straightens `values` and writes the square of the local slope, by which the variance of noise that was added
  /// behind the bend (read noise, rounding) grows. The noise of the photons arose before it and does not.
  func straighten(_ values: inout MutableSpan<Float>, squaredSlopes: inout MutableSpan<Float>) {
    precondition(squaredSlopes.count == values.count, "rows must have one length")
    for x in 0..<values.count { squaredSlopes[x] = 0 }
    for (k, c) in coefficients.enumerated().reversed() {
      let c = c * Float(k + 2)
      for x in 0..<values.count { squaredSlopes[x] = (squaredSlopes[x] + c) * values[x] }
    }
    for x in 0..<values.count {
      let slope = 1 + squaredSlopes[x]
      squaredSlopes[x] = slope * slope
    }
    straighten(&values)
  }
}
