/// The variance that light adds to the pixels of a row.
///
/// Photon noise is that of the light expected in a pixel. The pixel itself tells it badly: where it is low by chance its
/// variance would come out low, and high where it is high, so that means weighted by such variances are too low, and a
/// pixel without light would have photon noise half of the time. So the light is the mean of the two neighbours to each
/// side. A neighbour that differs from the pixel by more than their noise, as in the core of a star, does not count: the
/// pixel stands in for it, and where it has no equals it stands alone.
enum LightVariance {
  /// Neighbours to each side.
  static let reach = 2
  /// Of the variance of one pixel: the square of three standard deviations of a difference.
  private static let alike: Float = 18
  private static let share: Float = 1 / Float(2 * reach)

  /// `variance` holds what every pixel of the row has without light (e-^2, positive); photons and the flat's noise are
  /// added. A neighbour that is NaN does not count; where there is none the pixel counts for it.
  ///
  /// - Parameters:
  ///   - electrons: divided by the flat.
  ///   - inverseFlat: q = 1/flat.
  ///   - relativeFlatVariance: (sigma_f/f)^2.
  static func add(
    electrons e: Span<Float>, inverseFlat q: Span<Float>, relativeFlatVariance r: Span<Float>,
    to variance: UnsafeMutableBufferPointer<Float>
  ) {
    let n = e.count
    precondition(variance.count == n && q.count == n && r.count == n, "rows must have one length")
    guard n > 2 * reach else {
      for x in 0..<n { variance[x] = edge(e, x, q[x], r[x], variance[x]) }
      return
    }
    for x in [0, 1, n - 2, n - 1] { variance[x] = edge(e, x, q[x], r[x], variance[x]) }
    let inner = 2..<(n - 2)
    let (a, b, c) = (e.extracting(0..<(n - 4)), e.extracting(1..<(n - 3)), e.extracting(inner))
    let (d, f) = (e.extracting(3..<(n - 1)), e.extracting(4..<n))
    let (q, r) = (q.extracting(inner), r.extracting(inner))
    let v = UnsafeMutableBufferPointer(rebasing: variance[inner])
    for x in 0..<v.count { v[x] = value(a[x], b[x], c[x], d[x], f[x], q[x], r[x], v[x]) }
  }

  /// The same without a flat.
  static func add(electrons e: Span<Float>, to variance: UnsafeMutableBufferPointer<Float>) {
    let n = e.count
    precondition(variance.count == n, "rows must have one length")
    guard n > 2 * reach else {
      for x in 0..<n { variance[x] = edge(e, x, 1, 0, variance[x]) }
      return
    }
    for x in [0, 1, n - 2, n - 1] { variance[x] = edge(e, x, 1, 0, variance[x]) }
    let (a, b, c) = (e.extracting(0..<(n - 4)), e.extracting(1..<(n - 3)), e.extracting(2..<(n - 2)))
    let (d, f) = (e.extracting(3..<(n - 1)), e.extracting(4..<n))
    let v = UnsafeMutableBufferPointer(rebasing: variance[2..<(n - 2)])
    for x in 0..<v.count { v[x] = value(a[x], b[x], c[x], d[x], f[x], 1, 0, v[x]) }
  }

  private static func edge(_ e: Span<Float>, _ x: Int, _ q: Float, _ r: Float, _ constant: Float) -> Float {
    func at(_ i: Int) -> Float { i >= 0 && i < e.count ? e[i] : e[x] }
    return value(at(x - 2), at(x - 1), e[x], at(x + 1), at(x + 2), q, r, constant)
  }

  @inline(__always)
  private static func value(
    _ a: Float, _ b: Float, _ c: Float, _ d: Float, _ f: Float, _ q: Float, _ r: Float, _ constant: Float
  ) -> Float {
    let limit = alike * (q * max(c, 0) + constant)
    let around = near(a - c, limit) + near(b - c, limit) + near(d - c, limit) + near(f - c, limit)
    let light = c + share * around
    // Light may come out below zero by its noise, and is then no less right than above: only what cannot be is cut.
    return max(q * light + constant, 0.5 * constant) + c * c * r
  }

  /// The difference, or 0 where its square is beyond the limit: a bit mask, since a conditional would not vectorise.
  @inline(__always)
  private static func near(_ difference: Float, _ limit: Float) -> Float {
    let keep: UInt32 = difference * difference <= limit ? ~0 : 0
    return Float(bitPattern: difference.bitPattern & keep)
  }
}
