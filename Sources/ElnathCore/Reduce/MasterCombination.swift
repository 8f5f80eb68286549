/// Combines calibration frames pixel by pixel: the mean of what lies within `limit` standard deviations of the median.
///
/// The standard deviation is the noise model of a pixel, not the scatter of a few values: about the median a lone
/// outlier among N values never lies more than N/sqrt(N-1) standard deviations out, so a clip at three could reject
/// nothing up to N = 7.
public struct MasterCombination: Sendable {
  public var limit: Double

  public init(limit: Double = 4) { self.limit = limit }

  /// Variance of one pixel value of frame `k` is constant[k] + linear[k] * median, e.g. read noise and photons.
  public struct Noise: Sendable {
    public var constant: Double
    public var linear: Double

    public init(constant: Double, linear: Double) {
      self.constant = constant
      self.linear = linear
    }
  }

  /// All frames must have one size and one level. NaN pixels do not count; a pixel without any value is NaN with the
  /// mask `noData`.
  public func callAsFunction(_ frames: [PixelGrid<Float>], noise: Noise, exposure: Double = 0) -> Master {
    precondition(!frames.isEmpty, "a master needs frames")
    let width = frames[0].width
    let height = frames[0].height
    precondition(frames.allSatisfy { $0.width == width && $0.height == height }, "frames must have one size")
    let total = width * height
    var image = [Float](repeating: .nan, count: total)
    var variance = image
    var mask = [PixelMask](repeating: [], count: total)
    var rejected = 0
    let tile = 64
    let network = SortingNetwork(count: frames.count)
    var rows = [Float](repeating: 0, count: tile * frames.count)
    for start in stride(from: 0, to: total, by: tile) {
      let n = min(tile, total - start)
      for (k, frame) in frames.enumerated() {
        frame.pixels.withUnsafeBufferPointer { pixels in
          for i in 0..<n {
            let value = pixels[start + i]
            rows[k * tile + i] = value.isNaN ? .infinity : value
          }
        }
      }
      network.sort(&rows, width: tile)
      rejected += rows.withUnsafeBufferPointer { sorted in
        reduce(
          sorted, frames: frames.count, tile: tile, count: n, noise: noise, image: &image, variance: &variance,
          mask: &mask, at: start)
      }
    }
    return Master(
      image: PixelGrid(width: width, height: height, pixels: image),
      variance: PixelGrid(width: width, height: height, pixels: variance),
      mask: PixelGrid(width: width, height: height, pixels: mask), frames: frames.count, rejected: rejected,
      exposure: exposure)
  }

  /// Noise of one pixel of one frame from the difference of two frames of one level, every 7th pixel taken, clipped.
  public static func pairNoise(_ a: PixelGrid<Float>, _ b: PixelGrid<Float>) -> Double {
    let differences = stride(from: 0, to: a.pixels.count, by: 7).map { a.pixels[$0] - b.pixels[$0] }
    return SigmaClip(floor: 0.3)(differences).sigma / 2.0.squareRoot()
  }

  /// Means of one tile of sorted columns; returns how many values were rejected.
  private func reduce(
    _ sorted: UnsafeBufferPointer<Float>, frames: Int, tile: Int, count: Int, noise: Noise, image: inout [Float],
    variance: inout [Float], mask: inout [PixelMask], at start: Int
  ) -> Int {
    var rejected = 0
    for i in 0..<count {
      var given = frames
      while given > 0 && sorted[(given - 1) * tile + i] == .infinity { given -= 1 }
      guard given > 0 else {
        mask[start + i] = .noData
        continue
      }
      let middle = given / 2
      let median =
        given % 2 == 1
        ? Double(sorted[middle * tile + i])
        : (Double(sorted[(middle - 1) * tile + i]) + Double(sorted[middle * tile + i])) / 2
      let expected = noise.constant + noise.linear * max(median, 0)
      let reach = limit * expected.squareRoot()
      var low = 0
      var high = given
      while low < high && median - Double(sorted[low * tile + i]) > reach { low += 1 }
      while high > low && Double(sorted[(high - 1) * tile + i]) - median > reach { high -= 1 }
      if low == high {
        // An even count whose middle values lie further apart than the reach: nothing but the median is known.
        (low, high) = (max(0, middle - 1), min(given, middle + 1))
      }
      var sum = 0.0
      for k in low..<high { sum += Double(sorted[k * tile + i]) }
      let kept = Double(high - low)
      image[start + i] = Float(sum / kept)
      variance[start + i] = Float(expected / kept)
      rejected += given - (high - low)
    }
    return rejected
  }
}
