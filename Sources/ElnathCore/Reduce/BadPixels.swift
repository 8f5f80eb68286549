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
          let row = y * width
          func judge(_ x: Int) {
            let value = pixels[row + x]
            guard value > 0, value.isFinite else {
              mask[row + x].insert(.bad)
              return
            }
            let around = surroundings(pixels, width: width, height: height, x, y)
            let sigma = Double(flat.variance.pixels[row + x]).squareRoot()
            if abs(Double(value) - around) > max(response * around, limit * sigma) { mask[row + x].insert(.bad) }
          }
          if !agree(pixels[row], level[0], level[0]) { judge(0) }
          for start in stride(from: 1, to: width, by: piece) {
            let part = start..<min(start + piece, width)
            let left = pixels.span.extracting((row + part.lowerBound - 1)..<(row + part.upperBound - 1))
            let own = pixels.span.extracting((row + part.lowerBound)..<(row + part.upperBound))
            if allAgree(own, left, level.span.extracting(part)) { continue }
            for x in part where !agree(pixels[row + x], pixels[row + x - 1], level[x]) { judge(x) }
          }
        }
      }
    }
    BadLines(deviation: .ratio(0.1)).mark(in: &flat)
  }

  /// Pixels that are looked at together.
  private static let piece = 128

  /// A cheap look first: most pixels agree with the pixel to the left and with the wider surroundings. Not a number
  /// agrees with nothing, nor does what is not positive.
  @inline(__always)
  private static func agree(_ value: Float, _ left: Float, _ level: Float) -> Bool {
    abs(value - left) < 0.15 * value && abs(value - level) < 0.15 * level
  }

  private static func allAgree(_ values: Span<Float>, _ left: Span<Float>, _ level: Span<Float>) -> Bool {
    precondition(left.count == values.count && level.count == values.count, "rows must have one length")
    var any: UInt32 = 0
    for x in 0..<values.count {
      any |= abs(values[x] - left[x]) < 0.15 * values[x] ? 0 : 1
      any |= abs(values[x] - level[x]) < 0.15 * level[x] ? 0 : 1
    }
    return any == 0
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
      let row = y * width
      image.pixels.withUnsafeBufferPointer { pixels in
        master.variance.pixels.withUnsafeBufferPointer { variance in
          master.mask.pixels.withUnsafeMutableBufferPointer { mask in
            for start in stride(from: 0, to: width, by: piece) {
              let part = start..<min(start + piece, width)
              let place = (row + part.lowerBound)..<(row + part.upperBound)
              let isUsual = noneIsFar(
                pixels.span.extracting(place), level.span.extracting(part), variance.span.extracting(place),
                least: Float(least), square: square)
              if isUsual { continue }
              for x in part {
                let i = row + x
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
  }

  /// True where no value exceeds the level by `least`, nor is there one that is no number: what is far does.
  private static func noneIsFar(
    _ values: Span<Float>, _ level: Span<Float>, _ variance: Span<Float>, least: Float, square: Float
  ) -> Bool {
    precondition(level.count == values.count && variance.count == values.count, "rows must have one length")
    var any: UInt32 = 0
    for x in 0..<values.count {
      let excess = values[x] - level[x]
      let near: UInt32 = excess <= least ? 1 : 0
      let weak: UInt32 = excess * excess <= square * variance[x] ? 1 : 0
      let given: UInt32 = values[x] == values[x] ? 1 : 0
      any |= 1 ^ (given & (near | weak))
    }
    return any == 0
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
