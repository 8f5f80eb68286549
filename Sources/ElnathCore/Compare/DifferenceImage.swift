/// The difference of two frames, pixel by pixel, on the grid of the first one.
public struct DifferenceImage: Sendable {
  /// First minus second, in their unit; NaN where either has nothing to compare.
  public internal(set) var image: PixelGrid<Float>
  /// Variance of each pixel of `image`, as if the noise of the two frames were independent: of reductions of one exposure
  /// the true scatter is smaller.
  public internal(set) var variance: PixelGrid<Float>
  /// As it enters the variance of a sum over several pixels; larger than `variance` where a frame was resampled.
  let sumVariance: PixelGrid<Float>
  /// Pixels with a difference.
  public let count: Int
  /// Mean of the squared differences in units of their errors, none counted for more than 25: what tells ways of moving
  /// a frame apart.
  let misfit: Double

  init(_ first: MaskedImage, minus second: MovedFrame) {
    let (width, height) = (first.width, first.height)
    let size = width * height
    var image = [Float](repeating: .nan, count: size)
    var (variance, sums) = (image, image)
    var count = 0
    var misfit = 0.0
    first.withPlanes { planes in
      second.image.withUnsafeBufferPointer { other in
        for i in 0..<size {
          let d = planes.image[i] - other[i]
          let own = planes.variance[i]
          guard planes.mask[i].isEmpty, d.isFinite, own >= 0 else { continue }
          let added = second.variance[i]
          let v = own + (second.dilution.isEmpty ? added : added * second.dilution[i])
          image[i] = d
          variance[i] = v
          sums[i] = own + added
          count += 1
          misfit += Double(v > 0 ? min(d * d / v, 25) : d == 0 ? 0 : 25)
        }
      }
    }
    self.image = PixelGrid(width: width, height: height, pixels: image)
    self.variance = PixelGrid(width: width, height: height, pixels: variance)
    sumVariance = PixelGrid(width: width, height: height, pixels: sums)
    self.count = count
    self.misfit = count > 0 ? misfit / Double(count) : .infinity
  }

  public var width: Int { image.width }
  public var height: Int { image.height }
}
