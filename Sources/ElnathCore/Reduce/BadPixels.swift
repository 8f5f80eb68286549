/// Pixels that must not be trusted, from what the masters show.
///
/// Everything is judged against the pixel's own surroundings, so that vignetting, dust, the glow of an amplifier and noise
/// mark nothing.
public enum BadPixels {
  /// A pixel of a flat (normalised to 1) responds unlike its neighbours from this fraction of theirs on: dead, half dead,
  /// or of another area, so that the division is no longer safe.
  private static let response = 0.2

  /// Marks pixels of a flat without a usable response: NaN, zero or negative, or more than 20 per cent and `limit` standard
  /// deviations away from the median of the pixels around; and columns and rows that differ over a long way.
  public static func mark(inFlat flat: inout Master, limit: Double = 8) {
    let image = flat.image
    let (width, height) = (image.width, image.height)
    let mesh = BackgroundMesh(
      of: MaskedImage(image: image, variance: flat.variance, mask: flat.mask), boxSize: 32, samples: 64)
    var level = [Float](repeating: 0, count: width)
    image.pixels.withUnsafeBufferPointer { pixels in
      flat.mask.pixels.withUnsafeMutableBufferPointer { mask in
        for y in 0..<height {
          level.withUnsafeMutableBufferPointer { mesh.fill(row: y, into: $0) }
          for x in 0..<width {
            let value = pixels[y * width + x]
            guard value > 0, value.isFinite else {
              mask[y * width + x].insert(.bad)
              continue
            }
            // A cheap look first: most pixels agree with the pixel to the left and with the wider surroundings.
            let left = x > 0 ? pixels[y * width + x - 1] : level[x]
            if abs(value - left) < 0.15 * value && abs(value - level[x]) < 0.15 * level[x] { continue }
            let around = surroundings(pixels, width: width, height: height, x, y)
            let sigma = Double(flat.variance.pixels[y * width + x]).squareRoot()
            if abs(Double(value) - around) > max(response * around, limit * sigma) {
              mask[y * width + x].insert(.bad)
            }
          }
        }
      }
    }
    BadLines(deviation: .ratio(0.1)).mark(in: &flat)
  }

  /// Marks pixels of a dark whose current is so high that its own shot noise exceeds the read noise and that stand out
  /// from their surroundings by more than `limit` standard deviations: they are hot. What is weaker subtracts well.
  ///
  /// - Parameters:
  ///   - gain: e-/ADU.
  ///   - readNoise: electrons.
  public static func mark(inDark dark: inout Master, gain: Double, readNoise: Double, limit: Double = 8) {
    markHot(in: &dark, above: readNoise * readNoise / gain, limit: limit)
  }

  /// Marks pixels of a bias that collect charge even while it is read out, as in a dark, and columns and rows whose level
  /// lies far beside that of their neighbours.
  ///
  /// - Parameters:
  ///   - gain: e-/ADU; NaN where unknown, which leaves a limit of ten times the read noise.
  ///   - readNoise: of one frame, electrons; ADU where the gain is unknown.
  public static func mark(inBias bias: inout Master, gain: Double, readNoise: Double, limit: Double = 8) {
    guard readNoise > 0 else { return }
    let known = gain > 0
    markHot(in: &bias, above: known ? readNoise * readNoise / gain : 10 * readNoise, limit: limit)
    BadLines(deviation: .difference(5 * readNoise / (known ? gain : 1))).mark(in: &bias)
  }

  private static func markHot(in master: inout Master, above least: Double, limit: Double) {
    let image = master.image
    let (width, height) = (image.width, image.height)
    let mesh = BackgroundMesh(
      of: MaskedImage(image: image, variance: master.variance, mask: master.mask), boxSize: 32, samples: 64)
    var level = [Float](repeating: 0, count: width)
    let square = Float(limit * limit)
    for y in 0..<height {
      level.withUnsafeMutableBufferPointer { mesh.fill(row: y, into: $0) }
      let row = (y * width)..<((y + 1) * width)
      image.pixels.withUnsafeBufferPointer { pixels in
        master.variance.pixels.withUnsafeBufferPointer { variance in
          master.mask.pixels.withUnsafeMutableBufferPointer { mask in
            for (x, i) in row.enumerated() {
              func isFar(_ excess: Float) -> Bool {
                excess > Float(least) && excess * excess > square * variance[i]
              }
              guard isFar(pixels[i] - level[x]) || pixels[i].isNaN else { continue }
              // The mesh is too coarse for the steep glow of an amplifier.
              let around = surroundings(pixels, width: width, height: height, x, y)
              if pixels[i].isNaN || isFar(pixels[i] - Float(around)) { mask[i].insert(.bad) }
            }
          }
        }
      }
    }
  }

  /// Median of the pixels within three of one, itself left out; NaN without any.
  static func surroundings(
    _ pixels: UnsafeBufferPointer<Float>, width: Int, height: Int, _ x: Int, _ y: Int
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 49) { values in
      var count = 0
      for v in max(0, y - 3)...min(height - 1, y + 3) {
        for u in max(0, x - 3)...min(width - 1, x + 3) where !(u == x && v == y) {
          let value = pixels[v * width + u]
          guard value.isFinite else { continue }
          values[count] = value
          count += 1
        }
      }
      return Double(Median.of(values, count: count))
    }
  }
}
