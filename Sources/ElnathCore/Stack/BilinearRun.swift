/// Bilinear interpolation along a row that is hardly turned against the pixels of the frame, as most are: between two
/// places where it moves on to another row or skips a column the same two rows lie under it, and the weights change
/// evenly. All of such a run goes on vectors.
struct BilinearRun {
  /// Of the row that is written.
  let columns: Range<Int>
  /// Those of them that lie between four pixels of the source.
  let inside: Range<Int>
  /// 1 where columns of the frame ascend with those of the row, else -1.
  let direction: Int
  /// Index of the lower left pixel under the first of `inside`.
  let first: Int
  /// Distance of that place from that pixel, and what it changes by.
  let phase: Pair
  let step: Pair

  typealias Pair = (x: Float, y: Float)

  /// The run that begins at column `x`; nil on a row that is turned too much for long runs.
  init?(_ segment: Resampling.Segment, from x: Int, in source: Resampling.Source) {
    direction = segment.step.x < 0 ? -1 : 1
    let drift = (x: segment.step.x - Double(direction), y: segment.step.y)
    guard abs(drift.x) < 0.05, abs(drift.y) < 0.05 else { return nil }
    let place = segment.place(x)
    let corner = (x: place.x.rounded(.down), y: place.y.rounded(.down))
    let start = (x: place.x - corner.x, y: place.y - corner.y)
    let count = min(
      segment.columns.upperBound - x, Self.steps(from: start.x, by: drift.x), Self.steps(from: start.y, by: drift.y))
    columns = x..<(x + count)
    let row = Int(corner.y) - source.first
    // Of the lower left pixel: from 0 to the last but one.
    let (left, last) = (Int(corner.x), source.columns - 2)
    let covered =
      direction > 0
      ? (x - left)..<max(x - left, x - left + last + 1) : (x + left - last)..<max(x + left - last, x + left + 1)
    inside = row >= 0 && row + 1 < source.rows ? covered.clamped(to: columns) : x..<x
    let skipped = inside.lowerBound - x
    first = row * source.columns + left + direction * skipped
    phase = (Float(start.x + Double(skipped) * drift.x), Float(start.y + Double(skipped) * drift.y))
    step = (Float(drift.x), Float(drift.y))
  }

  /// Steps until a phase of 0 ..< 1 leaves that range, at least 1.
  private static func steps(from phase: Double, by step: Double) -> Int {
    guard step != 0 else { return .max }
    let count = step > 0 ? ((1 - phase) / step).rounded(.up) : (phase / -step).rounded(.down) + 1
    return count < 1e9 ? max(1, Int(count)) : .max
  }

  /// Writes the columns `inside`; returns true where one of them is NaN.
  func write(from source: Resampling.Source, into output: Resampling.Output) -> Bool {
    guard !inside.isEmpty else { return false }
    let values = UnsafeMutableBufferPointer(rebasing: output.values[inside])
    let variances = UnsafeMutableBufferPointer(rebasing: output.variances[inside])
    let low = source.values.baseAddress! + first
    let given = source.variances.map { $0.baseAddress! + first }
    let columns = source.columns
    // Once for each direction, so that it is a constant in the loops.
    if direction > 0 {
      interpolate(low, low + columns, 1, values)
      if let given { propagate(given, given + columns, 1, variances) }
    } else {
      interpolate(low, low + columns, -1, values)
      if let given { propagate(given, given + columns, -1, variances) }
    }
    if given == nil { dilute(variances) }
    var gaps: UInt32 = 0
    for x in 0..<values.count { gaps |= values[x] == values[x] ? 0 : 1 }
    return gaps != 0
  }

  @inline(__always)
  private func weights(_ k: Int32) -> Pair { (phase.x + Float(k) * step.x, phase.y + Float(k) * step.y) }

  @inline(__always)
  private func interpolate(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ direction: Int, _ out: UnsafeMutableBufferPointer<Float>
  ) {
    for k in 0..<Int32(out.count) {
      let (fx, fy) = weights(k)
      let i = direction * Int(k)
      let low = (1 - fx) * a[i] + fx * a[i + 1]
      let high = (1 - fx) * b[i] + fx * b[i + 1]
      out[Int(k)] = (1 - fy) * low + fy * high
    }
  }

  @inline(__always)
  private func propagate(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ direction: Int, _ out: UnsafeMutableBufferPointer<Float>
  ) {
    for k in 0..<Int32(out.count) {
      let (fx, fy) = weights(k)
      let i = direction * Int(k)
      let (left, right) = ((1 - fx) * (1 - fx), fx * fx)
      let low = left * a[i] + right * a[i + 1]
      let high = left * b[i] + right * b[i + 1]
      out[Int(k)] = (1 - fy) * (1 - fy) * low + fy * fy * high
    }
  }

  /// Of values whose variance is 1.
  private func dilute(_ out: UnsafeMutableBufferPointer<Float>) {
    for k in 0..<Int32(out.count) {
      let (fx, fy) = weights(k)
      out[Int(k)] = ((1 - fx) * (1 - fx) + fx * fx) * ((1 - fy) * (1 - fy) + fy * fy)
    }
  }
}
