#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Between what values of one pixel are kept, as they themselves tell.
struct ValueClip {
  let method: CombinationMethod
  let limit: Double

  init(_ rule: MasterCombination) {
    method = rule.method
    limit = rule.limit
  }

  static func median(_ sorted: UnsafeBufferPointer<Float>) -> Float {
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// `sorted` holds at least one value, without NaN.
  func callAsFunction(_ sorted: UnsafeBufferPointer<Float>) -> (centre: Float, lower: Float, upper: Float) {
    let first = Self.median(sorted)
    var low = 0
    var high = sorted.count
    switch method {
    case .mad: clip(sorted, &low, &high, about: Double(first), by: limit * Self.deviation(sorted, about: first))
    case .winsorised: iterate(sorted, &low, &high) { Self.winsorised(sorted, $0, $1) }
    default: iterate(sorted, &low, &high) { Self.sigma(sorted, $0, $1) }
    }
    return (first, sorted[low], sorted[high - 1])
  }

  /// Until nothing more is left out.
  private func iterate(
    _ sorted: UnsafeBufferPointer<Float>, _ low: inout Int, _ high: inout Int, sigma: (Int, Int) -> Double
  ) {
    while high - low > 2 {
      let before = high - low
      let centre = Double(Self.median(UnsafeBufferPointer(rebasing: sorted[low..<high])))
      clip(sorted, &low, &high, about: centre, by: limit * sigma(low, high))
      if high - low == before { return }
    }
  }

  /// Never the last value: with a deviation of nothing the middle ones stay.
  private func clip(
    _ sorted: UnsafeBufferPointer<Float>, _ low: inout Int, _ high: inout Int, about centre: Double, by reach: Double
  ) {
    let (first, last) = (low, high)
    while low < high && Double(sorted[low]) < centre - reach { low += 1 }
    while high > low && Double(sorted[high - 1]) > centre + reach { high -= 1 }
    if low == high { (low, high) = ((first + last - 1) / 2, (first + last) / 2 + 1) }
  }

  /// Population standard deviation of the sorted values low ..< high.
  private static func sigma(_ sorted: UnsafeBufferPointer<Float>, _ low: Int, _ high: Int) -> Double {
    let origin = Double(sorted[(low + high) / 2])
    var sum = 0.0
    var squares = 0.0
    for k in low..<high {
      let d = Double(sorted[k]) - origin
      sum += d
      squares += d * d
    }
    let n = Double(high - low)
    return max(0, squares / n - (sum / n) * (sum / n)).squareRoot()
  }

  /// 1.134 times the standard deviation of the values drawn in to median +- 1.5 of it, to half a per mille.
  private static func winsorised(_ sorted: UnsafeBufferPointer<Float>, _ low: Int, _ high: Int) -> Double {
    let centre = Double(median(UnsafeBufferPointer(rebasing: sorted[low..<high])))
    let n = Double(high - low)
    var deviation = sigma(sorted, low, high)
    for _ in 0..<50 {
      let reach = 1.5 * deviation
      var sum = 0.0
      var squares = 0.0
      for k in low..<high {
        let d = min(max(Double(sorted[k]) - centre, -reach), reach)
        sum += d
        squares += d * d
      }
      let next = 1.134 * max(0, squares / n - (sum / n) * (sum / n)).squareRoot()
      let isSettled = abs(next - deviation) <= 0.0005 * deviation
      deviation = next
      if isSettled { break }
    }
    return deviation
  }

  /// 1.4826 times the median absolute deviation.
  private static func deviation(_ sorted: UnsafeBufferPointer<Float>, about centre: Float) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: sorted.count) { deviations in
      for k in 0..<sorted.count { deviations[k] = abs(sorted[k] - centre) }
      return RobustScale.sigmaPerMAD * Double(Median.of(deviations, count: sorted.count))
    }
  }
}
