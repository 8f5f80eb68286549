/// What all pixels of a difference come to.
public struct DifferenceStatistics: Sendable, Equatable {
  public var pixels = 0
  /// In the unit of the frames: median, and median absolute deviation about it.
  public var median = Double.nan
  public var mad = Double.nan
  /// The same in units of the error of each pixel; `scatter` is 1.4826 times the deviation, 1 for independent noise.
  public var medianInErrors = Double.nan
  public var scatter = Double.nan
  /// Fraction of the pixels that differ by more than five of their errors, and their number.
  public var fractionBeyond = Double.nan
  public var beyond = 0
  /// Pixels by their difference in units of its error: bins of `binWidth` from -`reach` to `reach`; what lies further out
  /// counts in the outermost.
  public var histogram: [Int]

  public static let limit = 5.0
  public static let reach = 8.0
  public static let binWidth = 0.1

  public init(_ difference: DifferenceImage) {
    let bins = Int((2 * Self.reach / Self.binWidth).rounded())
    histogram = [Int](repeating: 0, count: bins)
    let count = difference.count
    pixels = count
    var values = [Float](repeating: 0, count: count)
    var residuals = values
    var n = 0
    difference.image.pixels.withUnsafeBufferPointer { image in
      difference.variance.pixels.withUnsafeBufferPointer { variance in
        for i in 0..<image.count where !image[i].isNaN {
          let residual = Self.residual(image[i], variance[i])
          values[n] = image[i]
          residuals[n] = residual
          n += 1
          if abs(residual) > Float(Self.limit) { beyond += 1 }
          let place = (Double(residual) + Self.reach) / Self.binWidth
          histogram[Int(min(max(place, 0), Double(bins - 1)))] += 1
        }
      }
    }
    guard count > 0 else { return }
    fractionBeyond = Double(beyond) / Double(count)
    (median, mad) = Self.centre(&values)
    let own = Self.centre(&residuals)
    (medianInErrors, scatter) = (own.median, RobustScale.sigmaPerMAD * own.deviation)
  }

  /// A difference without any error is infinitely many errors large.
  @inline(__always)
  static func residual(_ difference: Float, _ variance: Float) -> Float {
    variance > 0 ? difference / variance.squareRoot() : difference == 0 ? 0 : difference > 0 ? .infinity : -.infinity
  }

  private static func centre(_ values: inout [Float]) -> (median: Double, deviation: Double) {
    values.withUnsafeMutableBufferPointer { values in
      let median = Median.of(values, count: values.count)
      for i in 0..<values.count { values[i] = median.isFinite ? abs(values[i] - median) : .infinity }
      return (Double(median), Double(Median.of(values, count: values.count)))
    }
  }
}
