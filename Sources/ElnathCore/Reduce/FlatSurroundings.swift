/// What the pulls of wide surroundings have in common: the sky of one flat need not have the gradient of another.
///
/// Medians of blocks of some 128 pixels, every other pixel of every other row, straight between their centres and on to
/// the borders. In the steps of the pulls.
struct FlatSurroundings {
  private let height: Int
  /// Where each column lies.
  private let columns: [Place]
  /// Blocks in each direction.
  private let across: Int
  private let up: Int
  private var medians: [Float] = []

  private static let block = 128

  /// - Parameter pulls: row after row.
  init(of pulls: UnsafeBufferPointer<Int8>, width: Int, height: Int) {
    precondition(pulls.count == width * height, "a pull of each pixel")
    self.height = height
    let across = max(min(2, width), width / Self.block)
    self.across = across
    columns = (0..<width).map { Self.place($0, width, across) }
    up = max(min(2, height), height / Self.block)
    var counts = StepCounts()
    for v in 0..<up {
      for u in 0..<across {
        let columns = (u * width / across)..<((u + 1) * width / across)
        for y in stride(from: v * height / up, to: (v + 1) * height / up, by: 2) {
          counts.addEveryOther(pulls[(y * width + columns.lowerBound)..<(y * width + columns.upperBound)])
        }
        medians.append(counts.takeMedian())
      }
    }
  }

  /// The first of the two centres that a column or row lies between or beside, and how far it is from that to the second
  /// one, in units of their distance.
  fileprivate typealias Place = (low: Int, share: Float)

  private static func place(_ i: Int, _ length: Int, _ blocks: Int) -> Place {
    let t = (Float(i) + 0.5) * Float(blocks) / Float(length) - 0.5
    let low = min(max(Int(t), 0), max(blocks - 2, 0))
    return (low, t - Float(low))
  }

  /// The levels of a row.
  struct Row {
    fileprivate let columns: [Place]
    /// At the centres, and once more at the last one.
    fileprivate let levels: [Float]

    subscript(x: Int) -> Float {
      let (low, share) = columns[x]
      return (1 - share) * levels[low] + share * levels[low + 1]
    }
  }

  func row(_ y: Int) -> Row {
    let (low, share) = Self.place(y, height, up)
    let high = min(low + 1, up - 1)
    let levels = (0...across).map {
      let u = min($0, across - 1)
      return (1 - share) * medians[low * across + u] + share * medians[high * across + u]
    }
    return Row(columns: columns, levels: levels)
  }

  /// Runs of columns between the same two centres: the level goes straight along each of them.
  var straightRuns: [Range<Int>] {
    let starts = columns.indices.filter { $0 == 0 || columns[$0].low != columns[$0 - 1].low }
    return zip(starts, starts.dropFirst() + [columns.count]).map { $0..<$1 }
  }
}

/// How often each pull occurs.
private struct StepCounts {
  private var counts = [Int32](repeating: 0, count: 256)

  mutating func addEveryOther(_ pulls: Slice<UnsafeBufferPointer<Int8>>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for i in stride(from: pulls.startIndex, to: pulls.endIndex, by: 2) {
        counts[Int(UInt8(bitPattern: pulls[i]) ^ 0x80)] += 1
      }
    }
  }

  /// The median of what was counted, which is then forgotten: as if the pulls of a step were spread evenly over it. NaN
  /// for none.
  mutating func takeMedian() -> Float {
    defer { for i in counts.indices { counts[i] = 0 } }
    let half = Float(counts.reduce(0, +)) / 2
    var below: Float = 0
    for (place, count) in counts.enumerated() where count > 0 {
      let next = below + Float(count)
      if next >= half { return Float(place - 128) - 0.5 + (half - below) / Float(count) }
      below = next
    }
    return .nan
  }
}
