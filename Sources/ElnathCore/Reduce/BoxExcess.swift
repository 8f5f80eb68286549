/// The boxes of one side whose sum of pulls stands out, found while the rows of a flat pass by.
///
/// How far a sum has to stand out is known only when all have been seen. So all above the least that it can be are kept
/// and sorted out in the end; where too many are, or the limit comes out lower than thought, the rows have to pass again.
struct BoxExcess {
  /// A box by its first column and row.
  struct Box {
    let x: Int32
    let y: Int32
    let steps: Int32
  }

  private var sums: BoxSums
  /// Some of the sums, in standard deviations of one pixel.
  private var seen: [Double] = []
  private var found: [Box] = []
  /// Boxes with more steps are kept.
  private var least: Int32
  /// The limit where it is known already.
  private let threshold: Float?

  /// Boxes that are kept: more than a frame full of stars has.
  private static let most = 1 << 19

  var side: Int { sums.side }

  /// - Parameter limit: standard deviations by which a sum stands out.
  init(width: Int, side: Int, limit: Float) {
    sums = BoxSums(width: width, side: side)
    threshold = nil
    // Half a standard deviation of room for a median below 0.
    least = StepRows.below((limit - 0.5) * Float(side))
  }

  /// For the second time.
  init(width: Int, side: Int, threshold: Float) {
    sums = BoxSums(width: width, side: side)
    self.threshold = threshold
    least = StepRows.below(threshold)
  }

  /// Takes in row `y`, the last one of `rows`.
  mutating func take(_ rows: StepRows, row y: Int) {
    sums.move(in: rows[y], out: rows[y - side])
    let first = y - side + 1
    guard first >= 0 else { return }
    sums.sum()
    if threshold == nil, first % 7 == 0 {
      for x in stride(from: first % 13, to: sums.boxes.count, by: 13) {
        seen.append(Double(StepRows.value(sums.boxes[x])))
      }
    }
    guard found.count <= Self.most, Self.exceeds(least, sums.boxes.span) else { return }
    for (x, steps) in sums.boxes.enumerated() where steps > least {
      found.append(Box(x: Int32(x), y: Int32(first), steps: steps))
    }
  }

  private static func exceeds(_ limit: Int32, _ values: Span<Int32>) -> Bool {
    var any: UInt32 = 0
    for x in 0..<values.count { any |= values[x] > limit ? 1 : 0 }
    return any != 0
  }

  /// The sum that a box has to exceed.
  func threshold(limit: Float) -> Float {
    if let threshold { return threshold }
    // The sum of n unit variances has a standard deviation of sqrt(n); what the lamp or the readout changes from frame
    // to frame comes on top, and is no star.
    let middle = Median.of(seen)
    let scatter = max(RobustScale.sigma(seen, about: middle), Double(side))
    return Float(middle) + limit * Float(scatter)
  }

  /// True where all boxes above the threshold were kept.
  func isComplete(above threshold: Float) -> Bool { found.count <= Self.most && StepRows.below(threshold) >= least }

  /// Hands over the boxes above the threshold that were kept.
  mutating func takeFound(above threshold: Float) -> [Box] {
    defer { found.removeAll(keepingCapacity: true) }
    return found.filter { StepRows.value($0.steps) > threshold }
  }
}
