/// A block of whole pixels: columns x ..< x + width and rows y ..< y + height, counted from 0.
public struct PixelRectangle: Sendable, Equatable, Hashable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// True when the block has pixels and all of them lie in a grid of the given size.
  public func fits(width gridWidth: Int, height gridHeight: Int) -> Bool {
    x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= gridWidth && y + height <= gridHeight
  }

  /// The pixels that both blocks hold; nil for none.
  public func intersection(_ other: PixelRectangle) -> PixelRectangle? {
    let left = max(x, other.x)
    let bottom = max(y, other.y)
    let right = min(x + width, other.x + other.width)
    let top = min(y + height, other.y + other.height)
    guard left < right && bottom < top else { return nil }
    return PixelRectangle(x: left, y: bottom, width: right - left, height: top - bottom)
  }

  /// A section as FITS headers write it: `[x1:x2,y1:y2]`, pixels from 1, both ends included.
  /// Nil when the text is anything else. Reversed ends mean a flipped axis and give the same block.
  public init?(section: String) {
    let trimmed = section.filter { !$0.isWhitespace }
    guard trimmed.first == "[", trimmed.last == "]" else { return nil }
    let ranges = trimmed.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    guard ranges.count == 2 else { return nil }
    var bounds: [(low: Int, high: Int)] = []
    for range in ranges {
      let ends = range.split(separator: ":", omittingEmptySubsequences: false)
      guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first > 0, last > 0 else {
        return nil
      }
      bounds.append((min(first, last), max(first, last)))
    }
    self.init(
      x: bounds[0].low - 1, y: bounds[1].low - 1, width: bounds[0].high - bounds[0].low + 1,
      height: bounds[1].high - bounds[1].low + 1)
  }

  /// The same block as `[x1:x2,y1:y2]`.
  public var section: String { "[\(x + 1):\(x + width),\(y + 1):\(y + height)]" }
}
