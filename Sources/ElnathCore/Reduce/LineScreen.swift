/// A first look at all lines of a plane at once, with whole rows of pixels and without sorting: which of them `BadLines`
/// has to judge. Hardly any is left, and none that it would find bad is missed.
///
/// A median lies beyond a limit only where half of the values do, and to count those is enough.
struct LineScreen {
  private let image: UnsafeBufferPointer<Float>
  private let variance: UnsafeBufferPointer<Float>
  private let width: Int
  private let height: Int
  /// Every so many pixels of a line are looked at.
  private let step: Int
  /// The limit in standard deviations of the median, and the least it is.
  private let significance: Double
  private let least: Double

  init(
    image: UnsafeBufferPointer<Float>, variance: UnsafeBufferPointer<Float>, width: Int, height: Int, step: Int,
    significance: Double, least: Double
  ) {
    precondition(image.count == width * height && variance.count == width * height, "planes must have one shape")
    self.image = image
    self.variance = variance
    self.width = width
    self.height = height
    self.step = step
    self.significance = significance
    self.least = least
  }

  /// Lines further than this from both borders have neighbours on both sides.
  private static let reach = 4

  /// Columns that may be bad in these rows.
  func columns(_ rows: Range<Int>) -> [Bool] {
    var suspects = [Bool](repeating: true, count: width)
    let inner = width - 2 * Self.reach
    guard inner > 0 else { return suspects }
    let seen = Array(stride(from: rows.lowerBound, to: rows.upperBound, by: step))
    var differences = [Float](repeating: 0, count: seen.count * inner)
    var noise = [Double](repeating: 0, count: inner)
    differences.withUnsafeMutableBufferPointer { differences in
      for (j, y) in seen.enumerated() {
        let line = UnsafeBufferPointer(rebasing: image[(y * width)..<((y + 1) * width)])
        Self.subtractNeighbours(
          line, 1, from: UnsafeBufferPointer(rebasing: line[Self.reach..<(width - Self.reach)]),
          into: UnsafeMutableBufferPointer(rebasing: differences[(j * inner)..<((j + 1) * inner)]))
        let some = UnsafeBufferPointer(
          rebasing: variance[(y * width + Self.reach)..<((y + 1) * width - Self.reach)])
        noise.withUnsafeMutableBufferPointer { noise in for x in 0..<inner { noise[x] += Double(some[x]) } }
      }
    }
    let limits = noise.map { limit(noise: $0, count: seen.count) }
    var counts = [Int32](repeating: 0, count: inner)
    for j in seen.indices {
      Self.count(differences.span.extracting((j * inner)..<((j + 1) * inner)), beyond: limits.span, in: &counts)
    }
    for x in 0..<inner { suspects[x + Self.reach] = Self.mayLieBeyond(counts[x], of: seen.count) }
    return suspects
  }

  /// Rows that are looked at one after another; what is taken of them stays in the processor's cache.
  private static let block = 64

  /// Rows that may be bad in these columns, for each run of them.
  func rows(_ runs: [Range<Int>]) -> [[Bool]] {
    var suspects = runs.map { _ in [Bool](repeating: true, count: height) }
    // The columns that are looked at, and those of each run among them.
    var seen: [Int] = []
    let places = runs.map { run in
      let first = seen.count
      seen += stride(from: run.lowerBound, to: run.upperBound, by: step)
      return first..<seen.count
    }
    let count = seen.count
    var pixels = [Float](repeating: 0, count: count * (Self.block + 2 * Self.reach))
    var differences = [Float](repeating: 0, count: count)
    for start in stride(from: Self.reach, to: height - Self.reach, by: Self.block) {
      let rows = start..<min(start + Self.block, height - Self.reach)
      let first = start - Self.reach
      for y in first..<(rows.upperBound + Self.reach) {
        for (j, x) in seen.enumerated() { pixels[(y - first) * count + j] = image[y * width + x] }
      }
      for y in rows {
        pixels.withUnsafeBufferPointer { pixels in
          differences.withUnsafeMutableBufferPointer { differences in
            let own = (y - first) * count
            let around = (own - Self.reach * count)..<(own + (Self.reach + 1) * count)
            Self.subtractNeighbours(
              UnsafeBufferPointer(rebasing: pixels[around]), count,
              from: UnsafeBufferPointer(rebasing: pixels[own..<(own + count)]), into: differences)
          }
        }
        for (run, places) in places.enumerated() {
          var noise = 0.0
          for j in places { noise += Double(variance[y * width + seen[j]]) }
          let limit = limit(noise: noise, count: places.count)
          var counts: Int32 = 0
          for j in places { counts &+= Self.place(differences[j], limit) }
          suspects[run][y] = Self.mayLieBeyond(counts, of: places.count)
        }
      }
    }
    return suspects
  }

  /// Rounded down by more than the arithmetic in single precision can be off. NaN where the noise is.
  private func limit(noise: Double, count: Int) -> Float {
    Float(0.99999 * max(significance * LineView.error(noise: noise, count: count), least))
  }

  /// From each pixel the median of those two to four lines to both sides. `around` begins with the pixel four lines
  /// before the first of `pixels`; `line` is the way in it from line to line. NaN where one of the seven is not finite.
  private static func subtractNeighbours(
    _ around: UnsafeBufferPointer<Float>, _ line: Int, from pixels: UnsafeBufferPointer<Float>,
    into out: UnsafeMutableBufferPointer<Float>
  ) {
    let count = out.count
    precondition(pixels.count == count && around.count >= 8 * line + count, "pixels have neighbours")
    func lines(_ k: Int) -> UnsafeBufferPointer<Float> {
      UnsafeBufferPointer(rebasing: around[((k + 4) * line)..<((k + 4) * line + count)])
    }
    let (a, b, c, d, e, f) = (lines(-4), lines(-3), lines(-2), lines(2), lines(3), lines(4))
    for x in 0..<count {
      let sum = a[x] + b[x] + c[x] + d[x] + e[x] + f[x] + pixels[x]
      // 0 of a finite sum.
      out[x] = pixels[x] - LineView.middle(a[x], b[x], c[x], d[x], e[x], f[x]) + (sum - sum)
    }
  }

  // Three counts in one number: values above the limit, below its negative, and those that are not finite.
  private static let below: Int32 = 1 << 10
  private static let missing: Int32 = 1 << 20

  @inline(__always)
  private static func place(_ value: Float, _ limit: Float) -> Int32 {
    (value > limit ? 1 : 0) &+ (value < -limit ? below : 0) &+ (value == value ? 0 : missing)
  }

  private static func count(_ values: Span<Float>, beyond limits: Span<Float>, in counts: inout [Int32]) {
    var counts = counts.mutableSpan
    precondition(values.count == counts.count && limits.count == counts.count, "rows must have one length")
    for x in 0..<values.count { counts[x] &+= place(values[x], limits[x]) }
  }

  private static func mayLieBeyond(_ counts: Int32, of count: Int) -> Bool {
    let half = Int32(count / 2)
    return counts >= missing || counts % below >= half || counts / below >= half
  }
}
