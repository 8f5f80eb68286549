/// The value of a rank among up to some thousand numbers, found without moving any: by narrowing the interval in which
/// it lies and counting, on vectors, how many numbers lie below a place in it. For so few this is several times faster than to
/// partition them, for which each comparison has to wait for the last one.
///
/// The numbers are given by bits that ascend with them (`OrderedBits`).
enum RankSearch {
  /// True for so many numbers that this is the fastest way.
  static func suits(_ count: Int) -> Bool { (16...2_000).contains(count) }

  /// The value of `rank`, 0 being the smallest.
  static func value(_ bits: UnsafeBufferPointer<Int32>, rank: Int) -> Int32 {
    precondition(rank >= 0 && rank < bits.count, "rank outside the values")
    var (low, high) = range(bits)
    // How many numbers lie below `low`, and up to `high`.
    var (below, upTo) = (0, bits.count)
    var halves = false
    while low < high {
      let width = UInt32(bitPattern: high &- low)
      // Where the rank would lie if the numbers were spread evenly, in turn with the middle: so one that lies far out
      // does not hold the search up.
      let part = halves ? 0.5 : (Double(rank - below) + 0.5) / Double(upTo - below)
      let middle = low &+ Int32(bitPattern: min(UInt32(part * Double(width)), width - 1))
      halves.toggle()
      let count = count(bits, upTo: middle)
      if count == rank + 1 { return highest(bits, upTo: middle) }
      if count > rank { (high, upTo) = (middle, count) } else { (low, below) = (middle &+ 1, count) }
    }
    return low
  }

  /// The two in the middle; twice the same of an odd number.
  static func middle(_ bits: UnsafeBufferPointer<Int32>) -> (lower: Int32, upper: Int32) {
    let half = bits.count / 2
    let upper = value(bits, rank: half)
    guard bits.count % 2 == 0, upper > .min, count(bits, upTo: upper - 1) == half else { return (upper, upper) }
    return (highest(bits, upTo: upper - 1), upper)
  }

  // Loops that the compiler turns into vectors: one number comes out, and none is left early.

  private static func range(_ bits: UnsafeBufferPointer<Int32>) -> (low: Int32, high: Int32) {
    var low = Int32.max
    for i in 0..<bits.count { low = min(low, bits[i]) }
    var high = Int32.min
    for i in 0..<bits.count { high = max(high, bits[i]) }
    return (low, high)
  }

  private static func highest(_ bits: UnsafeBufferPointer<Int32>, upTo limit: Int32) -> Int32 {
    var highest = Int32.min
    for i in 0..<bits.count {
      let isAbove = OrderedBits.sign(limit, bits[i])
      highest = max(highest, (bits[i] & ~isAbove) | (.min & isAbove))
    }
    return highest
  }

  /// By the signs of differences: of a comparison the compiler makes one step for each number, which takes four times as
  /// long.
  private static func count(_ bits: UnsafeBufferPointer<Int32>, upTo limit: Int32) -> Int {
    var count = Int32(bits.count)
    for i in 0..<bits.count { count &+= OrderedBits.sign(limit, bits[i]) }
    return Int(count)
  }
}
