/// Width x height pixels of one kind, row-major: the pixel of column `x` and row `y`, both from 0, is
/// `pixels[y * width + x]`. Row 0 is the first row of the file, so y grows upwards on the sky of a FITS viewer.
public struct PixelGrid<Element: BitwiseCopyable & Sendable>: Sendable {
  public let width: Int
  public let height: Int
  /// Row-major storage. Kernels of this module may change it in place on grids that they own.
  public internal(set) var pixels: [Element]

  /// A grid with the given storage, which must hold exactly width x height pixels.
  public init(width: Int, height: Int, pixels: [Element]) {
    precondition(width >= 0 && height >= 0 && pixels.count == width * height, "storage must fill the grid")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  public init(width: Int, height: Int, repeating value: Element) {
    self.init(width: width, height: height, pixels: Array(repeating: value, count: width * height))
  }

  @inlinable
  public subscript(x: Int, y: Int) -> Element {
    get {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "pixel outside the grid")
      return pixels[y * width + x]
    }
  }

  /// Changes one pixel. For tests and small repairs; loops work on rows.
  public mutating func set(_ x: Int, _ y: Int, _ value: Element) {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "pixel outside the grid")
    pixels[y * width + x] = value
  }

  /// The pixels of `rectangle`, which must lie inside the grid.
  public func cropped(to rectangle: PixelRectangle) -> PixelGrid {
    precondition(rectangle.fits(width: width, height: height), "rectangle outside the grid")
    if rectangle.width == width && rectangle.height == height { return self }
    let cropped = [Element](unsafeUninitializedCapacity: rectangle.width * rectangle.height) { out, count in
      copy(rectangle, to: out)
      count = rectangle.width * rectangle.height
    }
    return PixelGrid(width: rectangle.width, height: rectangle.height, pixels: cropped)
  }

  /// Writes the pixels of `rectangle`, which must lie inside the grid, row after row into memory that holds as many.
  func copy(_ rectangle: PixelRectangle, to out: UnsafeMutableBufferPointer<Element>) {
    precondition(rectangle.fits(width: width, height: height), "rectangle outside the grid")
    precondition(out.count >= rectangle.width * rectangle.height, "no room for the pixels")
    pixels.withUnsafeBufferPointer { source in
      for row in 0..<rectangle.height {
        let from = (rectangle.y + row) * width + rectangle.x
        _ = out[(row * rectangle.width)...].initialize(fromContentsOf: source[from..<(from + rectangle.width)])
      }
    }
  }
}

extension PixelGrid: Equatable where Element: Equatable {}
