/// Level and noise of the sky of an image of which only the pixels are known, from a few of its rows: the median, and
/// the scatter of the differences of neighbouring pixels, which light that varies slowly does not raise.
public struct SkySample: Sendable {
  private var values: [Double] = []
  private var differences: [Double] = []
  private var isWhole = true

  public init() {}

  /// The rows to sample of an image of this height: 32 from top to bottom, or all.
  public static func rows(height: Int) -> [Int] {
    let count = min(height, 32)
    return (0..<count).map { (2 * $0 + 1) * height / (2 * count) }
  }

  /// Every other pixel of a row with its neighbour; those without a value are passed over.
  public mutating func add(_ row: UnsafeBufferPointer<Float>) {
    for x in stride(from: 0, to: row.count - 1, by: 2) where row[x].isFinite && row[x + 1].isFinite {
      values.append(Double(row[x]))
      differences.append(abs(Double(row[x + 1]) - Double(row[x])))
      isWhole = isWhole && row[x] == row[x].rounded()
    }
  }

  /// NaN where no pixel has a value.
  public var level: Double {
    var values = values
    return values.isEmpty ? .nan : Median.inPlace(&values)
  }

  /// Standard deviation of a pixel; NaN where no pixel has a value.
  public var sigma: Double {
    var differences = differences
    guard !differences.isEmpty else { return .nan }
    return RobustScale.sigmaPerMAD * Median.inPlace(&differences) / 2.0.squareRoot()
  }

  /// Variance of a pixel of sky, for detection. Whole numbers have at least the variance of their rounding, 1/12, even
  /// where most neighbours are equal.
  var variance: Double {
    let variance = sigma * sigma
    guard variance.isFinite else { return 1 }
    return max(variance, isWhole ? 1.0 / 12 : .leastNormalMagnitude)
  }
}

extension MaskedImage {
  /// A raw image as detection wants it, with the noise that its own pixels show: of nothing else is anything known.
  public init(bare image: PixelGrid<Float>, observation: Observation) {
    var sample = SkySample()
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in SkySample.rows(height: image.height) {
        sample.add(UnsafeBufferPointer(rebasing: pixels[(y * image.width)..<((y + 1) * image.width)]))
      }
    }
    let level = Float(sample.level.isFinite ? sample.level : 0)
    let gain = Float(observation.gain?.value ?? 1)
    let saturation = Float(observation.saturation?.value ?? .infinity)
    var pixels = image.pixels
    var variances = [Float](repeating: Float(sample.variance), count: pixels.count)
    var mask = [PixelMask](repeating: [], count: pixels.count)
    for i in pixels.indices {
      if !pixels[i].isFinite {
        mask[i] = .noData
        pixels[i] = level
      } else {
        if pixels[i] >= saturation { mask[i] = .saturated }
        variances[i] += max(0, pixels[i] - level) / gain
      }
    }
    self.init(
      image: PixelGrid(width: image.width, height: image.height, pixels: pixels),
      variance: PixelGrid(width: image.width, height: image.height, pixels: variances),
      mask: PixelGrid(width: image.width, height: image.height, pixels: mask))
  }
}
