/// The areas that pixels of a row which is hardly turned against those of the frame share with them, along a run: each
/// lies on the same four pixels of two rows, seen from itself. All of such a run goes on vectors, and the areas are those
/// of `AreaOverlap` to rounding.
///
/// With the pixel as p0 + s u + t v, 0 <= s, t <= 1, the point where its four pixels of the frame meet is at (s, t), and
/// their borders are the lines s - k (t' - t) and t - m (s' - s). Where each leaves the unit square through opposite
/// sides, the corner that both cut off has the area s t + (k t^2 + m s^2) / 2, and they leave s + k (t - 1/2) on the left
/// and t + m (s - 1/2) below.
struct AreaRun {
  private let run: BilinearRun
  private let sides: Sides
  /// Of the row that is written: those that lie so on their four pixels.
  let inside: Range<Int>

  /// The sides of a pixel on the frame, u to the right and v upwards there.
  struct Sides {
    let u: (x: Double, y: Double)
    let v: (x: Double, y: Double)

    /// Of the transform, whichever way it turns or mirrors.
    init(_ segment: Resampling.Segment, rising v: (x: Double, y: Double)) {
      let u = segment.step
      self.u = u.x < 0 ? (-u.x, -u.y) : (u.x, u.y)
      self.v = v.y < 0 ? (-v.x, -v.y) : (v.x, v.y)
    }

    var area: Double { u.x * v.y - u.y * v.x }
    var k: Double { v.x / u.x }
    var m: Double { u.y / v.y }

    /// From the lower left corner of a pixel on the frame, in parts of its sides.
    func parts(_ d: (x: Double, y: Double)) -> (s: Double, t: Double) {
      ((d.x * v.y - d.y * v.x) / area, (d.y * u.x - d.x * u.y) / area)
    }
  }

  /// - Parameters:
  ///   - corners: places of the lower left corners, with the edges of the frame's pixels at whole numbers.
  ///   - run: theirs.
  init(_ run: BilinearRun, of corners: Resampling.Segment, sides: Sides) {
    self.run = run
    self.sides = sides
    guard sides.area > 0, abs(sides.k) < 0.1, abs(sides.m) < 0.1 else {
      inside = run.inside.lowerBound..<run.inside.lowerBound
      return
    }
    // The neighbouring borders stay outside.
    let (k, m) = (abs(sides.k), abs(sides.m))
    let s = max(k, 1 + k - 1 / sides.u.x)...max(max(k, 1 + k - 1 / sides.u.x), min(1 - k, 1 / sides.u.x - k))
    let t = max(m, 1 + m - 1 / sides.v.y)...max(max(m, 1 + m - 1 / sides.v.y), min(1 - m, 1 / sides.v.y - m))
    let (start, step) = Self.parts(run, sides)
    let steps = Self.within(s, start.s, step.s, run.inside.count).clamped(
      to: Self.within(t, start.t, step.t, run.inside.count))
    inside = (run.inside.lowerBound + steps.lowerBound)..<(run.inside.lowerBound + steps.upperBound)
  }

  private typealias Parts = (s: Double, t: Double)

  /// At the first pixel, and what it changes by.
  private static func parts(_ run: BilinearRun, _ sides: Sides) -> (start: Parts, step: Parts) {
    (
      sides.parts((1 - Double(run.phase.x), 1 - Double(run.phase.y))),
      sides.parts((-Double(run.step.x), -Double(run.step.y)))
    )
  }

  /// Of the steps 0 ..< `count` those that put `start` + k `step` within `limits`, one run.
  private static func within(
    _ limits: ClosedRange<Double>, _ start: Double, _ step: Double, _ count: Int
  ) -> Range<Int> {
    if step == 0 { return limits.contains(start) ? 0..<count : 0..<0 }
    let (a, b) = ((limits.lowerBound - start) / step, (limits.upperBound - start) / step)
    let low = max(0, min(Double(count), min(a, b).rounded(.up)))
    let high = max(low, min(Double(count), max(a, b).rounded(.down) + 1))
    return Int(low)..<Int(high)
  }

  /// Writes the columns `inside`; returns true where one of them is NaN.
  func write(from source: Resampling.Source, into output: Resampling.Output) -> Bool {
    guard !inside.isEmpty else { return false }
    let values = UnsafeMutableBufferPointer(rebasing: output.values[inside])
    let variances = UnsafeMutableBufferPointer(rebasing: output.variances[inside])
    let skipped = inside.lowerBound - run.inside.lowerBound
    let first = run.first + run.direction * skipped
    let parts = Self.parts(run, sides)
    let weights = Weights(
      s: Float(parts.start.s + Double(skipped) * parts.step.s),
      t: Float(parts.start.t + Double(skipped) * parts.step.t),
      ds: Float(parts.step.s), dt: Float(parts.step.t), k: Float(sides.k), m: Float(sides.m), area: Float(sides.area))
    let low = source.values.baseAddress! + first
    let given = source.variances.map { $0.baseAddress! + first }
    // Once for each direction, so that it is a constant in the loops.
    if run.direction > 0 {
      Self.add(low, low + source.columns, 1, weights, values)
      if let given { Self.propagate(given, given + source.columns, 1, weights, variances) }
    } else {
      Self.add(low, low + source.columns, -1, weights, values)
      if let given { Self.propagate(given, given + source.columns, -1, weights, variances) }
    }
    if given == nil { Self.dilute(weights, variances) }
    var gaps: UInt32 = 0
    for x in 0..<values.count { gaps |= values[x] == values[x] ? 0 : 1 }
    return gaps != 0
  }

  /// Shares of the four pixels.
  private struct Weights {
    let s: Float
    let t: Float
    let ds: Float
    let dt: Float
    let k: Float
    let m: Float
    let area: Float

    @inline(__always)
    func callAsFunction(_ step: Int32) -> (ll: Float, lr: Float, ul: Float, ur: Float) {
      let (s, t) = (s + Float(step) * ds, t + Float(step) * dt)
      let corner = s * t + 0.5 * (k * t * t + m * s * s)
      let left = s + k * (t - 0.5)
      let below = t + m * (s - 0.5)
      return (area * corner, area * (below - corner), area * (left - corner), area * (1 - left - below + corner))
    }
  }

  @inline(__always)
  private static func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ direction: Int, _ weights: Weights,
    _ out: UnsafeMutableBufferPointer<Float>
  ) {
    for step in 0..<Int32(out.count) {
      let w = weights(step)
      let i = direction * Int(step)
      out[Int(step)] = w.ll * a[i] + w.lr * a[i + 1] + w.ul * b[i] + w.ur * b[i + 1]
    }
  }

  @inline(__always)
  private static func propagate(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ direction: Int, _ weights: Weights,
    _ out: UnsafeMutableBufferPointer<Float>
  ) {
    for step in 0..<Int32(out.count) {
      let w = weights(step)
      let i = direction * Int(step)
      let low = w.ll * w.ll * a[i] + w.lr * w.lr * a[i + 1]
      out[Int(step)] = low + w.ul * w.ul * b[i] + w.ur * w.ur * b[i + 1]
    }
  }

  /// Of values whose variance is 1.
  private static func dilute(_ weights: Weights, _ out: UnsafeMutableBufferPointer<Float>) {
    for step in 0..<Int32(out.count) {
      let w = weights(step)
      out[Int(step)] = w.ll * w.ll + w.lr * w.lr + w.ul * w.ul + w.ur * w.ur
    }
  }
}
