/// A block of pixels in a file and its place in the raw frame, for files that hold the frame in parts: one image for each
/// output of the detector, or outputs side by side with their overscan between them.
public struct ReadoutPiece: Sendable, Equatable {
  /// Number of the header-data unit with the image; 0 is the primary.
  public var unit: Int
  /// The block in that image.
  public var source: PixelRectangle
  /// Column and row of the raw frame where its lower left pixel stands.
  public var x: Int
  public var y: Int
  /// True where columns or rows stand in the file in the opposite order.
  public var flipsX: Bool
  public var flipsY: Bool

  public init(unit: Int, source: PixelRectangle, x: Int, y: Int, flipsX: Bool = false, flipsY: Bool = false) {
    self.unit = unit
    self.source = source
    self.x = x
    self.y = y
    self.flipsX = flipsX
    self.flipsY = flipsY
  }

  /// The block that it fills in the raw frame.
  public var target: PixelRectangle { PixelRectangle(x: x, y: y, width: source.width, height: source.height) }
}

extension PixelGrid where Element == Float {
  /// A grid put together from blocks of others; NaN where none lies. Of blocks that overlap the last counts.
  ///
  /// Each block must lie inside its image, and its target inside the grid.
  public init(width: Int, height: Int, pieces: [(piece: ReadoutPiece, image: PixelGrid<Float>)]) {
    for (piece, image) in pieces {
      precondition(piece.source.fits(width: image.width, height: image.height), "piece outside its image")
      precondition(piece.target.fits(width: width, height: height), "piece outside the frame")
    }
    let targets = pieces.map(\.piece.target)
    let area = targets.reduce(0) { $0 + $1.width * $1.height }
    let overlaps = targets.indices.contains { i in targets[..<i].contains { $0.intersection(targets[i]) != nil } }
    let pixels = [Float](unsafeUninitializedCapacity: width * height) { out, count in
      // To clear it first would cost as much as to fill it.
      if overlaps || area < width * height { out.initialize(repeating: .nan) }
      for (piece, image) in pieces { image.copy(piece, to: out, width: width) }
      count = width * height
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  private func copy(_ piece: ReadoutPiece, to out: UnsafeMutableBufferPointer<Float>, width outWidth: Int) {
    let block = piece.source
    pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<block.height {
        let from = (block.y + (piece.flipsY ? block.height - 1 - row : row)) * width + block.x
        let to = (piece.y + row) * outWidth + piece.x
        let line = UnsafeMutableBufferPointer(rebasing: out[to..<(to + block.width)])
        let source = UnsafeBufferPointer(rebasing: pixels[from..<(from + block.width)])
        if piece.flipsX {
          for i in 0..<block.width { line[i] = source[block.width - 1 - i] }
        } else {
          _ = line.initialize(fromContentsOf: source)
        }
      }
    }
  }
}
