/// Medians and other order statistics of values in memory.
public enum Median {
  /// The median of `values`, the mean of the two middle ones for an even count; NaN when there is none.
  /// The order of `values` is changed. No value may be NaN.
  public static func inPlace(_ values: inout [Double]) -> Double {
    let count = values.count
    return values.withUnsafeMutableBufferPointer { of($0, count: count) }
  }

  public static func of(_ values: [Double]) -> Double {
    var copy = values.filter { !$0.isNaN }
    return inPlace(&copy)
  }

  /// The median of the first `count` entries of a buffer, whose order may change; NaN when `count` is 0.
  public static func of(_ buffer: UnsafeMutableBufferPointer<Double>, count: Int) -> Double {
    guard count > 0 else { return .nan }
    return middle(buffer, count: count, upper: select(buffer, count: count, rank: count / 2))
  }

  /// The same in single precision.
  public static func of(_ buffer: UnsafeMutableBufferPointer<Float>, count: Int) -> Float {
    guard count > 0 else { return .nan }
    if RankSearch.suits(count) {
      let (lower, upper) = OrderedBits.ascending(buffer, count) { RankSearch.middle($0) }
      return lower == upper ? OrderedBits.number(upper) : (OrderedBits.number(lower) + OrderedBits.number(upper)) / 2
    }
    return middle(buffer, count: count, upper: select(buffer, count: count, rank: count / 2))
  }

  /// `upper` is the value of rank count / 2, and those before it are no larger.
  @inline(__always)
  private static func middle<T: BinaryFloatingPoint>(
    _ buffer: UnsafeMutableBufferPointer<T>, count: Int, upper: T
  ) -> T {
    if count % 2 == 1 { return upper }
    var lower = buffer[0]
    for i in 1..<(count / 2) where buffer[i] > lower { lower = buffer[i] }
    return (lower + upper) / 2
  }

  /// The median of whole numbers that lie within 2000 of the first, as the raw pixels of one exposure do: by counting
  /// them, several times faster than by comparing. Nil for any other values, and for none.
  public static func counted(_ values: UnsafeBufferPointer<Float>) -> Double? {
    let span = 4096
    guard let first = values.first, abs(first) < 1e6 else { return nil }
    let base = first.rounded(.down) - Float(span / 2)
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: span) { counts in
      counts.initialize(repeating: 0)
      var lowest = span
      for value in values {
        let above = value - base
        // Nothing compares with NaN.
        guard above >= 0 && above < Float(span), above == above.rounded(.down) else { return nil }
        let place = Int(above)
        counts[place] += 1
        lowest = min(lowest, place)
      }
      func value(rank: Int) -> Double {
        var place = lowest
        var below = Int(counts[place])
        while below <= rank {
          place += 1
          below += Int(counts[place])
        }
        return Double(base) + Double(place)
      }
      let upper = value(rank: values.count / 2)
      return values.count % 2 == 1 ? upper : (value(rank: values.count / 2 - 1) + upper) / 2
    }
  }

  /// The value of the given rank (0 is the smallest) among the first `count` entries, none of which is NaN; entries
  /// before it are no larger afterwards.
  public static func select(_ buffer: UnsafeMutableBufferPointer<Double>, count: Int, rank: Int) -> Double {
    buffer.withMemoryRebound(to: Int64.self) { OrderedBits.select($0, count: count, rank: rank) }
    return buffer[rank]
  }

  /// The same in single precision.
  public static func select(_ buffer: UnsafeMutableBufferPointer<Float>, count: Int, rank: Int) -> Float {
    buffer.withMemoryRebound(to: Int32.self) { OrderedBits.select($0, count: count, rank: rank) }
    return buffer[rank]
  }

  /// The value of the given rank (0 is the smallest) among the first `count` entries, none of which is NaN; their order
  /// may change.
  static func ranked(_ buffer: UnsafeMutableBufferPointer<Float>, count: Int, rank: Int) -> Float {
    guard RankSearch.suits(count) else { return select(buffer, count: count, rank: rank) }
    return OrderedBits.number(OrderedBits.ascending(buffer, count) { RankSearch.value($0, rank: rank) })
  }

  /// The value below which the fraction `p` of the values lies, linear between neighbours; NaN when there is none.
  public static func percentile(_ values: [Double], _ p: Double) -> Double {
    var given = values.filter { !$0.isNaN }
    guard !given.isEmpty else { return .nan }
    let place = min(max(p, 0), 1) * Double(given.count - 1)
    let below = Int(place)
    return given.withUnsafeMutableBufferPointer { given in
      let value = select(given, count: given.count, rank: below)
      guard below + 1 < given.count else { return value }
      // What comes behind is no smaller: the least of it is next.
      var next = given[below + 1]
      for k in (below + 1)..<given.count where given[k] < next { next = given[k] }
      return value + (next - value) * (place - Double(below))
    }
  }
}
