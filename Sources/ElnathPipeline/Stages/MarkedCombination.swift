import ElnathCore

/// Combines some pixels of a master again, without the values that are marked in single frames: the stars of a twilight
/// sky lie on a few of them.
struct MarkedCombination: Sendable {
  let frames: [CalibrationSurvey.Frame]
  let outputs: [Amplifier]
  /// Of each output.
  let kernels: [CombinationKernel]
  /// Values of each frame that do not count.
  let marks: [PixelBits]
  /// Pixels with a mark in any frame.
  private let marked: PixelBits

  /// Pixels that are combined at a time, about.
  private static let pixels = 1 << 18

  init(
    frames: [CalibrationSurvey.Frame], outputs: [Amplifier], kernels: [CombinationKernel], marks: [PixelBits]
  ) {
    precondition(!frames.isEmpty && marks.count == frames.count, "every frame has its marks")
    self.frames = frames
    self.outputs = outputs
    self.kernels = kernels
    self.marks = marks
    marked = marks.dropFirst().reduce(into: marks[0]) { $0.formUnion($1) }
  }

  /// Rows of one output.
  struct Part: Sendable {
    let output: Int
    let rows: Range<Int>
  }

  /// Runs of rows with marks.
  func parts() -> [Part] {
    let most = max(1, Self.pixels / marked.width)
    return outputs.indices.flatMap { output -> [Part] in
      let area = outputs[output].area
      var runs: [Range<Int>] = []
      for y in area.y..<(area.y + area.height) where marked.isMarked(row: y) {
        if let last = runs.last, last.upperBound == y, last.count < most {
          runs[runs.count - 1] = last.lowerBound..<(y + 1)
        } else {
          runs.append(y..<(y + 1))
        }
      }
      return runs.map { Part(output: output, rows: $0) }
    }
  }

  func combine(_ part: Part, into planes: MasterPlanes) throws {
    let area = outputs[part.output].area
    let columns = part.rows.map { y in marked.columns(row: y).filter { $0 >= area.x && $0 < area.x + area.width } }
    let places = zip(part.rows, columns).flatMap { y, columns in columns.map { y * planes.width + $0 } }
    guard !places.isEmpty else { return }
    // The first place of each row.
    let starts = columns.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let given = CombinationBand(frames: frames.count, pixels: places.count)
    let rest = CombinationBand(frames: frames.count, pixels: places.count)
    var values = [Float](repeating: 0, count: planes.width)
    for (k, frame) in frames.enumerated() {
      try frame.read(rows: part.rows) { y, prepared in
        let row = y - part.rows.lowerBound
        for (i, x) in columns[row].enumerated() { values[i] = prepared[x] }
        values.withUnsafeBufferPointer {
          given.store(UnsafeBufferPointer(rebasing: $0[..<columns[row].count]), frame: k, at: starts[row])
        }
        for (i, x) in columns[row].enumerated() where marks[k][x, y] { values[i] = .nan }
        values.withUnsafeBufferPointer {
          rest.store(UnsafeBufferPointer(rebasing: $0[..<columns[row].count]), frame: k, at: starts[row])
        }
      }
    }
    planes.combine(rest, insteadOf: given, at: places, by: kernels[part.output])
  }
}
