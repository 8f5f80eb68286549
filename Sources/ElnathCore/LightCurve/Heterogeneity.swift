/// How much values of known variance differ beyond it (Cochran's Q).
struct Heterogeneity: Sendable {
  private let isSignificant: Bool
  private let variance: Double

  /// Extra variance, mag^2, of a frame whose comparison stars disagree more than their errors allow, as under patchy
  /// cloud; 0 where they do not. The moment estimate of DerSimonian & Laird (1986, Control. Clin. Trials 7, 177).
  /// A single deviating star does not make a frame patchy: it must stand out without its worst star too.
  static func extraVariance(_ values: [Double], inverseVariances: [Double]) -> Double {
    guard values.count >= 2 else { return 0 }
    let all = Heterogeneity(values, inverseVariances)
    guard all.isSignificant else { return 0 }
    if values.count > 2 {
      var rest = values
      var weights = inverseVariances
      var worst = 0
      for i in values.indices
      where values[i] * values[i] * weights[i] > values[worst] * values[worst] * weights[worst] { worst = i }
      rest.remove(at: worst)
      weights.remove(at: worst)
      guard Heterogeneity(rest, weights).isSignificant else { return 0 }
    }
    return all.variance
  }

  private init(_ values: [Double], _ inverses: [Double]) {
    var total = 0.0
    var squares = 0.0
    var sum = 0.0
    for (value, inverse) in zip(values, inverses) {
      total += inverse
      squares += inverse * inverse
      sum += inverse * value
    }
    let mean = sum / total
    var q = 0.0
    for (value, inverse) in zip(values, inverses) { q += inverse * (value - mean) * (value - mean) }
    let dof = Double(values.count - 1)
    // The chi-square value that chance exceeds once in a thousand (Wilson & Hilferty 1931, PNAS 17, 684).
    let spread = 2 / (9 * dof)
    let root = 1 - spread + 3.09 * spread.squareRoot()
    isSignificant = q > dof * root * root * root
    variance = max(0, q - dof) / (total - squares / total)
  }
}
