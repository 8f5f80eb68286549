/// Level and noise of one box of a background mesh from a regular sample of its pixels.
struct BoxStatistics {
  private var values: [Float]
  /// Between a pixel of the sample and its right-hand neighbour, for every second one: half of the sample tells the noise
  /// to 8 per cent, the median over 3 x 3 boxes to 3.
  private var differences: [Float]
  private var count = 0
  private var pairs = 0
  private var asked = 0

  init(capacity: Int) {
    values = [Float](repeating: 0, count: capacity)
    differences = values
  }

  /// About `samples` pixels of columns `x` and rows `y`.
  mutating func collect(
    pixels: UnsafeBufferPointer<Float>, mask: UnsafeBufferPointer<PixelMask>, stride width: Int, x: Range<Int>,
    y: Range<Int>, samples: Int
  ) {
    var step = 1
    while (x.count / (step + 1)) * (y.count / (step + 1)) >= samples { step += 1 }
    if collectAll(pixels: pixels, mask: mask, stride: width, x: x, y: y, step: step) { return }
    func usable(_ i: Int) -> Bool { mask[i].isDisjoint(with: BackgroundMesh.unusable) && pixels[i].isFinite }
    (count, pairs, asked) = (0, 0, 0)
    for (k, row) in stride(from: y.lowerBound, to: y.upperBound, by: step).enumerated() {
      var column = x.lowerBound + Self.shift(k, step: step)
      while column < x.upperBound && count < values.count {
        let i = row * width + column
        asked += 1
        if usable(i) {
          values[count] = pixels[i]
          count += 1
          if asked % 2 == 0 && column + 1 < x.upperBound && usable(i + 1) {
            differences[pairs] = abs(pixels[i + 1] - pixels[i])
            pairs += 1
          }
        }
        column += step
      }
    }
  }

  /// Rows are shifted against each other, so that a bad column does not fill the sample.
  private static func shift(_ row: Int, step: Int) -> Int { row % step }

  /// The same of a box without a pixel that is unusable, several times faster; false where there is one.
  private mutating func collectAll(
    pixels: UnsafeBufferPointer<Float>, mask: UnsafeBufferPointer<PixelMask>, stride width: Int, x: Range<Int>,
    y: Range<Int>, step: Int
  ) -> Bool {
    guard (x.count / step + 1) * (y.count / step + 1) <= values.count else { return false }
    (count, pairs, asked) = (0, 0, 0)
    var (count, pairs) = (0, 0)
    let isClean = values.withUnsafeMutableBufferPointer { values in
      differences.withUnsafeMutableBufferPointer { differences in
        for (k, row) in stride(from: y.lowerBound, to: y.upperBound, by: step).enumerated() {
          let line = (row * width + x.lowerBound)..<(row * width + x.upperBound)
          // Of the box that comes next.
          let right = line.upperBound..<min(line.upperBound + x.count, pixels.count)
          Prefetch.pixels(UnsafeBufferPointer(rebasing: pixels[right]))
          Prefetch.pixels(UnsafeBufferPointer(rebasing: mask[right]))
          let marks = PixelMask.union(of: UnsafeBufferPointer(rebasing: mask[line]))
          guard marks.isDisjoint(with: BackgroundMesh.unusable) else { return false }
          let first = line.lowerBound + Self.shift(k, step: step)
          for i in stride(from: first + (count % 2 == 0 ? step : 0), to: line.upperBound - 1, by: 2 * step) {
            differences[pairs] = abs(pixels[i + 1] - pixels[i])
            pairs += 1
          }
          for i in stride(from: first, to: line.upperBound, by: step) {
            values[count] = pixels[i]
            count += 1
          }
        }
        return RowScan.isFinite(UnsafeBufferPointer(rebasing: values[..<count]).span)
          && RowScan.isFinite(UnsafeBufferPointer(rebasing: differences[..<pairs]).span)
      }
    }
    (self.count, self.pairs, asked) = (count, pairs, count)
    return isClean
  }

  /// Nil where less than a quarter of the box is usable.
  mutating func clipped() -> (level: Float, sigma: Float)? {
    guard count > 0, 4 * count >= asked else { return nil }
    let (count, pairs) = (count, pairs)
    let level = values.withUnsafeMutableBufferPointer { values in
      let middle = Median.of(values, count: count)
      // From the lower quartile, which stars do not reach: 0.6745 sigma below the median of a normal distribution.
      let quarter = Median.ranked(values, count: count, rank: count / 4)
      return Self.clip(values, count, centre: middle, sigma: (middle - quarter) / 0.6745)
    }
    guard pairs > 0 else { return (level.mean, level.sigma) }
    return differences.withUnsafeMutableBufferPointer { differences in
      let spread = Float(RobustScale.sigmaPerMAD) * Median.of(differences, count: pairs)
      // A difference holds the noise of two pixels.
      let noise = Self.clip(differences, pairs, centre: 0, sigma: spread, fixed: true).sigma / Float(2).squareRoot()
      return (level.mean, noise)
    }
  }

  /// Clips at 2.5 standard deviations, then takes the mean: a median of integers moves in whole ADU. The centre follows
  /// the mean unless it is `fixed`.
  private static func clip(
    _ values: UnsafeMutableBufferPointer<Float>, _ count: Int, centre: Float, sigma: Float, fixed: Bool = false
  ) -> (mean: Float, sigma: Float) {
    var centre = centre
    var sigma = sigma
    let limit: Float = 2.5
    // Standard deviation of a normal distribution that is cut off at 2.5 sigma, in units of sigma.
    let truncated: Float = 0.9546
    for _ in 0..<3 {
      let reach = sigma > 0 ? limit * sigma : .infinity
      let kept = Deviations(UnsafeBufferPointer(rebasing: values[..<count]), from: centre, within: reach)
      let n = kept.count
      guard n > 1 else { break }
      let about = fixed ? kept.squares / n : max(0, kept.squares - kept.sum * kept.sum / n) / (n - 1)
      let next = about.squareRoot() / (sigma > 0 ? truncated : 1)
      if !fixed { centre += kept.sum / n }
      let settled = next == 0 || abs(next - sigma) < 0.01 * sigma
      sigma = next
      if settled { break }
    }
    return (centre, sigma)
  }
}

/// Sums over the values that lie near a centre.
private struct Deviations {
  var count: Float = 0
  var sum: Float = 0
  var squares: Float = 0

  init(_ values: UnsafeBufferPointer<Float>, from centre: Float, within reach: Float) {
    let bytes = UnsafeRawBufferPointer(values)
    var (counts, sums, powers) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
    let whole = values.count / 8 * 8
    for i in stride(from: 0, to: whole, by: 8) {
      let d = bytes.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self) - centre
      let isFar = (d .> reach) .| (d .< -reach)
      let near = d.replacing(with: 0, where: isFar)
      counts += SIMD8<Float>(repeating: 1).replacing(with: 0, where: isFar)
      sums += near
      powers += near * near
    }
    (count, sum, squares) = (counts.sum(), sums.sum(), powers.sum())
    for i in whole..<values.count {
      let d = values[i] - centre
      guard abs(d) <= reach else { continue }
      count += 1
      sum += d
      squares += d * d
    }
  }
}
