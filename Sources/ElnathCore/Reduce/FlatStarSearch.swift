/// The search of `FlatStars` in frames that pass by side by side, some rows of each at a time.
struct FlatStarSearch {
  let width: Int
  let height: Int
  /// Row after row.
  let master: UnsafeBufferPointer<Float>
  /// Of each frame.
  let noise: [MasterCombination.Noise]
  let limit: Float

  private static let sides = [5, 15]
  private static let margin = 2
  /// Rows of a frame before the next frame has its turn.
  private static let rowsAtATime = 32

  /// The marks of each frame.
  func marks(_ rows: FlatStars.Rows) throws -> [PixelBits] {
    var marks = noise.map { _ in PixelBits(width: width, height: height) }
    let sides = Self.sides.filter { $0 <= min(width, height) }
    guard !sides.isEmpty else { return marks }
    let pulls = noise.map { FlatPulls(noise: $0) }
    let surroundings = try self.surroundings(pulls, rows)
    var searches = noise.map { _ in sides.map { BoxExcess(width: width, side: $0, limit: limit) } }
    try look(Array(noise.indices), pulls, surroundings, rows) { frame, y, steps in
      for k in sides.indices { searches[frame][k].take(steps, row: y) }
    }
    var again = noise.map { _ in [BoxExcess]() }
    for frame in noise.indices {
      for k in sides.indices {
        let threshold = searches[frame][k].threshold(limit: limit)
        if searches[frame][k].isComplete(above: threshold) {
          mark(searches[frame][k].takeFound(above: threshold), side: sides[k], in: &marks[frame])
        } else {
          again[frame].append(BoxExcess(width: width, side: sides[k], threshold: threshold))
        }
      }
    }
    let rest = noise.indices.filter { !again[$0].isEmpty }
    guard !rest.isEmpty else { return marks }
    try look(rest, pulls, surroundings, rows) { frame, y, steps in
      for k in again[frame].indices {
        again[frame][k].take(steps, row: y)
        let threshold = again[frame][k].threshold(limit: limit)
        mark(again[frame][k].takeFound(above: threshold), side: again[frame][k].side, in: &marks[frame])
      }
    }
    return marks
  }

  private func surroundings(_ pulls: [FlatPulls], _ rows: FlatStars.Rows) throws -> [FlatSurroundings] {
    var surroundings = pulls.map { FlatSurroundings(of: $0, width: width, height: height) }
    let thinned = ThinnedBlocks(of: surroundings[0])
    for v in 0..<surroundings[0].up {
      for frame in surroundings.indices {
        try surroundings[frame].look(at: v, over: master, by: thinned, frame: frame, rows)
      }
    }
    return surroundings
  }

  /// Lets the rows of some frames pass by, as whole steps of the pulls above their surroundings.
  private func look(
    _ frames: [Int], _ pulls: [FlatPulls], _ surroundings: [FlatSurroundings], _ rows: FlatStars.Rows,
    _ body: (_ frame: Int, _ y: Int, _ steps: StepRows) -> Void
  ) throws {
    let steps = frames.map { _ in StepRows(width: width) }
    let line = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
    defer { line.deallocate() }
    try withoutActuallyEscaping(body) { body in
      for first in stride(from: 0, to: height, by: Self.rowsAtATime) {
        for (place, frame) in frames.enumerated() {
          try rows(frame, first..<min(first + Self.rowsAtATime, height), 1) { y, values in
            let below = UnsafeBufferPointer(rebasing: master[(y * width)..<((y + 1) * width)])
            pulls[frame].fill(values, over: below, into: line)
            surroundings[frame].subtract(row: y, from: line)
            steps[place].put(line, row: y)
            body(frame, y, steps[place])
          }
        }
      }
    }
  }

  private func mark(_ boxes: [BoxExcess.Box], side: Int, in marks: inout PixelBits) {
    let half = side / 2
    // The excess is somewhere in the box; its inner part and the margin hold it.
    let reach = half / 2 + 1 + Self.margin
    for box in boxes {
      let (x, y) = (Int(box.x) + half, Int(box.y) + half)
      marks.mark(x: (x - reach)..<(x + reach + 1), y: (y - reach)..<(y + reach + 1))
    }
  }
}
