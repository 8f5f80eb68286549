/// The excess of each pixel of a flat over the master, in standard deviations.
struct FlatPulls {
  let frame: PixelGrid<Float>
  let master: PixelGrid<Float>
  let noise: MasterCombination.Noise

  var width: Int { frame.width }
  var height: Int { frame.height }

  /// One wild pixel is a cosmic ray, which the clipping takes; a wide box must not grow from it.
  static let limit: Float = 6

  /// 0 for a pixel without a value.
  func fill(row y: Int, into line: UnsafeMutableBufferPointer<Float>) {
    precondition(line.count == width, "rows must have one length")
    let (constant, linear) = (Float(noise.constant), Float(noise.linear))
    let row = (y * width)..<((y + 1) * width)
    let (frame, master) = (frame.pixels.span.extracting(row), master.pixels.span.extracting(row))
    for x in 0..<line.count {
      let pull = (frame[x] - master[x]) / (constant + linear * max(master[x], 0)).squareRoot()
      let cut = min(max(pull, -Self.limit), Self.limit)
      // A mask instead of a branch, so that the loop runs on vectors.
      let given: UInt32 = pull == pull ? ~0 : 0
      line[x] = Float(bitPattern: cut.bitPattern & given)
    }
  }
}

/// What the pulls of wide surroundings have in common: the sky of one flat need not have the gradient of another.
///
/// Medians of blocks of some 128 pixels, every other pixel of every other row, straight between their centres and on to
/// the borders.
struct FlatSurroundings {
  private let width: Int
  private let height: Int
  /// Blocks in each direction.
  private let across: Int
  private let up: Int
  private var medians: [Float]
  /// Columns between the same two centres: their numbers and those of the centres.
  private var pieces: [(columns: Range<Int>, left: Int, right: Int)] = []
  /// Of each column, how far it is from its left centre to its right one, in units of their distance.
  private let shares: [Float]

  private static let block = 128

  init(of pulls: FlatPulls) {
    (width, height) = (pulls.width, pulls.height)
    let (width, height) = (pulls.width, pulls.height)
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
    // The pulls of one row, and those of a row of blocks that are looked at, block by block.
    let capacity = (width / across / 2 + 2) * (height / up / 2 + 2)
    var line = [Float](repeating: 0, count: width)
    var values = [Float](repeating: 0, count: across * capacity)
    line.withUnsafeMutableBufferPointer { line in
      values.withUnsafeMutableBufferPointer { values in
        for v in 0..<up {
          var counts = [Int](repeating: 0, count: across)
          for y in stride(from: v * height / up, to: (v + 1) * height / up, by: 2) {
            pulls.fill(row: y, into: line)
            for u in 0..<across {
              let block = UnsafeMutableBufferPointer(
                rebasing: line[(u * width / across)..<((u + 1) * width / across)])
              let count = (block.count + 1) / 2
              let place = u * capacity + counts[u]
              let some = UnsafeMutableBufferPointer(rebasing: values[place..<(place + count)])
              for k in 0..<count { some[k] = block[2 * k] }
              counts[u] += count
            }
          }
          for u in 0..<across {
            let some = UnsafeMutableBufferPointer(rebasing: values[(u * capacity)..<(u * capacity + counts[u])])
            medians[v * across + u] = Median.of(some, count: some.count)
          }
        }
      }
    }
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
