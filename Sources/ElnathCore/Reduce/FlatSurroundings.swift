/// What the pulls of wide surroundings have in common: the sky of one flat need not have the gradient of another.
///
/// Medians of blocks of some 128 pixels, every other pixel of every other row, straight between their centres and on to
/// the borders.
struct FlatSurroundings {
  let width: Int
  let height: Int
  /// Blocks in each direction.
  let across: Int
  let up: Int
  private let pulls: FlatPulls
  private var medians: [Float]
  /// Columns between the same two centres: their numbers and those of the centres.
  private var pieces: [(columns: Range<Int>, left: Int, right: Int)] = []
  /// Of each column, how far it is from its left centre to its right one, in units of their distance.
  private let shares: [Float]

  private static let block = 128

  /// All 0; every row of blocks has to be looked at.
  init(of pulls: FlatPulls, width: Int, height: Int) {
    (self.pulls, self.width, self.height) = (pulls, width, height)
    across = max(min(2, width), width / Self.block)
    up = max(min(2, height), height / Self.block)
    medians = [Float](repeating: 0, count: across * up)
    let columns = (0..<width).map { [across] in Self.place($0, width, across) }
    shares = columns.map(\.share)
    for (x, place) in columns.enumerated() {
      if let last = pieces.last, last.left == place.low, last.right == place.high {
        pieces[pieces.count - 1].columns = last.columns.lowerBound..<(x + 1)
      } else {
        pieces.append((x..<(x + 1), place.low, place.high))
      }
    }
  }

  /// Looks at the blocks of row `v` of them.
  ///
  /// - Parameters:
  ///   - master: row after row.
  ///   - thinned: memory for it.
  ///   - rows: hands out those of the frame, of which every other one is asked for.
  mutating func look(
    at v: Int, over master: UnsafeBufferPointer<Float>, by thinned: ThinnedBlocks, frame: Int, _ rows: FlatStars.Rows
  ) throws {
    thinned.clear()
    let (pulls, width) = (pulls, width)
    try rows(frame, (v * height / up)..<((v + 1) * height / up), 2) { y, values in
      thinned.add(pulls, values, over: UnsafeBufferPointer(rebasing: master[(y * width)..<((y + 1) * width)]))
    }
    for u in 0..<across { medians[v * across + u] = thinned.median(ofBlock: u) }
  }

  /// The two centres that a column or row lies between or beside.
  private static func place(_ i: Int, _ length: Int, _ blocks: Int) -> (low: Int, high: Int, share: Float) {
    let t = (Float(i) + 0.5) * Float(blocks) / Float(length) - 0.5
    let low = min(max(Int(t), 0), max(blocks - 2, 0))
    return (low, min(low + 1, blocks - 1), t - Float(low))
  }

  func subtract(row y: Int, from line: UnsafeMutableBufferPointer<Float>) {
    precondition(line.count == width, "rows must have one length")
    let (low, high, t) = Self.place(y, height, up)
    func level(_ u: Int) -> Float { (1 - t) * medians[low * across + u] + t * medians[high * across + u] }
    shares.withUnsafeBufferPointer { shares in
      for piece in pieces {
        Self.subtract(
          from: level(piece.left), to: level(piece.right), UnsafeBufferPointer(rebasing: shares[piece.columns]),
          in: UnsafeMutableBufferPointer(rebasing: line[piece.columns]))
      }
    }
  }

  /// Takes away what lies between two values, `shares` of the way from the first to the second.
  private static func subtract(
    from left: Float, to right: Float, _ shares: UnsafeBufferPointer<Float>,
    in values: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(values.count == shares.count, "one share for each value")
    for x in 0..<values.count { values[x] -= (1 - shares[x]) * left + shares[x] * right }
  }
}

/// The pulls of every other pixel of some rows, block by block of their columns.
final class ThinnedBlocks {
  /// Columns of each block, and where the pixels taken of it begin among those of a row.
  private let columns: [Range<Int>]
  private let starts: [Int]
  private let frame: UnsafeMutableBufferPointer<Float>
  private let master: UnsafeMutableBufferPointer<Float>
  private let line: UnsafeMutableBufferPointer<Float>
  private let values: UnsafeMutableBufferPointer<Float>
  /// Rows that there is room for, and those that are there.
  private let rows: Int
  private var count = 0

  init(of surroundings: FlatSurroundings) {
    let (width, blocks) = (surroundings.width, surroundings.across)
    rows = surroundings.height / surroundings.up / 2 + 2
    columns = (0..<blocks).map { ($0 * width / blocks)..<(($0 + 1) * width / blocks) }
    starts = columns.reduce(into: [0]) { $0.append($0[$0.count - 1] + ($1.count + 1) / 2) }
    let taken = starts[blocks]
    frame = .allocate(capacity: taken)
    master = .allocate(capacity: taken)
    line = .allocate(capacity: taken)
    values = .allocate(capacity: taken * rows)
  }

  deinit {
    frame.deallocate()
    master.deallocate()
    line.deallocate()
    values.deallocate()
  }

  func clear() { count = 0 }

  /// Adds a row of a frame and the same of the master.
  func add(_ pulls: FlatPulls, _ frame: UnsafeBufferPointer<Float>, over master: UnsafeBufferPointer<Float>) {
    precondition(count < rows, "no room for the row")
    thin(frame, into: self.frame)
    thin(master, into: self.master)
    pulls.fill(UnsafeBufferPointer(self.frame), over: UnsafeBufferPointer(self.master), into: line)
    for u in columns.indices {
      let part = starts[u]..<starts[u + 1]
      let place = part.lowerBound * rows + count * part.count
      (values.baseAddress! + place).update(from: line.baseAddress! + part.lowerBound, count: part.count)
    }
    count += 1
  }

  private func thin(_ row: UnsafeBufferPointer<Float>, into out: UnsafeMutableBufferPointer<Float>) {
    for u in columns.indices {
      let source = row[columns[u]]
      Self.thin(
        UnsafeBufferPointer(rebasing: source),
        into: UnsafeMutableBufferPointer(rebasing: out[starts[u]..<starts[u + 1]]))
    }
  }

  private static func thin(_ source: UnsafeBufferPointer<Float>, into out: UnsafeMutableBufferPointer<Float>) {
    precondition(out.count == (source.count + 1) / 2, "every other one")
    for k in 0..<out.count { out[k] = source[2 * k] }
  }

  /// NaN without rows.
  func median(ofBlock u: Int) -> Float {
    let size = starts[u + 1] - starts[u]
    let place = starts[u] * rows
    return Median.of(UnsafeMutableBufferPointer(rebasing: values[place..<(place + size * count)]), count: size * count)
  }
}
