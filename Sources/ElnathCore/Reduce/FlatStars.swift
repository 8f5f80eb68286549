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
    let pulls = FlatPulls(frame: frame, master: master, noise: noise)
    let surroundings = FlatSurroundings(of: pulls)
    let steps = WholeSteps(width: width, height: height) { y, line in
      pulls.fill(row: y, into: line)
      surroundings.subtract(row: y, from: line)
    }
    for side in [5, 15] where side <= min(width, height) {
      mark(BoxSums(steps, width: width, height: height, side: side), margin: 2, in: &marks)
    }
    return marks
  }

  private func mark(_ sums: BoxSums, margin: Int, in marks: inout PixelBits) {
    let half = sums.side / 2
    var seen: [Double] = []
    sums.forEachRow(every: 7) { y, row in
      for x in stride(from: y % 13, to: row.count, by: 13) { seen.append(Double(row[x])) }
    }
    // The sum of n unit variances has a standard deviation of sqrt(n); what the lamp or the readout changes from frame
    // to frame comes on top, and is no star.
    let middle = Median.of(seen)
    let scatter = max(RobustScale.sigma(seen, about: middle), Double(sums.side))
    let threshold = Float(middle) + limit * Float(scatter)
    // The excess is somewhere in the box; its inner part and the margin hold it.
    let reach = half / 2 + 1 + margin
    sums.forEachRow(every: 1) { y, row in
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
