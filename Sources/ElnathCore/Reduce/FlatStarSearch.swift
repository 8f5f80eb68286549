/// The search of `FlatStars` in one frame.
struct FlatStarSearch {
  private let pulls: UnsafeBufferPointer<Int8>
  private let width: Int
  private let height: Int
  private let limit: Float
  private let surroundings: FlatSurroundings

  private static let sides = [5, 15]
  private static let margin = 2

  /// - Parameters:
  ///   - pulls: row after row.
  ///   - limit: standard deviations by which the sum over a box stands out.
  init(_ pulls: UnsafeBufferPointer<Int8>, width: Int, height: Int, limit: Float) {
    (self.pulls, self.width, self.height, self.limit) = (pulls, width, height, limit)
    surroundings = FlatSurroundings(of: pulls, width: width, height: height)
  }

  func marks() -> PixelBits {
    var marks = PixelBits(width: width, height: height)
    let runs = surroundings.straightRuns
    for side in Self.sides where side <= min(width, height) {
      var sums = BoxSums(width: width, side: side)
      let threshold = threshold(&sums)
      sums.clear()
      for y in 0..<height {
        if y < side { sums.add(row(y)) } else { sums.add(row(y), insteadOf: row(y - side)) }
        guard y >= side - 1 else { continue }
        sums.sum()
        mark(sums, row: y - side + 1, above: threshold, runs, in: &marks)
      }
    }
    return marks
  }

  private func row(_ y: Int) -> UnsafeBufferPointer<Int8> {
    UnsafeBufferPointer(rebasing: pulls[(y * width)..<((y + 1) * width)])
  }

  /// What the surroundings give to the sum over a box of a row of boxes: as if they were straight all over it.
  private func level(_ levels: FlatSurroundings.Row, _ x: Int, side: Int) -> Float {
    Float(side * side) * levels[x + side / 2]
  }

  /// By how much the sum over a box has to exceed what its surroundings give.
  private func threshold(_ sums: inout BoxSums) -> Float {
    let side = sums.side
    var seen: [Double] = []
    for first in stride(from: 0, through: height - side, by: 7) {
      sums.clear()
      for y in first..<(first + side) { sums.add(row(y)) }
      let levels = surroundings.row(first + side / 2)
      for x in stride(from: first % 13, through: width - side, by: 13) {
        seen.append(Double(Float(sums.sum(at: x)) - level(levels, x, side: side)))
      }
    }
    // The sum of n unit variances has a standard deviation of sqrt(n); what the lamp or the readout changes from frame
    // to frame comes on top, and is no star.
    let middle = Median.of(seen)
    let scatter = max(RobustScale.sigma(seen, about: middle), Double(Float(side) * FlatPulls.steps))
    return Float(middle) + limit * Float(scatter)
  }

  /// Marks the boxes that begin in row `y` and stand out.
  private func mark(
    _ sums: BoxSums, row y: Int, above threshold: Float, _ runs: [Range<Int>], in marks: inout PixelBits
  ) {
    let (side, half) = (sums.side, sums.side / 2)
    let boxes = sums.boxes.span
    let levels = surroundings.row(y + half)
    for run in runs {
      // The middles of the boxes are in the run.
      let run = max(run.lowerBound - half, 0)..<min(run.upperBound - half, boxes.count)
      guard !run.isEmpty else { continue }
      let least = min(level(levels, run.lowerBound, side: side), level(levels, run.upperBound - 1, side: side))
      guard Float(Self.highest(boxes.extracting(run))) - least > threshold else { continue }
      for x in run where Float(boxes[x]) - level(levels, x, side: side) > threshold {
        mark(x + half, y + half, half: half, in: &marks)
      }
    }
  }

  private static func highest(_ values: Span<Int16>) -> Int16 {
    var highest = Int16.min
    for x in 0..<values.count { highest = max(highest, values[x]) }
    return highest
  }

  /// The excess is somewhere in the box; its inner part and the margin hold it.
  private func mark(_ x: Int, _ y: Int, half: Int, in marks: inout PixelBits) {
    let reach = half / 2 + 1 + Self.margin
    marks.mark(x: (x - reach)..<(x + reach + 1), y: (y - reach)..<(y + reach + 1))
  }
}
