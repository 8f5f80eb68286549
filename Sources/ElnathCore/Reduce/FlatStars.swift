/// Finds what a flat frame shows above the master of all: stars, mostly, of a twilight sky. Clipping takes their cores,
/// but not their wings, which lie within the noise of each pixel.
///
/// The excess over the master, in standard deviations, is summed over boxes of 5 and 15 pixels; where a sum lies beyond
/// `limit` of its own standard deviations, as expected or as all boxes show them, the box and a margin around it are
/// marked. Only an excess counts: where another frame has a star the master itself is too high.
public struct FlatStars: Sendable {
  /// One false mark in a frame of 16 million pixels is expected at 5.5 or so.
  public var limit: Float = 5.5

  public init() {}

  /// - Parameters:
  ///   - frame: a flat divided by its level; NaN pixels count as neither.
  ///   - master: of all frames, of the same size.
  ///   - noise: of the frame, in its own unit.
  public func callAsFunction(
    _ frame: PixelGrid<Float>, master: PixelGrid<Float>, noise: MasterCombination.Noise
  ) -> PixelBits {
    precondition(frame.width == master.width && frame.height == master.height, "frames must have one size")
    let (width, height) = (frame.width, frame.height)
    var marks = PixelBits(width: width, height: height)
    let pulls = WholeSteps(pulls(frame, master: master, noise: noise), width: width)
    for side in [5, 15] where side <= min(width, height) {
      mark(BoxSums(pulls, width: width, height: height, side: side), margin: 2, in: &marks)
    }
    return marks
  }

  /// The excess of each pixel in standard deviations, above what its wider surroundings have in common: the sky of one
  /// flat need not have the gradient of another.
  private func pulls(
    _ frame: PixelGrid<Float>, master: PixelGrid<Float>, noise: MasterCombination.Noise
  ) -> [Float] {
    let (constant, linear) = (Float(noise.constant), Float(noise.linear))
    let count = frame.pixels.count
    var pulls = [Float](unsafeUninitializedCapacity: count) { out, written in
      frame.pixels.withUnsafeBufferPointer { frame in
        master.pixels.withUnsafeBufferPointer { master in
          for i in 0..<count {
            let pull = (frame[i] - master[i]) / (constant + linear * max(master[i], 0)).squareRoot()
            // One wild pixel is a cosmic ray, which the clipping takes; a wide box must not grow from it.
            out[i] = pull.isNaN ? 0 : min(max(pull, -6), 6)
          }
        }
      }
      written = count
    }
    subtractSurroundings(&pulls, width: frame.width, height: frame.height)
    return pulls
  }

  private static let block = 128

  /// Medians of blocks of some 128 pixels, every other pixel of every other row, straight between their centres and on
  /// to the borders.
  private func subtractSurroundings(_ pulls: inout [Float], width: Int, height: Int) {
    let across = max(min(2, width), width / Self.block)
    let up = max(min(2, height), height / Self.block)
    var medians = [Float](repeating: 0, count: across * up)
    for v in 0..<up {
      for u in 0..<across {
        var values: [Float] = []
        for y in stride(from: v * height / up, to: (v + 1) * height / up, by: 2) {
          for x in stride(from: u * width / across, to: (u + 1) * width / across, by: 2) {
            values.append(pulls[y * width + x])
          }
        }
        medians[v * across + u] = values.withUnsafeMutableBufferPointer { Median.of($0, count: $0.count) }
      }
    }
    func place(_ i: Int, _ length: Int, _ blocks: Int) -> (Int, Int, Float) {
      let t = (Float(i) + 0.5) * Float(blocks) / Float(length) - 0.5
      let low = min(max(Int(t), 0), max(blocks - 2, 0))
      return (low, min(low + 1, blocks - 1), t - Float(low))
    }
    let columns = (0..<width).map { place($0, width, across) }
    let shares = columns.map(\.2)
    // Columns between the same two centres.
    let starts = [0] + (1..<width).filter { columns[$0].0 != columns[$0 - 1].0 || columns[$0].1 != columns[$0 - 1].1 }
    let pieces = zip(starts, starts.dropFirst() + [width]).map { $0..<$1 }
    var line = [Float](repeating: 0, count: across)
    pulls.withUnsafeMutableBufferPointer { pulls in
      shares.withUnsafeBufferPointer { shares in
        for y in 0..<height {
          let (low, high, t) = place(y, height, up)
          for u in 0..<across { line[u] = (1 - t) * medians[low * across + u] + t * medians[high * across + u] }
          for piece in pieces {
            let (left, right, _) = columns[piece.lowerBound]
            let part = (y * width + piece.lowerBound)..<(y * width + piece.upperBound)
            Self.subtract(
              from: line[left], to: line[right], UnsafeBufferPointer(rebasing: shares[piece]),
              in: UnsafeMutableBufferPointer(rebasing: pulls[part]))
          }
        }
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

  private func mark(_ sums: BoxSums, margin: Int, in marks: inout PixelBits) {
    let half = sums.side / 2
    var seen: [Double] = []
    sums.forEachRow { y, row in
      if y % 7 == 0 { for x in stride(from: y % 13, to: row.count, by: 13) { seen.append(Double(row[x])) } }
    }
    // The sum of n unit variances has a standard deviation of sqrt(n); what the lamp or the readout changes from frame
    // to frame comes on top, and is no star.
    let middle = Median.of(seen)
    let scatter = max(RobustScale.sigma(seen, about: middle), Double(sums.side))
    let threshold = Float(middle) + limit * Float(scatter)
    // The excess is somewhere in the box; its inner part and the margin hold it.
    let reach = half / 2 + 1 + margin
    sums.forEachRow { y, row in
      for start in stride(from: 0, to: row.count, by: 64) {
        let piece = start..<min(start + 64, row.count)
        guard RowScan.reaches(threshold.nextUp, row.span.extracting(piece)) else { continue }
        for x in piece where row[x] > threshold {
          marks.mark(x: (x + half - reach)..<(x + half + reach + 1), y: (y + half - reach)..<(y + half + reach + 1))
        }
      }
    }
  }
}

/// Sums over all boxes of an odd side that lie on the image.
private struct BoxSums {
  let side: Int
  private let pixels: WholeSteps
  private let width: Int
  private let height: Int

  init(_ pixels: WholeSteps, width: Int, height: Int, side: Int) {
    self.pixels = pixels
    self.width = width
    self.height = height
    self.side = side
  }

  /// `body` gets the number of the first row of the boxes, and the sums by the first column of each.
  func forEachRow(_ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
    var columns = [Int32](repeating: 0, count: width)
    var sums = [Float](repeating: 0, count: width - side + 1)
    for row in 0..<side { pixels.add(row: row, to: &columns) }
    for first in 0...(height - side) {
      columns.withUnsafeBufferPointer { columns in
        sums.withUnsafeMutableBufferPointer { sums in
          var sum: Int32 = 0
          for x in 0..<side { sum &+= columns[x] }
          sums[0] = WholeSteps.value(sum)
          for x in 1..<sums.count {
            sum &+= columns[x + side - 1] &- columns[x - 1]
            sums[x] = WholeSteps.value(sum)
          }
        }
      }
      sums.withUnsafeBufferPointer { body(first, $0) }
      if first + side < height {
        pixels.add(row: first + side, to: &columns)
        pixels.subtract(row: first, from: &columns)
      }
    }
  }
}

/// Values in whole steps of 1/1024, so that running sums neither drift nor depend on where they began.
private struct WholeSteps {
  private let steps: [Int32]
  private let width: Int

  /// `values` below 4096.
  init(_ values: [Float], width: Int) {
    self.width = width
    // A float as large as this has no room for a fraction: adding it rounds to even, and its bits count the steps.
    let large = Float(3 << 22)
    let offset = Int32(bitPattern: large.bitPattern)
    steps = [Int32](unsafeUninitializedCapacity: values.count) { steps, written in
      values.withUnsafeBufferPointer { values in
        for i in 0..<values.count { steps[i] = Int32(bitPattern: (values[i] * 1024 + large).bitPattern) &- offset }
      }
      written = values.count
    }
  }

  static func value(_ steps: Int32) -> Float { Float(steps) / 1024 }

  func add(row: Int, to columns: inout [Int32]) {
    let line = steps.span.extracting((row * width)..<((row + 1) * width))
    var columns = columns.mutableSpan
    precondition(columns.count == line.count, "rows must have one length")
    for x in 0..<line.count { columns[x] &+= line[x] }
  }

  func subtract(row: Int, from columns: inout [Int32]) {
    let line = steps.span.extracting((row * width)..<((row + 1) * width))
    var columns = columns.mutableSpan
    precondition(columns.count == line.count, "rows must have one length")
    for x in 0..<line.count { columns[x] &-= line[x] }
  }
}
