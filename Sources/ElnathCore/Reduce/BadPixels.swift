/// Pixels that must not be trusted, from what the masters show.
public enum BadPixels {
  /// Marks pixels of a flat (normalised to 1) without a usable response: NaN, zero or negative, or more than 20 per
  /// cent and `limit` standard deviations away from the median of their eight neighbours (dead or dusty to the point
  /// where the division is no longer safe).
  public static func mark(inFlat flat: inout Master, limit: Double = 8) {
    let width = flat.image.width
    let height = flat.image.height
    let image = flat.image
    for y in 0..<height {
      for x in 0..<width {
        let value = image.pixels[y * width + x]
        guard value > 0, value.isFinite else {
          flat.mask.pixels[y * width + x].insert(.bad)
          continue
        }
        // A cheap look first: most pixels agree with their left and right neighbours.
        let left = x > 0 ? image.pixels[y * width + x - 1] : value
        let right = x + 1 < width ? image.pixels[y * width + x + 1] : value
        if abs(value - left) < 0.2 * value && abs(value - right) < 0.2 * value { continue }
        let around = neighbourMedian(image, x, y)
        let sigma = Double(flat.variance.pixels[y * width + x]).squareRoot()
        if abs(Double(value) - around) > max(0.2 * around, limit * sigma) {
          flat.mask.pixels[y * width + x].insert(.bad)
        }
      }
    }
  }

  /// Marks pixels of a dark whose current is so high that its own shot noise exceeds the read noise and that stand out
  /// from the median by more than `limit` standard deviations: they are hot.
  ///
  /// - Parameters:
  ///   - gain: e-/ADU.
  ///   - readNoise: electrons.
  public static func mark(inDark dark: inout Master, gain: Double, readNoise: Double, limit: Double = 8) {
    let level = Median.of(stride(from: 0, to: dark.image.pixels.count, by: 37).map { Double(dark.image.pixels[$0]) })
    guard !level.isNaN else { return }
    for i in dark.image.pixels.indices {
      let value = Double(dark.image.pixels[i])
      let excess = value - level
      let sigma = Double(dark.variance.pixels[i]).squareRoot()
      if value.isNaN || (excess > limit * sigma && excess * gain > readNoise * readNoise) {
        dark.mask.pixels[i].insert(.bad)
      }
    }
  }

  private static func neighbourMedian(_ image: PixelGrid<Float>, _ x: Int, _ y: Int) -> Double {
    var values: [Double] = []
    values.reserveCapacity(8)
    for v in max(0, y - 1)...min(image.height - 1, y + 1) {
      for u in max(0, x - 1)...min(image.width - 1, x + 1) where !(u == x && v == y) {
        let value = Double(image.pixels[v * image.width + u])
        if value.isFinite { values.append(value) }
      }
    }
    return Median.inPlace(&values)
  }
}
