/// Steps between the numbers of an axis.
enum RoundStep {
  /// The smallest of 1, 2 and 5 times a power of ten that is at least `step`; 1 where `step` is not positive.
  static func atLeast(_ step: Double) -> Double {
    guard step > 0, step < 1e30 else { return 1 }
    var decade = 1.0
    while decade > step { decade /= 10 }
    while true {
      for factor in [1.0, 2, 5] where factor * decade >= step { return factor * decade }
      decade *= 10
    }
  }

  /// The smallest step with at most `most` of its multiples between the ends of an axis: no number stands alone.
  static func between(_ lower: Double, _ upper: Double, most: Int) -> Double {
    guard upper > lower, most > 1 else { return 1 }
    var step = atLeast((upper - lower) / Double(most + 1))
    while (upper / step).rounded(.down) - (lower / step).rounded(.up) + 1 > Double(most) {
      step = atLeast(1.01 * step)
    }
    return step
  }
}
