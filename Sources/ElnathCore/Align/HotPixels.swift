/// Hot pixels that no dark frame has told of: bright on one pixel of the detector in most frames while the sky under it
/// moves.
enum HotPixels {
  /// Fraction of the registered frames on which it must be seen: a faint one sinks in the noise of the others, and a star
  /// may cover it.
  private static let seen = 0.5
  private static let leastFrames = 3
  /// How far the sky must have moved over the pixel between the frames that show it, px.
  private static let moved = 2.0

  private struct Sightings {
    var excesses: [Double] = []
    /// Places of the sky that stood over the pixel: bounds on the reference frame.
    var low = PixelPoint(x: .infinity, y: .infinity)
    var high = PixelPoint(x: -.infinity, y: -.infinity)
  }

  /// - Parameters:
  ///   - frames: their spikes, and their sources with the indices of those that stand still.
  ///   - transforms: from the reference frame to each; nil for frames that are not registered.
  /// - Returns: by row and column.
  static func find(in frames: [FrameSources], still: [Set<Int>], transforms: [FrameTransform?]) -> [HotPixel] {
    var sightings: [Int: Sightings] = [:]
    var registered = 0
    for (k, frame) in frames.enumerated() {
      guard let transform = transforms[k], frame.observation.exposure > 0 else { continue }
      registered += 1
      var here: [Int: Double] = [:]
      for spike in frame.spikes { here[spike.y * frame.width + spike.x] = spike.excess }
      for i in still[k] {
        let source = frame.sources[i]
        let (x, y) = (Int(source.position.x.rounded()), Int(source.position.y.rounded()))
        guard x >= 0, y >= 0, x < frame.width, y < frame.height else { continue }
        here[y * frame.width + x] = max(source.peak, here[y * frame.width + x] ?? 0)
      }
      for (place, excess) in here {
        let sky = transform.inverse(PixelPoint(x: Double(place % frame.width), y: Double(place / frame.width)))
        var known = sightings[place] ?? Sightings()
        known.excesses.append(excess / frame.observation.exposure)
        known.low = PixelPoint(x: min(known.low.x, sky.x), y: min(known.low.y, sky.y))
        known.high = PixelPoint(x: max(known.high.x, sky.x), y: max(known.high.y, sky.y))
        sightings[place] = known
      }
    }
    let needed = max(Self.leastFrames, Int((Self.seen * Double(registered)).rounded(.up)))
    guard let width = frames.first?.width else { return [] }
    return sightings.filter { $1.excesses.count >= needed && $1.low.distance(to: $1.high) >= Self.moved }
      .sorted { $0.key < $1.key }
      .map {
        HotPixel(
          x: $0 % width, y: $0 / width, rate: Median.of($1.excesses), scatter: RobustScale.sigma($1.excesses))
      }
  }
}
