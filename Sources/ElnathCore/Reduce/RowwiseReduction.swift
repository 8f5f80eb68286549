/// All that the reduction of a raw frame needs but its pixels: it stays small, and rows that are read again are reduced
/// by it as they would be in the whole frame, to the bit.
public struct RowwiseReduction: Sendable {
  let row: RowReduction
  let marks: SparseMask?
  /// Of the raw frame.
  let rawWidth: Int

  /// Of the trimmed frame.
  public var width: Int { row.trim.width }
  public var height: Int { row.trim.height }

  /// The rows of the raw frame that hold `rows` of the trimmed one.
  public func rawRows(_ rows: Range<Int>) -> Range<Int> {
    (row.trim.y + rows.lowerBound)..<(row.trim.y + rows.upperBound)
  }

  /// Row `y` of the trimmed frame from the row of the raw one that holds it, a value for each of its pixels.
  public func reduce(
    _ raw: UnsafeBufferPointer<Float>, row y: Int, electrons: UnsafeMutableBufferPointer<Float>,
    variance: UnsafeMutableBufferPointer<Float>, mask: UnsafeMutableBufferPointer<PixelMask>
  ) {
    precondition(raw.count == rawWidth && y >= 0 && y < height, "not a row of this frame")
    let line = UnsafeBufferPointer(rebasing: raw[row.trim.x..<(row.trim.x + width)])
    row(y, columns: 0..<width, adu: line.span, electrons: electrons, variance: variance, mask: mask)
    marks?.mark(mask, in: PixelRectangle(x: 0, y: y, width: width, height: 1))
  }
}

extension FrameReduction {
  /// The frame as it was read; nil for one that was reduced before.
  public var raw: RawFrame? {
    switch pixels {
    case .raw(let raw, _): raw
    case .stored(let frame, _): frame.decoded()
    case .reduced: nil
    }
  }

  /// Without the pixels; nil for a frame that was reduced before.
  public var rowwise: RowwiseReduction? {
    withStoredPixels { RowwiseReduction(row: $1, marks: events?.marks, rawWidth: $0.width) }
  }
}
