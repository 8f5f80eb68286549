/// A place on a pixel grid. The centre of the first pixel is (0, 0), x along columns, y along rows.
///
/// Files and tables count FITS pixels, where that centre is (1, 1); `fits` and `init(fits:)` are the only conversion.
public struct PixelPoint: Sendable, Equatable, Hashable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  public init(fits: (x: Double, y: Double)) {
    self.init(x: fits.x - 1, y: fits.y - 1)
  }

  /// The same place in FITS pixels, for files and tables.
  public var fits: (x: Double, y: Double) { (x + 1, y + 1) }

  public func distance(to other: PixelPoint) -> Double {
    let dx = x - other.x
    let dy = y - other.y
    return (dx * dx + dy * dy).squareRoot()
  }

  /// True when the place lies on a pixel of the grid, up to the outer edge of the border pixels.
  public func lies(inWidth width: Int, height: Int) -> Bool {
    x >= -0.5 && y >= -0.5 && x < Double(width) - 0.5 && y < Double(height) - 0.5
  }
}
