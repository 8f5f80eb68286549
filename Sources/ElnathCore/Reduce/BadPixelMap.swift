/// Why a pixel is not trusted.
public struct BadPixelCause: OptionSet, Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Collects charge of its own.
  public static let hot = BadPixelCause(rawValue: 1)
  /// Responds to light unlike its neighbours, or not at all.
  public static let response = BadPixelCause(rawValue: 2)
  /// Its value changes from frame to frame.
  public static let unstable = BadPixelCause(rawValue: 4)
  /// One of many in a column or row.
  public static let line = BadPixelCause(rawValue: 8)
  /// Named by the user.
  public static let user = BadPixelCause(rawValue: 16)

  /// Every cause with its name, by value.
  public static let named: [(cause: BadPixelCause, name: String)] = [
    (.hot, "hot"), (.response, "response"), (.unstable, "unstable"), (.line, "line"), (.user, "user"),
  ]
}

/// The pixels of a detector that its masters and the user mark as bad, and why: for people and for other programs. The
/// reduction itself takes the marks of the masters that it uses.
public struct BadPixelMap: Sendable {
  public private(set) var causes: PixelGrid<BadPixelCause>

  /// As many neighbours in a column or row make a line.
  private static let lineLength = 16

  public init(width: Int, height: Int) { causes = PixelGrid(width: width, height: height, repeating: []) }

  /// Adds what the master of bias or dark frames marks; it must have the size of the map.
  public mutating func add(_ master: Master) {
    add(marksOf: master.mask) { i in
      let image = master.image
      guard image.pixels[i].isFinite else { return .response }
      let around = image.pixels.withUnsafeBufferPointer {
        BadPixels.surroundings($0, width: image.width, height: image.height, i % image.width, i / image.width)
      }
      let sigma = Double(master.variance.pixels[i]).squareRoot()
      return abs(Double(image.pixels[i]) - around) > 8 * sigma ? .hot : .unstable
    }
  }

  /// Adds what a flat marks; it must have the size of the map.
  public mutating func add(_ flat: FlatField) {
    add(marksOf: flat.mask) { _ in .response }
  }

  private mutating func add(marksOf mask: PixelGrid<PixelMask>, cause: (Int) -> BadPixelCause) {
    precondition(mask.width == causes.width && mask.height == causes.height, "one size")
    let bad: PixelMask = [.bad, .noData]
    Self.forEachPiece(mask.pixels, holding: bad) { part in
      for i in part where !mask.pixels[i].isDisjoint(with: bad) {
        if Self.inLine(mask, i % mask.width, i / mask.width) { causes.pixels[i].insert(.line) }
        causes.pixels[i].insert(cause(i))
      }
    }
  }

  /// Calls `body` for the few stretches of a mask that hold any of these marks.
  private static func forEachPiece(_ mask: [PixelMask], holding wanted: PixelMask, _ body: (Range<Int>) -> Void) {
    let piece = 256
    for start in stride(from: 0, to: mask.count, by: piece) {
      let part = start..<min(start + piece, mask.count)
      let marks = mask.withUnsafeBufferPointer { PixelMask.union(of: UnsafeBufferPointer(rebasing: $0[part])) }
      if !marks.isDisjoint(with: wanted) { body(part) }
    }
  }

  /// Adds the user's mask, of the size of the map.
  public mutating func add(user mask: PixelGrid<PixelMask>) {
    precondition(mask.width == causes.width && mask.height == causes.height, "one size")
    for i in causes.pixels.indices where !mask.pixels[i].isEmpty { causes.pixels[i].insert(.user) }
  }

  /// Number of pixels with a cause; one pixel may have several.
  public func count(_ cause: BadPixelCause) -> Int { count { $0.contains(cause) } }

  /// Number of bad pixels.
  public var total: Int { count { !$0.isEmpty } }

  /// Among those with any cause.
  private func count(where isCounted: (BadPixelCause) -> Bool) -> Int {
    var total = 0
    let piece = 256
    for start in stride(from: 0, to: causes.pixels.count, by: piece) {
      let part = start..<min(start + piece, causes.pixels.count)
      guard Self.hasAny(causes.pixels.span.extracting(part)) else { continue }
      total += causes.pixels[part].count(where: isCounted)
    }
    return total
  }

  private static func hasAny(_ causes: Span<BadPixelCause>) -> Bool {
    var all: UInt8 = 0
    for i in 0..<causes.count { all |= causes[i].rawValue }
    return all != 0
  }

  private static func inLine(_ mask: PixelGrid<PixelMask>, _ x: Int, _ y: Int) -> Bool {
    func run(_ dx: Int, _ dy: Int) -> Int {
      var count = 0
      var (u, v) = (x + dx, y + dy)
      while count < lineLength, u >= 0, v >= 0, u < mask.width, v < mask.height,
        !mask.pixels[v * mask.width + u].isDisjoint(with: [.bad, .noData])
      {
        count += 1
        (u, v) = (u + dx, v + dy)
      }
      return count
    }
    return run(0, 1) + run(0, -1) + 1 >= lineLength || run(1, 0) + run(-1, 0) + 1 >= lineLength
  }
}
