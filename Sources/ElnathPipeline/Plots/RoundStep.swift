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
}
