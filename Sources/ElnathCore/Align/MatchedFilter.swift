#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A place where the filtered frame stands out and none of its eight neighbours is higher.
struct FilteredPeak {
  var x: Int
  var y: Int
  /// Height in units of the noise that the filter leaves.
  var significance: Float
}

/// The frame less its background, smoothed with a Gaussian of the width of its stars: the filter that gives a star on
/// white noise its highest significance. Rows stream through it (`FilterScan`); the smoothed frame is never held as a whole.
struct MatchedFilter {
  /// Weights at distance 0, 1, ... along one axis, of sum 1 over both sides.
  let taps: [Float]
  /// Noise of a filtered pixel in units of the noise of a pixel, for white noise.
  let noise: Float
  /// Correlation of filtered pixels of neighbouring rows, for white noise; so much of the height of a star that suits the
  /// filter is left one row beside its peak, too.
  let correlation: Float

  /// `sigma` in pixels, that of the stars as the pixels see them.
  init(sigma: Double) {
    // Beyond 1.8 sigma a tap adds less than 1 per cent to the significance.
    let reach = max(1, Int((1.8 * sigma).rounded()))
    var weights = (0...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights[0] + 2 * weights[1...].reduce(0, +)
    weights = weights.map { $0 / sum }
    taps = weights.map(Float.init)
    let power = weights[0] * weights[0] + 2 * weights[1...].reduce(0) { $0 + $1 * $1 }
    noise = Float(power)
    let sides = Array(weights.reversed()) + weights[1...]
    correlation = Float(zip(sides, sides.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / power)
  }

  /// Peaks above `threshold` times the filtered noise. Masked pixels count as background, except saturated ones.
  ///
  /// The noise is that of the mesh carried through the filter, and raised where the filtered frame itself is noisier
  /// (pixels that are not independent, crowding).
  func peaks(in image: SearchedImage, above mesh: BackgroundMesh, threshold: Double) -> [FilteredPeak] {
    guard image.width >= 3, image.height >= 3 else { return [] }
    var scan = FilterScan(
      filter: self, mesh: mesh, width: image.width, height: image.height, threshold: Float(threshold))
    image.image.pixels.withUnsafeBufferPointer { pixels in
      image.mask.pixels.withUnsafeBufferPointer { mask in
        scan.run(pixels: pixels, mask: mask)
      }
    }
    let excess = scan.noiseExcess()
    guard excess > 1 else { return scan.peaks }
    return scan.peaks.compactMap { peak in
      let significance = peak.significance / excess
      guard significance > Float(threshold) else { return nil }
      return FilteredPeak(x: peak.x, y: peak.y, significance: significance)
    }
  }
}
