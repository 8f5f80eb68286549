extension Resampling {
  private static let rows = 16

  /// Variance of a resampled pixel in units of that of the pixels it is made of, its mean over the frame; NaN where the
  /// frames do not overlap. From `width` columns and `height` rows, of both.
  public func dilution(width: Int, height: Int) -> Double {
    let count = min(height, Self.rows)
    var (sum, pixels) = (0.0, 0)
    var memory = [Float](repeating: 0, count: 2 * width)
    memory.withUnsafeMutableBufferPointer { line in
      let output = Output(
        values: UnsafeMutableBufferPointer(rebasing: line[..<width]),
        variances: UnsafeMutableBufferPointer(rebasing: line[width...]))
      for k in 0..<count {
        let y = (2 * k + 1) * height / (2 * count)
        let window = sourceRows(for: y..<(y + 1), width: width, height: height)
        guard !window.isEmpty else { continue }
        let flat = [Float](repeating: 0, count: window.count * width)
        flat.withUnsafeBufferPointer {
          row(y, of: Source(values: $0, columns: width, first: window.lowerBound), into: output)
        }
        for x in 0..<width where !output.variances[x].isNaN {
          sum += Double(output.variances[x])
          pixels += 1
        }
      }
    }
    return pixels > 0 ? sum / Double(pixels) : .nan
  }
}

/// What resampling does to the noise of a stack: it moves part of the noise of a pixel to its neighbours. A single pixel
/// then scatters less than a sum over many would lead to expect, by what Fruchter & Hook (2002, PASP 114, 144, section 5)
/// call R squared.
public enum StackCorrelation {
  /// What is known of a frame.
  public struct Frame: Sendable {
    /// Nil where pixel lies on pixel.
    public var resampling: Resampling?
    /// In the mean.
    public var weight: Double
    /// Of a pixel of the frame, on the scale of the others.
    public var variance: Double

    public init(resampling: Resampling?, weight: Double, variance: Double) {
      self.resampling = resampling
      self.weight = weight
      self.variance = variance
    }
  }

  /// Variance of the sum over many pixels in units of the sum of their variances; 1 where they are independent, 2.25 for
  /// bilinear interpolation at all phases alike. A square of n pixels a side has 1 - 2 / (3 n) of it.
  public static func factor(_ frames: [Frame], width: Int, height: Int) -> Double {
    var (sums, pixels) = (0.0, 0.0)
    for frame in frames {
      let own = frame.weight * frame.weight * frame.variance
      // The weights that a pixel of the frame has in all pixels of the stack come to 1, and area^2 of the variance of a
      // pixel of the frame is on as many of them as 1 / area.
      let area = frame.resampling.map { $0.transform.scale * $0.transform.scale } ?? 1
      let light = frame.resampling?.kernel == .area ? 1 : area * area
      let dilution = frame.resampling.map { light * $0.dilution(width: width, height: height) } ?? 1
      guard dilution.isFinite, own.isFinite else { continue }
      sums += own * area
      pixels += own * dilution
    }
    return pixels > 0 ? sums / pixels : .nan
  }
}
