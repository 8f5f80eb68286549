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
    for _ in 0..<4 {
      guard keep.count > order else { return fitted }
      var normal = NormalEquations(unknowns: order + 1)
      for i in keep { normal.add(row: basis(scaled(x[i], domain), order), value: y[i], weight: 1) }
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

  private static func basis(_ t: Double, _ order: Int) -> [Double] {
    var terms = [1.0]
    for k in 0..<order { terms.append(k == 0 ? t : 2 * t * terms[k] - terms[k - 1]) }
    return terms
  }
}
