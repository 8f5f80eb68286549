/// A polynomial over a stated range, kept as Chebyshev coefficients so that its least-squares fit is well conditioned.
public struct Polynomial: Sendable, Equatable {
  public var coefficients: [Double]
  public var domain: ClosedRange<Double>

  public func callAsFunction(_ x: Double) -> Double {
    let t = Self.scaled(x, domain)
    var value = 0.0
    var previous = 1.0
    var current = t
    for (k, c) in coefficients.enumerated() {
      switch k {
      case 0: value += c
      case 1: value += c * t
      default:
        (previous, current) = (current, 2 * t * current - previous)
        value += c * current
      }
    }
    return value
  }

  /// Least squares with three rounds of 4-sigma rejection. Without points the polynomial is NaN everywhere.
  public static func fit(_ x: [Double], _ y: [Double], order: Int, domain: ClosedRange<Double>) -> Polynomial {
    precondition(x.count == y.count && order >= 0, "one y for each x")
    var keep = x.indices.filter { !y[$0].isNaN }
    var fitted = Polynomial(coefficients: [.nan], domain: domain)
    var terms = [Double](repeating: 1, count: order + 1)
    for _ in 0..<4 {
      guard keep.count > order else { return fitted }
      var normal = NormalEquations(unknowns: order + 1)
      for i in keep {
        setBasis(&terms, scaled(x[i], domain))
        normal.add(row: terms, value: y[i], weight: 1)
      }
      guard let solution = normal.solve() else { return fitted }
      fitted = Polynomial(coefficients: solution, domain: domain)
      let residuals = keep.map { y[$0] - fitted(x[$0]) }
      let limit = 4 * RobustScale.sigma(residuals)
      let kept = zip(keep, residuals).filter { abs($1) <= max(limit, 1e-9) }.map(\.0)
      if kept.count == keep.count { break }
      keep = kept
    }
    return fitted
  }

  private static func scaled(_ x: Double, _ domain: ClosedRange<Double>) -> Double {
    let width = domain.upperBound - domain.lowerBound
    return width > 0 ? 2 * (x - domain.lowerBound) / width - 1 : 0
  }

  /// The Chebyshev polynomials at `t`, as many as there are terms, of which the first is 1.
  private static func setBasis(_ terms: inout [Double], _ t: Double) {
    for k in 1..<terms.count { terms[k] = k == 1 ? t : 2 * t * terms[k - 1] - terms[k - 2] }
  }
}
