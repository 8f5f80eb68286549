/// Selection among floating-point numbers by their bits, as whole numbers of the same order.
///
/// Which of two values is larger cannot be foreseen, so that a branch on it costs more than all else; the difference of
/// two whole numbers tells it by its sign, without one.
enum OrderedBits {
  /// `bits` are those of numbers, none of them NaN. Afterwards no number before `rank` is larger than the one there.
  static func select<T: FixedWidthInteger & SignedInteger>(
    _ bits: UnsafeMutableBufferPointer<T>, count: Int, rank: Int
  ) {
    precondition(rank >= 0 && rank < count && count <= bits.count, "rank outside the values")
    turn(bits, count)
    var low = 0
    var high = count - 1
    while high - low > 12 {
      let pivot = pivot(bits, low, high)
      // First those below the pivot, then, where the rank is not among them, those equal to it.
      var place = low
      for i in low...high {
        let value = bits[i]
        bits[i] = bits[place]
        bits[place] = value
        place &-= Int(truncatingIfNeeded: sign(value, pivot))
      }
      if rank < place {
        high = place - 1
        continue
      }
      low = place
      for i in low...high {
        let value = bits[i]
        bits[i] = bits[place]
        bits[place] = value
        place &+= 1 &+ Int(truncatingIfNeeded: sign(pivot, value))
      }
      if rank < place { (low, high) = (rank, rank) } else { low = place }
    }
    sort(bits, low, high)
    turn(bits, count)
  }

  /// Numbers, none of them NaN, as whole numbers that ascend with them, for as long as `body` runs.
  static func ascending<Result>(
    _ numbers: UnsafeMutableBufferPointer<Float>, _ count: Int, _ body: (UnsafeBufferPointer<Int32>) -> Result
  ) -> Result {
    numbers.withMemoryRebound(to: Int32.self) { bits in
      turn(bits, count)
      defer { turn(bits, count) }
      return body(UnsafeBufferPointer(rebasing: bits[..<count]))
    }
  }

  /// The number of one of these.
  static func number(_ bits: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: bits ^ ((bits &>> 31) & .max)))
  }

  /// Negative numbers, whose bits descend, the other way round; and back.
  @inline(__always)
  private static func turn<T: FixedWidthInteger & SignedInteger>(
    _ bits: UnsafeMutableBufferPointer<T>, _ count: Int
  ) {
    for i in 0..<count { bits[i] ^= (bits[i] &>> T(T.bitWidth - 1)) & .max }
  }

  /// -1 where a < b, else 0 (H. Warren, Hacker's Delight, section 2-12).
  @inline(__always)
  static func sign<T: FixedWidthInteger & SignedInteger>(_ a: T, _ b: T) -> T {
    let difference = a &- b
    return (difference ^ ((a ^ b) & (difference ^ a))) &>> T(T.bitWidth - 1)
  }

  /// One of the values from `low` to `high`: the median of three, of many the median of the medians of three times three.
  private static func pivot<T: FixedWidthInteger>(
    _ bits: UnsafeMutableBufferPointer<T>, _ low: Int, _ high: Int
  ) -> T {
    func middle(_ a: T, _ b: T, _ c: T) -> T { max(min(a, b), min(max(a, b), c)) }
    let half = (high - low) / 2
    let centre = low + half
    guard high - low > 100 else { return middle(bits[low], bits[centre], bits[high]) }
    let step = half / 4
    return middle(
      middle(bits[low], bits[low + step], bits[low + 2 * step]),
      middle(bits[centre - step], bits[centre], bits[centre + step]),
      middle(bits[high - 2 * step], bits[high - step], bits[high]))
  }

  private static func sort<T: FixedWidthInteger>(_ bits: UnsafeMutableBufferPointer<T>, _ low: Int, _ high: Int) {
    var i = low + 1
    while i <= high {
      let value = bits[i]
      var j = i
      while j > low && value < bits[j - 1] {
        bits[j] = bits[j - 1]
        j -= 1
      }
      bits[j] = value
      i += 1
    }
  }
}
