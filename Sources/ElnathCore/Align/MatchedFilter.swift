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
/// white noise its highest significance. Rows stream through it; the smoothed frame is never held as a whole.
struct MatchedFilter {
  /// Weights at distance 0, 1, ... along one axis, of sum 1 over both sides.
  let taps: [Float]
  /// Noise of a filtered pixel in units of the noise of a pixel, for white noise.
  let noise: Float

  /// `sigma` in pixels, that of the stars as the pixels see them.
  init(sigma: Double) {
    // Beyond 1.8 sigma a tap adds less than 1 per cent to the significance.
    let reach = max(1, Int((1.8 * sigma).rounded()))
    var weights = (0...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights[0] + 2 * weights[1...].reduce(0, +)
    weights = weights.map { $0 / sum }
    taps = weights.map(Float.init)
    noise = Float(weights[0] * weights[0] + 2 * weights[1...].reduce(0) { $0 + $1 * $1 })
  }

  /// Peaks above `threshold` times the filtered noise. Masked pixels count as background, except saturated ones.
  ///
  /// The noise is that of the mesh carried through the filter, and raised where the filtered frame itself is noisier
  /// (pixels that are not independent, crowding).
  func peaks(in image: SearchedImage, above mesh: BackgroundMesh, threshold: Double) -> [FilteredPeak] {
    guard image.width >= 3, image.height >= 3 else { return [] }
    var scan = FilterScan(filter: self, width: image.width, height: image.height)
    image.image.pixels.withUnsafeBufferPointer { pixels in
      image.mask.pixels.withUnsafeBufferPointer { mask in
        scan.run(pixels: pixels, mask: mask, mesh: mesh, threshold: Float(threshold))
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

/// The rows under the filter.
private struct FilterScan {
  let filter: MatchedFilter
  let width: Int
  let height: Int
  private(set) var peaks: [FilteredPeak] = []
  private var samples: [Float] = []

  init(filter: MatchedFilter, width: Int, height: Int) {
    self.filter = filter
    self.width = width
    self.height = height
  }

  /// How much noisier the filtered frame is than the filter makes white noise: from differences between places that the
  /// filter does not connect, of which stars touch only a few. Never below 1.
  mutating func noiseExcess() -> Float {
    let count = samples.count
    guard count >= 100 else { return 1 }
    return samples.withUnsafeMutableBufferPointer { samples in
      Float(RobustScale.sigmaPerMAD) * Median.of(samples, count: count) / Float(2).squareRoot()
    }
  }

  mutating func run(
    pixels: UnsafeBufferPointer<Float>, mask: UnsafeBufferPointer<PixelMask>, mesh: BackgroundMesh, threshold: Float
  ) {
    let reach = filter.taps.count - 1
    let ring = 2 * reach + 1
    var memory = [Float](repeating: 0, count: width * (ring + 5) + 2 * reach)
    memory.withUnsafeMutableBufferPointer { memory in
      func row(_ i: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: memory[(i * width)..<((i + 1) * width)])
      }
      let background = row(ring + 3)
      let padded = UnsafeMutableBufferPointer(rebasing: memory[((ring + 4) * width)...])
      let light = UnsafeMutableBufferPointer(rebasing: padded[reach..<(reach + width)])
      for y in 0..<(height + reach) {
        let incoming = row(y % ring)
        if y < height {
          mesh.fill(row: y, into: background)
          Self.subtract(
            UnsafeBufferPointer(rebasing: pixels[(y * width)..<((y + 1) * width)]),
            UnsafeBufferPointer(rebasing: mask[(y * width)..<((y + 1) * width)]), background, into: light)
          alongRow(padded, into: incoming)
        } else {
          incoming.update(repeating: 0)
        }
        let centre = y - reach
        guard centre >= 0 else { continue }
        let smooth = row(ring + centre % 3)
        acrossRows(smooth) { row((centre + $0 + ring) % ring) }
        sample(row: centre, smooth, mesh: mesh)
        if centre >= 2 {
          collect(
            row: centre - 1, below: row(ring + (centre - 2) % 3), here: row(ring + (centre - 1) % 3), above: smooth,
            mesh: mesh, threshold: threshold)
        }
      }
    }
  }

  private static func subtract(
    _ pixels: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<PixelMask>,
    _ background: UnsafeMutableBufferPointer<Float>, into light: UnsafeMutableBufferPointer<Float>
  ) {
    let hidden = BackgroundMesh.unusable.subtracting([.saturated, .bleed])
    for start in stride(from: 0, to: light.count, by: 64) {
      let piece = start..<min(start + 64, light.count)
      let isClean = PixelMask.union(of: UnsafeBufferPointer(rebasing: mask[piece])).isDisjoint(with: hidden)
      // Most pixels have nothing against them. A mask of bits instead of a branch, so that the loop runs on vectors.
      for x in piece {
        let value = pixels[x] - background[x]
        let seen: UInt32 = value == value ? ~0 : 0
        light[x] = Float(bitPattern: value.bitPattern & seen)
      }
      if isClean { continue }
      for x in piece where !mask[x].isDisjoint(with: hidden) { light[x] = 0 }
    }
  }

  private func alongRow(_ padded: UnsafeMutableBufferPointer<Float>, into out: UnsafeMutableBufferPointer<Float>) {
    let reach = filter.taps.count - 1
    func from(_ first: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(rebasing: padded[first..<(first + width)])
    }
    weigh(into: out) { from(reach + $0) }
  }

  private func acrossRows(
    _ out: UnsafeMutableBufferPointer<Float>, row: (Int) -> UnsafeMutableBufferPointer<Float>
  ) {
    weigh(into: out, row)
  }

  /// The weighted sum of rows about one, which is `row(0)`.
  private func weigh(
    into out: UnsafeMutableBufferPointer<Float>, _ row: (Int) -> UnsafeMutableBufferPointer<Float>
  ) {
    let taps = filter.taps
    var k = 2
    if taps.count > 2 {
      Self.weigh(row(0), by: taps[0], row(-1), row(1), by: taps[1], row(-2), row(2), by: taps[2], into: out)
      k = 3
    } else {
      Self.weigh(row(0), by: taps[0], row(-1), row(1), by: taps[1], into: out)
    }
    while k + 1 < taps.count {
      Self.add(row(-k), row(k), times: taps[k], row(-k - 1), row(k + 1), times: taps[k + 1], to: out)
      k += 2
    }
    if k < taps.count { Self.add(row(-k), row(k), times: taps[k], to: out) }
  }

  // Whole rows at a time and nothing computed from the index: so the compiler uses vectors. Two taps at a time, since to
  // read and to write the sum takes as long as to add to it.

  private static func weigh(
    _ middle: UnsafeMutableBufferPointer<Float>, by first: Float, _ low: UnsafeMutableBufferPointer<Float>,
    _ high: UnsafeMutableBufferPointer<Float>, by second: Float, _ lower: UnsafeMutableBufferPointer<Float>,
    _ higher: UnsafeMutableBufferPointer<Float>, by third: Float, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count {
      let near = first * middle[x] + second * (low[x] + high[x])
      out[x] = near + third * (lower[x] + higher[x])
    }
  }

  private static func add(
    _ low: UnsafeMutableBufferPointer<Float>, _ high: UnsafeMutableBufferPointer<Float>, times tap: Float,
    _ lower: UnsafeMutableBufferPointer<Float>, _ higher: UnsafeMutableBufferPointer<Float>, times next: Float,
    to out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count {
      let near = out[x] + tap * (low[x] + high[x])
      out[x] = near + next * (lower[x] + higher[x])
    }
  }

  private static func weigh(
    _ middle: UnsafeMutableBufferPointer<Float>, by first: Float, _ low: UnsafeMutableBufferPointer<Float>,
    _ high: UnsafeMutableBufferPointer<Float>, by second: Float, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count { out[x] = first * middle[x] + second * (low[x] + high[x]) }
  }

  private static func add(
    _ low: UnsafeMutableBufferPointer<Float>, _ high: UnsafeMutableBufferPointer<Float>, times tap: Float,
    to out: UnsafeMutableBufferPointer<Float>
  ) {
    for x in 0..<out.count { out[x] += tap * (low[x] + high[x]) }
  }

  /// Remembers some differences of filtered values, in units of the expected noise.
  private mutating func sample(row y: Int, _ values: UnsafeMutableBufferPointer<Float>, mesh: BackgroundMesh) {
    guard y % 16 == 7 else { return }
    let every = max(1, width * height / 4000 / 16)
    let lag = 2 * filter.taps.count
    let meshRow = min(y * mesh.rows / height, mesh.rows - 1) * mesh.columns
    var x = y % every
    while x + lag < width {
      let sigma = mesh.sigma[meshRow + min(x * mesh.columns / width, mesh.columns - 1)] * filter.noise
      // Equal to the last digit: masked, or without noise.
      if sigma > 0 && values[x] != values[x + lag] { samples.append(abs(values[x + lag] - values[x]) / sigma) }
      x += every
    }
  }

  private mutating func collect(
    row y: Int, below: UnsafeMutableBufferPointer<Float>, here: UnsafeMutableBufferPointer<Float>,
    above: UnsafeMutableBufferPointer<Float>, mesh: BackgroundMesh, threshold: Float
  ) {
    let meshRow = min(y * mesh.rows / height, mesh.rows - 1) * mesh.columns
    for column in 0..<mesh.columns {
      let sigma = mesh.sigma[meshRow + column] * filter.noise
      guard sigma > 0 else { continue }
      let level = threshold * sigma
      let first = max(1, column * width / mesh.columns)
      let end = min(width - 1, (column + 1) * width / mesh.columns)
      for start in stride(from: first, to: end, by: 64) {
        let some = start..<min(start + 64, end)
        // Most of the sky is below the threshold.
        guard RowScan.exceeds(level, UnsafeBufferPointer(rebasing: here[some]).span) else { continue }
        for x in some {
          let value = here[x]
          if value > level, value >= here[x - 1], value > here[x + 1], value >= below[x - 1], value >= below[x],
            value >= below[x + 1], value > above[x - 1], value > above[x], value > above[x + 1]
          {
            peaks.append(FilteredPeak(x: x, y: y, significance: value / sigma))
          }
        }
      }
    }
  }
}
