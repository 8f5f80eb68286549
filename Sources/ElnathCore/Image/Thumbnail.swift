#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A small grey picture of a frame, to be looked at: the sky dark grey, faint stars visible, bright ones not burnt out.
public struct Thumbnail: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// 0 black to 255 white, row by row from the top, as pictures are stored; y of the frame points up.
  public let grey: [UInt8]

  /// - Parameters:
  ///   - image: Any unit; NaN becomes black.
  ///   - longest: Pixels of the longer side; a smaller image keeps its size.
  /// Nil for an image without pixels.
  public init?(_ image: PixelGrid<Float>, longest: Int) {
    let side = max(image.width, image.height)
    guard side > 0, longest > 0, image.width > 0, image.height > 0 else { return nil }
    let block = (side + longest - 1) / longest
    width = (image.width + block - 1) / block
    height = (image.height + block - 1) / block
    let means = Self.means(of: image, block: block, width: width, height: height)
    grey = Self.stretched(means)
  }

  /// Means of square blocks, the last ones smaller; rows from the top. The highest pixel of a block counts only where
  /// the block is small: hot pixels and cosmic rays would outshine the stars.
  private static func means(of image: PixelGrid<Float>, block: Int, width: Int, height: Int) -> [Float] {
    var result = [Float](repeating: .nan, count: width * height)
    var sums = [Float](repeating: 0, count: width)
    var counts = [Float](repeating: 0, count: width)
    var highest = [Float](repeating: 0, count: width)
    for row in 0..<height {
      for column in 0..<width { (sums[column], counts[column], highest[column]) = (0, 0, -.infinity) }
      for y in row * block..<min((row + 1) * block, image.height) {
        let line = image.pixels[y * image.width..<(y + 1) * image.width]
        var x = 0
        var column = 0
        for value in line {
          if value.isFinite {
            sums[column] += value
            counts[column] += 1
            highest[column] = max(highest[column], value)
          }
          x += 1
          if x == block { (x, column) = (0, column + 1) }
        }
      }
      let place = (height - 1 - row) * width
      for column in 0..<width where counts[column] > 0 {
        let drops = counts[column] >= 9
        result[place + column] =
          drops ? (sums[column] - highest[column]) / (counts[column] - 1) : sums[column] / counts[column]
      }
    }
    return result
  }

  /// An asinh stretch about the sky: linear for what is near the noise, logarithmic for stars.
  private static func stretched(_ values: [Float]) -> [UInt8] {
    let finite = values.filter(\.isFinite).map(Double.init)
    guard !finite.isEmpty else { return [UInt8](repeating: 0, count: values.count) }
    let sky = Median.of(finite)
    let scatter = RobustScale.sigma(finite)
    let noise = scatter > 0 ? scatter : 1
    let brightest = max(Median.percentile(finite, 0.999) - sky, 10 * noise)
    let zero = asinh(-2.0)
    let scale = 255 / (asinh(brightest / noise) - zero)
    return values.map { value in
      guard value.isFinite else { return 0 }
      return UInt8(min(max((asinh((Double(value) - sky) / noise) - zero) * scale, 0), 255))
    }
  }
}
