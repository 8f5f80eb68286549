/// The values of one pixel in ascending order.
///
/// All that is decided of them is decided of their differences to one of them, which are exact for integers: so a
/// common level changes nothing.
protocol SortedValues {
  func value(_ k: Int) -> Double
}

/// A column of a sorted tile.
struct SortedColumn<Value>: SortedValues where Value: BinaryInteger {
  let base: UnsafePointer<Value>
  let stride: Int

  @inline(__always)
  func value(_ k: Int) -> Double { Double(Int(base[k * stride])) }
}

struct SortedReals: SortedValues {
  let base: UnsafePointer<Float>

  @inline(__always)
  func value(_ k: Int) -> Double { Double(base[k]) }
}

/// Which values of one pixel are kept: those from `low` up to but not including `high`, with their sums about `origin`.
struct KeptValues {
  var low = 0
  var high: Int
  var origin: Double
  /// Of the differences to `origin`, and of their squares.
  var sum = 0.0
  var squares = 0.0

  var count: Int { high - low }
  var mean: Double { origin + sum / Double(count) }
  /// Square of the count times the population variance: exact for integers.
  var spread: Double { max(0, Double(count) * squares - sum * sum) }

  @inline(__always)
  func difference<Values: SortedValues>(_ values: Values, _ k: Int) -> Double { values.value(k) - origin }

  @inline(__always)
  mutating func add<Values: SortedValues>(_ values: Values, _ range: Range<Int>, sign: Double = 1) {
    var (s, q) = (0.0, 0.0)
    for k in range {
      let d = difference(values, k)
      s += d
      q += d * d
    }
    sum += sign * s
    squares += sign * q
  }
}

/// Clips the sorted values of one pixel by what they themselves tell.
struct StackClip: Sendable {
  let rule: StackRule

  /// Where the values are more than one each of two, `count` is at least 1.
  @inline(__always)
  func callAsFunction<Values: SortedValues>(_ values: Values, count: Int) -> KeptValues {
    var kept = KeptValues(high: count, origin: values.value(count / 2))
    kept.add(values, 0..<count)
    return clip(values, kept)
  }

  /// The same where the sums over all values are known.
  @inline(__always)
  func clip<Values: SortedValues>(_ values: Values, _ all: KeptValues) -> KeptValues {
    switch rule.rejection {
    case .none, .noise: return all
    case .sigma: return iterated(values, all) { Self.reach($0) }
    case .winsorised: return iterated(values, all) { Self.winsorised(values, $0) }
    case .mad:
      let centre = Self.median(values, all)
      let sigma = Self.deviation(values, all, about: centre)
      var kept = all
      narrow(values, &kept, from: centre - rule.low * sigma, to: centre + rule.high * sigma)
      return kept
    }
  }

  /// Of the values kept, as a difference to their origin.
  @inline(__always)
  static func median<Values: SortedValues>(_ values: Values, _ kept: KeptValues) -> Double {
    let middle = (kept.low + kept.high) / 2
    if kept.count % 2 == 1 { return kept.difference(values, middle) }
    return (kept.difference(values, middle - 1) + kept.difference(values, middle)) / 2
  }

  /// Population standard deviation.
  @inline(__always)
  static func reach(_ kept: KeptValues) -> Double { kept.spread.squareRoot() / Double(kept.count) }

  @inline(__always)
  private func iterated<Values: SortedValues>(
    _ values: Values, _ all: KeptValues, sigma: (KeptValues) -> Double
  ) -> KeptValues {
    var kept = all
    var (lower, upper) = (-Double.infinity, Double.infinity)
    while true {
      let before = kept
      let centre = Self.median(values, kept)
      let sigma = sigma(kept)
      (lower, upper) = (centre - rule.low * sigma, centre + rule.high * sigma)
      narrow(values, &kept, from: lower, to: upper)
      // With both limits at 1 rounding may leave nothing of two values.
      if kept.count <= 0 { return before }
      if kept.count == before.count { break }
    }
    // The centre has moved: what an earlier round left out may lie within the last limits.
    let (low, high) = (kept.low, kept.high)
    while kept.low > 0 && kept.difference(values, kept.low - 1) >= lower { kept.low -= 1 }
    while kept.high < all.high && kept.difference(values, kept.high) <= upper { kept.high += 1 }
    kept.add(values, kept.low..<low)
    kept.add(values, high..<kept.high)
    return kept
  }

  /// Leaves out what lies beyond the limits.
  @inline(__always)
  private func narrow<Values: SortedValues>(
    _ values: Values, _ kept: inout KeptValues, from lower: Double, to upper: Double
  ) {
    let (low, high, squares) = (kept.low, kept.high, kept.squares)
    while kept.low < kept.high && kept.difference(values, kept.low) < lower { kept.low += 1 }
    while kept.high > kept.low && kept.difference(values, kept.high - 1) > upper { kept.high -= 1 }
    guard kept.low != low || kept.high != high, kept.count > 0 else { return }
    kept.add(values, low..<kept.low, sign: -1)
    kept.add(values, kept.high..<high, sign: -1)
    // Little is left of much: the difference would be that of rounding.
    if kept.squares < 1e-4 * squares {
      kept.sum = 0
      kept.squares = 0
      kept.add(values, kept.low..<kept.high)
    }
  }

  /// 1.134 times the standard deviation of the values drawn in to median +- 1.5 of it, to half a per mille.
  private static func winsorised<Values: SortedValues>(_ values: Values, _ kept: KeptValues) -> Double {
    let centre = median(values, kept)
    let n = Double(kept.count)
    var deviation = reach(kept)
    for _ in 0..<50 {
      let limit = 1.5 * deviation
      var (sum, squares) = (0.0, 0.0)
      for k in kept.low..<kept.high {
        let d = min(max(kept.difference(values, k) - centre, -limit), limit)
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

  /// 1.4826 times the median absolute deviation: the values on both sides of the centre are merged outwards.
  private static func deviation<Values: SortedValues>(
    _ values: Values, _ kept: KeptValues, about centre: Double
  ) -> Double {
    var below = kept.low + (kept.count + 1) / 2 - 1
    while below + 1 < kept.high && kept.difference(values, below + 1) <= centre { below += 1 }
    while below >= kept.low && kept.difference(values, below) > centre { below -= 1 }
    var above = below + 1
    var (last, previous) = (0.0, 0.0)
    for _ in 0...(kept.count / 2) {
      previous = last
      let down = below >= kept.low ? centre - kept.difference(values, below) : .infinity
      let up = above < kept.high ? kept.difference(values, above) - centre : .infinity
      last = min(down, up)
      if down <= up { below -= 1 } else { above += 1 }
    }
    return RobustScale.sigmaPerMAD * (kept.count % 2 == 1 ? last : (previous + last) / 2)
  }
}
