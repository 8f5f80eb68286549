/// Finds what a flat frame shows above the master of all: stars, mostly, of a twilight sky. Clipping takes their cores,
/// but not their wings, which lie within the noise of each pixel.
///
/// The excess over the master, in standard deviations, is summed over boxes of 5 and 15 pixels; where a sum lies beyond
/// `limit` of its own standard deviations, as expected or as all boxes show them, the box and a margin around it are
/// marked. Only an excess counts: where another frame has a star the master itself is too high.
public struct FlatStars: Sendable {
  /// One false mark in a frame of 16 million pixels is expected at 5.5 or so.
  public var limit: Float = 5.5

  public init() {}

  /// Hands out some rows of one of the frames, the first and every so many after it, in rising order.
  public typealias Rows = (
    _ frame: Int, _ rows: Range<Int>, _ step: Int, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws -> Void

  /// - Parameters:
  ///   - frame: a flat divided by its level; NaN pixels count as neither.
  ///   - master: of all frames, of the same size.
  ///   - noise: of the frame, in its own unit.
  public func callAsFunction(
    _ frame: PixelGrid<Float>, master: PixelGrid<Float>, noise: MasterCombination.Noise
  ) -> PixelBits {
    precondition(frame.width == master.width && frame.height == master.height, "frames must have one size")
    let width = frame.width
    return frame.pixels.withUnsafeBufferPointer { pixels in
      master.pixels.withUnsafeBufferPointer { master in
        let looking = FlatStarSearch(width: width, height: frame.height, master: master, noise: [noise], limit: limit)
        // Rows in memory never fail.
        let marks = try? looking.marks { _, rows, step, body in
          for y in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            body(y, UnsafeBufferPointer(rebasing: pixels[(y * width)..<((y + 1) * width)]))
          }
        }
        return marks?.first ?? PixelBits(width: width, height: frame.height)
      }
    }
  }

  /// The same of frames that are read row by row, two or three times. They go side by side, some rows of each at a time:
  /// the master, and what is subtracted from all of them, is fetched from memory once.
  ///
  /// - Parameters:
  ///   - master: what was combined of all frames.
  ///   - noise: of each frame.
  ///   - rows: the frames, each divided by its level.
  public func callAsFunction(
    master: MasterPlanes, noise: [MasterCombination.Noise], rows: Rows
  ) throws -> [PixelBits] {
    try master.withImage { image in
      try FlatStarSearch(width: master.width, height: master.height, master: image, noise: noise, limit: limit)
        .marks(rows)
    }
  }
}
