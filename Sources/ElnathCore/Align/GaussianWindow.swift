#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Values of exp(-(i - centre)^2 / (2 sigma^2)) for consecutive pixels i: a round Gaussian window is the product of one
/// such table along x and one along y.
enum GaussianWindow {
  /// Fills `table` for the pixels `first`, `first + 1`, ... By recurrence from the pixel nearest to the centre, since
  /// the ratio of neighbouring values itself changes by a constant factor.
  static func fill(_ table: UnsafeMutableBufferPointer<Double>, first: Int, centre: Double, sigma: Double) {
    guard !table.isEmpty else { return }
    let inverse = 1 / (2 * sigma * sigma)
    let start = min(max(Int((centre - Double(first)).rounded()), 0), table.count - 1)
    let d = Double(first + start) - centre
    let change = exp(-2 * inverse)
    table[start] = exp(-d * d * inverse)
    var ratio = exp(-(2 * d + 1) * inverse)
    var i = start + 1
    while i < table.count {
      table[i] = table[i - 1] * ratio
      ratio *= change
      i += 1
    }
    ratio = exp((2 * d - 1) * inverse)
    i = start - 1
    while i >= 0 {
      table[i] = table[i + 1] * ratio
      ratio *= change
      i -= 1
    }
  }
}
