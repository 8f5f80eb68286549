/// Variance of the pixels of a box about a plane, outliers left out and what that takes from a normal distribution put
/// back (`TruncatedNormal`).
struct BoxScatter {
  /// Standard deviations beyond which a pixel is left out.
  let limit: Double
  /// Digitisation step of the pixels, 0 where they are no multiples of anything.
  let step: Double
  /// Pixels around an outlier that are left out with it, to each side: what is too faint to be an outlier by itself, such
  /// as the wings of a star.
  let growth: Int
  private var sort = BucketSort()
  private var work: [Float] = []
  private var sorted: [Float] = []

  init(limit: Double, step: Double = 0, growth: Int = 0) {
    self.limit = limit
    self.step = step
    self.growth = growth
  }

  struct Result {
    /// Of one pixel.
    var variance: Double
    /// Pixels that deviate from the plane by no more than what is given by `lower` and `upper` were kept.
    var lower: Double
    var upper: Double
    var kept: Int
  }

  /// Fewer pixels than this say little of a variance, and a clip of them less.
  static let fewest = 40

  /// Takes the plane off `values` (rows of `columns` pixels each), in place. Nil where too few pixels have a value.
  mutating func callAsFunction(_ values: UnsafeMutableBufferPointer<Float>, columns: Int) -> Result? {
    guard let window = wideWindow(values) else { return nil }
    let slopes = Self.removePlane(values, columns: columns, within: window)
    guard var last = clip(values) else { return nil }
    if growth > 0, Self.removeOutliers(values, columns: columns, last, growth: growth) {
      guard let rest = clip(values) else { return nil }
      last = rest
    }
    guard last.kept >= Self.fewest else { return nil }
    let freedom = Double(last.kept - 1)
    // The mean is counted in the sample variance, the slopes are not.
    return Result(
      variance: last.variance * freedom / (freedom - Double(slopes)), lower: last.lower, upper: last.upper,
      kept: last.kept)
  }

  /// What a plane may be fitted to: some six standard deviations to both sides of the median, from a few of the values.
  private func wideWindow(_ values: UnsafeMutableBufferPointer<Float>) -> ClosedRange<Float>? {
    // An odd step, so that not all of them stand in one column.
    let stride = max(1, values.count / 61) | 1
    var some = Swift.stride(from: 0, to: values.count, by: stride).map { values[$0] }.filter(\.isFinite)
    guard some.count >= min(Self.fewest, values.count) / 2, some.count > 3 else { return nil }
    some.sort()
    let quartiles = some[some.count * 3 / 4] - some[some.count / 4]
    let reach = 4.5 * (quartiles + Float(step))
    let centre = some[some.count / 2]
    return reach > 0
      ? (centre - reach)...(centre + reach) : -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
  }

  /// Mean square within `limit` standard deviations of the median, where the standard deviation is that of the normal
  /// distribution which leaves this mean square in that very window. A window that follows its values down alone, from
  /// whatever the first guess was, would settle some tenths of a per cent low in boxes of a few hundred pixels.
  private mutating func clip(_ values: UnsafeMutableBufferPointer<Float>) -> Result? {
    if work.count < values.count {
      work = [Float](repeating: 0, count: values.count)
      sorted = work
    }
    let (limit, step) = (limit, step)
    return work.withUnsafeMutableBufferPointer { work in
      sorted.withUnsafeMutableBufferPointer { sorted in
        var count = 0
        for value in values where value.isFinite {
          work[count] = value
          count += 1
        }
        guard count >= Self.fewest else { return nil }
        sort(work, count: count, into: sorted)
        return Self.settled(UnsafeBufferPointer(rebasing: sorted[0..<count]), limit: limit, step: step)
      }
    }
  }

  private static func settled(_ sorted: UnsafeBufferPointer<Float>, limit: Double, step: Double) -> Result? {
    let n = sorted.count
    let centre = Double(sorted[n / 2])
    // Half of all pixels lie between the quartiles; each counted with the interval that it was rounded to.
    let quartiles = Double(sorted[n * 3 / 4]) - Double(sorted[n / 4]) + step
    var sigma = RobustScale.sigmaPerMAD * quartiles / 2
    guard sigma > 0 else { return Result(variance: 0, lower: -.infinity, upper: .infinity, kept: n) }
    var result: Result?
    var edges = (0, 0)
    for round in 0..<12 {
      let halfWidth = limit * sigma + step / 2
      let (lower, upper) = (centre - halfWidth, centre + halfWidth)
      let next = (rank(of: lower, in: sorted), rank(of: upper.nextUp, in: sorted))
      if round > 0 && next == edges { break }
      edges = next
      let kept = Double(edges.1 - edges.0)
      guard kept >= Double(fewest) else { return nil }
      var (sum, squares) = (0.0, 0.0)
      for i in edges.0..<edges.1 {
        let d = Double(sorted[i]) - centre
        sum += d
        squares += d * d
      }
      let variance = max(0, squares - sum * sum / kept) / (kept - 1)
      sigma = TruncatedNormal.sigma(kept: variance.squareRoot(), halfWidth: halfWidth)
      result = Result(variance: sigma * sigma, lower: lower, upper: upper, kept: Int(kept))
      guard sigma > 0 else { break }
    }
    return result
  }

  /// How many of the sorted values lie below `edge`.
  private static func rank(of edge: Double, in sorted: UnsafeBufferPointer<Float>) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if Double(sorted[middle]) < edge { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Pixels further off than this many standard deviations are no accident: one in 16,000 is.
  private static let certain = 4.0

  /// Takes outliers and what lies around them out of `values`, which become NaN there. False where there are none.
  private static func removeOutliers(
    _ values: UnsafeMutableBufferPointer<Float>, columns: Int, _ seen: Result, growth: Int
  ) -> Bool {
    let centre = (seen.lower + seen.upper) / 2
    let reach = certain * seen.variance.squareRoot()
    guard centre.isFinite, reach > 0 else { return false }
    let (low, high) = (Float(centre - reach), Float(centre + reach))
    let outliers = values.indices.filter { values[$0] < low || values[$0] > high }
    let rows = values.count / columns
    for place in outliers {
      let (x, y) = (place % columns, place / columns)
      for v in max(0, y - growth)...min(rows - 1, y + growth) {
        for u in max(0, x - growth)...min(columns - 1, x + growth) { values[v * columns + u] = .nan }
      }
    }
    return !outliers.isEmpty
  }

  /// Least squares over the pixels within the window; returns the number of slopes that were fitted. The level stays.
  private static func removePlane(
    _ values: UnsafeMutableBufferPointer<Float>, columns: Int, within window: ClosedRange<Float>
  ) -> Int {
    let rows = values.count / columns
    let (middleX, middleY) = (Double(columns - 1) / 2, Double(rows - 1) / 2)
    var (n, sx, sy, sd) = (0.0, 0.0, 0.0, 0.0)
    var (sxx, sxy, syy, sxd, syd) = (0.0, 0.0, 0.0, 0.0, 0.0)
    // About a value of the box, since the sums are of numbers that may be far from 0.
    let middle = Double(window.lowerBound) / 2 + Double(window.upperBound) / 2
    let origin = middle.isFinite ? middle : 0
    for row in 0..<rows {
      let y = Double(row) - middleY
      for column in 0..<columns {
        let value = values[row * columns + column]
        guard value >= window.lowerBound, value <= window.upperBound else { continue }
        let (x, d) = (Double(column) - middleX, Double(value) - origin)
        n += 1
        sx += x
        sy += y
        sd += d
        sxx += x * x
        sxy += x * y
        syy += y * y
        sxd += x * d
        syd += y * d
      }
    }
    guard n > 0 else { return 0 }
    let (cxx, cxy, cyy) = (sxx - sx * sx / n, sxy - sx * sy / n, syy - sy * sy / n)
    let (cxd, cyd) = (sxd - sx * sd / n, syd - sy * sd / n)
    let determinant = cxx * cyy - cxy * cxy
    var slope = (x: 0.0, y: 0.0)
    var slopes = 0
    if determinant > 1e-6 * cxx * cyy, determinant > 0 {
      slope = ((cxd * cyy - cyd * cxy) / determinant, (cyd * cxx - cxd * cxy) / determinant)
      slopes = 2
    } else if max(cxx, cyy) > 0 {
      // A single row or column.
      if cxx > cyy { slope.x = cxd / cxx } else { slope.y = cyd / cyy }
      slopes = 1
    }
    for row in 0..<rows {
      let climb = Float(slope.y * (Double(row) - middleY) - slope.x * middleX)
      for column in 0..<columns { values[row * columns + column] -= climb + Float(slope.x) * Float(column) }
    }
    return slopes
  }
}
