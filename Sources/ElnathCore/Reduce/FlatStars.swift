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

  /// - Parameters:
  ///   - frame: a flat divided by its level; NaN pixels count as neither.
  ///   - master: of all frames, of the same size.
  ///   - noise: of the frame, in its own unit.
  public func callAsFunction(
    _ frame: PixelGrid<Float>, master: PixelGrid<Float>, noise: MasterCombination.Noise
  ) -> PixelBits {
    precondition(frame.width == master.width && frame.height == master.height, "frames must have one size")
    let pulls = FlatPulls(width: frame.width, height: frame.height, noise: [noise])
    frame.pixels.withUnsafeBufferPointer { pixels in
      master.pixels.withUnsafeBufferPointer { pulls.fill(0, pixels.indices, pixels, over: $0) }
    }
    return self(pulls, frame: 0)
  }

  /// The marks of one of the frames.
  public func callAsFunction(_ pulls: FlatPulls, frame: Int) -> PixelBits {
    FlatStarSearch(pulls.plane(ofFrame: frame), width: pulls.width, height: pulls.height, limit: limit).marks()
  }
}
