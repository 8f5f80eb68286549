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
    for y in max(rows.lowerBound, 0)..<max(min(rows.upperBound, height), max(rows.lowerBound, 0)) {
      for x in max(columns.lowerBound, 0)..<max(min(columns.upperBound, width), max(columns.lowerBound, 0)) {
        words[y * wordsPerRow + x / 64] |= 1 << UInt64(x % 64)
      }
    }
  }

  /// How many are set.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Makes the marked ones of a row of values NaN.
  public func blank(_ values: UnsafeMutableBufferPointer<Float>, row y: Int) {
    precondition(values.count == width && y >= 0 && y < height, "a row of the frame")
    for index in 0..<wordsPerRow {
      var word = words[y * wordsPerRow + index]
      while word != 0 {
        values[index * 64 + word.trailingZeroBitCount] = .nan
        word &= word - 1
      }
    }
  }
}
