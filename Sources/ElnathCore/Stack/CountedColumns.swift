/// Columns of many 16-bit integers, sorted by counting how often each number occurs: the values of a pixel in all frames of
/// a series lie close together, so the count is short.
///
/// Four columns are counted at a time, so that the processor need not wait for one count to be written before the next.
struct CountedColumns {
  /// A tile of frame after frame.
  let values: UnsafePointer<Int16>
  let frames: Int

  private static let together = 4
  /// Numbers from the least to the largest of a column up to which counting is worth it.
  private static let span = 4096

  /// Of a column: sums of the differences to its middle value and of their squares.
  struct Sums {
    var sum: Int64
    var squares: Int64
  }

  /// Hands out the sorted columns one after another.
  func forEach(lanes: Int, _ body: (_ lane: Int, _ column: SortedColumn<Int16>, _ sums: Sums) -> Void) {
    let tile = IntegerBand.tile
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: 2 * tile + frames) { memory in
      let (least, most) = (memory.baseAddress!, memory.baseAddress! + tile)
      let column = memory.baseAddress! + 2 * tile
      extremes(least, most)
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: Self.span * Self.together) { counts in
        counts.initialize(repeating: 0)
        for first in stride(from: 0, to: lanes, by: Self.together) {
          let range = (0..<Self.together).reduce(0) { max($0, Int(most[first + $1]) - Int(least[first + $1])) }
          guard range < Self.span else {
            for lane in first..<min(first + Self.together, lanes) { body(lane, sorted(column), sort(lane, column)) }
            continue
          }
          count(first, least + first, counts.baseAddress!)
          for lane in first..<(first + Self.together) {
            // The counts of a lane beyond the last are cleared like the others.
            let sums = expand(counts.baseAddress! + (lane - first), range: range, from: least[lane], into: column)
            if lane < lanes { body(lane, sorted(column), sums) }
          }
        }
      }
    }
  }

  private func sorted(_ column: UnsafeMutablePointer<Int16>) -> SortedColumn<Int16> {
    SortedColumn(base: UnsafePointer(column), stride: 1)
  }

  @inline(never)
  private func extremes(_ least: UnsafeMutablePointer<Int16>, _ most: UnsafeMutablePointer<Int16>) {
    let tile = IntegerBand.tile
    for i in 0..<tile { (least[i], most[i]) = (values[i], values[i]) }
    for k in 1..<max(frames, 2) where k < frames {
      let frame = values + k * tile
      for i in 0..<tile {
        least[i] = min(least[i], frame[i])
        most[i] = max(most[i], frame[i])
      }
    }
  }

  @inline(never)
  private func count(_ first: Int, _ least: UnsafePointer<Int16>, _ counts: UnsafeMutablePointer<UInt16>) {
    let tile = IntegerBand.tile
    let (a, b, c, d) = (Int(least[0]), Int(least[1]), Int(least[2]), Int(least[3]))
    var frame = values + first
    for _ in 0..<frames {
      counts[4 * (Int(frame[0]) - a)] &+= 1
      counts[4 * (Int(frame[1]) - b) + 1] &+= 1
      counts[4 * (Int(frame[2]) - c) + 2] &+= 1
      counts[4 * (Int(frame[3]) - d) + 3] &+= 1
      frame += tile
    }
  }

  /// Writes the column out, and clears its counts.
  private func expand(
    _ counts: UnsafeMutablePointer<UInt16>, range: Int, from least: Int16, into column: UnsafeMutablePointer<Int16>
  ) -> Sums {
    var (place, sum, squares) = (0, Int64(0), Int64(0))
    for step in 0...range {
      let count = Int(counts[Self.together * step])
      guard count > 0 else { continue }
      counts[Self.together * step] = 0
      let value = least &+ Int16(truncatingIfNeeded: step)
      for k in place..<(place + count) { column[k] = value }
      place += count
      sum += Int64(count * step)
      squares += Int64(count * step * step)
    }
    return about(Int64(column[frames / 2]) - Int64(least), sum, squares)
  }

  /// A column whose values lie far apart.
  private func sort(_ lane: Int, _ column: UnsafeMutablePointer<Int16>) -> Sums {
    for k in 0..<frames { column[k] = values[k * IntegerBand.tile + lane] }
    var all = UnsafeMutableBufferPointer(start: column, count: frames)
    all.sort()
    var (sum, squares) = (Int64(0), Int64(0))
    for value in all {
      sum += Int64(value)
      squares += Int64(value) * Int64(value)
    }
    return about(Int64(column[frames / 2]), sum, squares)
  }

  /// Sums about `middle` from those about 0: exact, as all of them are integers.
  private func about(_ middle: Int64, _ sum: Int64, _ squares: Int64) -> Sums {
    let n = Int64(frames)
    return Sums(sum: sum - n * middle, squares: squares - 2 * middle * sum + n * middle * middle)
  }
}
