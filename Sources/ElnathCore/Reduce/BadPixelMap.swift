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

  /// Adds what a master marks; it must have the size of the map.
  public mutating func add(_ master: Master, kind: Observation.Kind) {
    precondition(master.image.width == causes.width && master.image.height == causes.height, "one size")
    let (width, height) = (causes.width, causes.height)
    master.image.pixels.withUnsafeBufferPointer { image in
      for i in causes.pixels.indices {
        guard !master.mask.pixels[i].isDisjoint(with: [.bad, .noData]) else { continue }
        let (x, y) = (i % width, i / width)
        if Self.inLine(master.mask, x, y) { causes.pixels[i].insert(.line) }
        guard kind != .flat, image[i].isFinite else {
          causes.pixels[i].insert(.response)
          continue
        }
        let around = BadPixels.surroundings(image, width: width, height: height, x, y)
        let sigma = Double(master.variance.pixels[i]).squareRoot()
        causes.pixels[i].insert(abs(Double(image[i]) - around) > 8 * sigma ? .hot : .unstable)
      }
    }
  }

  /// Adds the user's mask, of the size of the map.
  public mutating func add(user mask: PixelGrid<PixelMask>) {
    precondition(mask.width == causes.width && mask.height == causes.height, "one size")
    for i in causes.pixels.indices where !mask.pixels[i].isEmpty { causes.pixels[i].insert(.user) }
  }

  /// Number of pixels with a cause; one pixel may have several.
  public func count(_ cause: BadPixelCause) -> Int { causes.pixels.count { $0.contains(cause) } }

  /// Number of bad pixels.
  public var total: Int { causes.pixels.count { !$0.isEmpty } }

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
