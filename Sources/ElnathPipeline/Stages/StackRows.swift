import ElnathCore

/// A band of rows of the stack while the frames are read into it.
struct StackRows {
  let rows: Range<Int>
  /// Of the stack and of the frames.
  let width: Int
  let height: Int
  let values: CombinationBand
  /// Nil where no value has one of its own.
  let variances: CombinationBand?

  init(rows: Range<Int>, width: Int, height: Int, frames: Int, hasVariances: Bool) {
    self.rows = rows
    self.width = width
    self.height = height
    values = CombinationBand(frames: frames, pixels: rows.count * width)
    variances = hasVariances ? CombinationBand(frames: frames, pixels: rows.count * width) : nil
  }

  /// Takes over what frame `k` shows of the band.
  ///
  /// - Parameters:
  ///   - resampling: nil where pixel lies on pixel.
  ///   - level: added to every value.
  ///   - saturated: told the pixels of the frame that were saturated.
  func store(
    _ input: StackInput, frame k: Int, resampling: Resampling?, level: Float, saturated: (_ x: Int, _ y: Int) -> Void
  ) throws(PipelineError) {
    let window = resampling?.sourceRows(for: rows, width: width, height: height) ?? rows
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2 * window.count * width + 2 * width)
    defer { memory.deallocate() }
    func part(_ first: Int, _ count: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(rebasing: memory[first..<(first + count)])
    }
    let count = window.count * width
    let (read, given) = (part(0, count), part(count, count))
    try input.read(window, values: read, variances: given, saturated: saturated)
    let line = (values: part(2 * count, width), variances: part(2 * count + width, width))
    // Bilinear and Lanczos give surface brightness; the light of a star is what the frames have in common.
    let area = resampling.map { $0.kernel == .area ? 1 : Float($0.transform.scale * $0.transform.scale) } ?? 1
    for y in rows {
      if let resampling {
        resampling.row(
          y,
          of: Resampling.Source(
            values: UnsafeBufferPointer(read), variances: input.hasVariances ? UnsafeBufferPointer(given) : nil,
            columns: width, first: window.lowerBound),
          into: Resampling.Output(values: line.values, variances: line.variances))
      } else {
        let place = ((y - rows.lowerBound) * width)..<((y - rows.lowerBound + 1) * width)
        _ = line.values.update(fromContentsOf: read[place])
        if input.hasVariances {
          _ = line.variances.update(fromContentsOf: given[place])
        } else {
          line.variances.update(repeating: 1)
        }
      }
      if abs(area - 1) > 1e-6 || level != 0 {
        for x in 0..<width {
          line.values[x] = line.values[x] * area + level
          line.variances[x] *= area * area
        }
      }
      values.store(UnsafeBufferPointer(line.values), frame: k, at: (y - rows.lowerBound) * width)
      variances?.store(UnsafeBufferPointer(line.variances), frame: k, at: (y - rows.lowerBound) * width)
    }
  }
}
