/// One bit for each pixel of a frame.
public struct PixelBits: Sendable, Equatable {
  public let width: Int
  public let height: Int
  private var words: [UInt64]
  private let wordsPerRow: Int

  public init(width: Int, height: Int) {
    precondition(width >= 0 && height >= 0, "a size is not negative")
    self.width = width
    self.height = height
    wordsPerRow = (width + 63) / 64
    words = Array(repeating: 0, count: wordsPerRow * height)
  }

  public subscript(x: Int, y: Int) -> Bool {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "pixel outside the grid")
    return words[y * wordsPerRow + x / 64] >> UInt64(x % 64) & 1 == 1
  }

  /// Sets the bits of a rectangle, as far as it lies on the frame.
  public mutating func mark(x columns: Range<Int>, y rows: Range<Int>) {
    let (left, right) = (max(columns.lowerBound, 0), min(columns.upperBound, width))
    let (bottom, top) = (max(rows.lowerBound, 0), min(rows.upperBound, height))
    guard left < right, bottom < top else { return }
    for index in (left / 64)...((right - 1) / 64) {
      let first = max(left - index * 64, 0)
      let count = min(right - index * 64, 64) - first
      let bits = (~UInt64(0) >> UInt64(64 - count)) << UInt64(first)
      for y in bottom..<top { words[y * wordsPerRow + index] |= bits }
    }
  }

  /// Sets all bits that another one has.
  public mutating func formUnion(_ other: PixelBits) {
    precondition(width == other.width && height == other.height, "frames must have one size")
    for i in words.indices { words[i] |= other.words[i] }
  }

  /// The columns that are set in row `y`, in rising order.
  public func columns(row y: Int) -> [Int] {
    precondition(y >= 0 && y < height, "a row of the frame")
    var columns: [Int] = []
    for index in 0..<wordsPerRow {
      var word = words[y * wordsPerRow + index]
      while word != 0 {
        columns.append(index * 64 + word.trailingZeroBitCount)
        word &= word - 1
      }
    }
    return columns
  }

  /// True where any bit of row `y` is set.
  public func isMarked(row y: Int) -> Bool {
    precondition(y >= 0 && y < height, "a row of the frame")
    return words[(y * wordsPerRow)..<((y + 1) * wordsPerRow)].contains { $0 != 0 }
  }

  /// How many are set.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
