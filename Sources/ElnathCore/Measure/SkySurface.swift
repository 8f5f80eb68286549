/// A plane or a surface of second order over an annulus, by least squares:
/// c0 + c1 u + c2 v + c3 u^2 + c4 uv + c5 v^2, u and v the distances from the middle over the outer radius.
struct SkySurface: Sendable, Equatable {
  let centre: PixelPoint
  /// px.
  let scale: Double
  let coefficients: [Double]
  /// Of the coefficients, for pixels of unit variance.
  let covariance: [[Double]]

  /// `value` of a pixel at `u`, `v`.
  @inline(__always)
  func value(_ u: Double, _ v: Double) -> Double {
    let plane = coefficients[0] + coefficients[1] * u + coefficients[2] * v
    guard coefficients.count > 3 else { return plane }
    return plane + (coefficients[3] * u + coefficients[4] * v) * u + coefficients[5] * v * v
  }

  /// Mean level under an aperture at `place`. What `sky` says of the middle beyond the fit (clipping, sectors) holds
  /// everywhere.
  func level(at place: PixelPoint, under moments: ApertureMoments, from sky: SkyEstimate) -> (
    value: Double, variance: Double
  ) {
    let (u, v) = ((place.x - centre.x) / scale, (place.y - centre.y) / scale)
    let square = scale * scale
    let row = [
      1, u, v, u * u + moments.xx / square, u * v + moments.xy / square, v * v + moments.yy / square,
    ].prefix(coefficients.count)
    var fitted = 0.0
    var variance = 0.0
    for (i, a) in row.enumerated() {
      fitted += a * coefficients[i]
      for (j, b) in row.enumerated() { variance += a * b * covariance[i][j] }
    }
    // An uneven sky has the variance of its sectors, which is the larger.
    return (
      sky.level + fitted - coefficients[0],
      sky.levelVariance + sky.sigma * sky.sigma * (variance - covariance[0][0])
    )
  }
}

/// Sums over pixels that a `SkySurface` is solved from.
struct SkySurfaceFit {
  /// sum u^i v^j at 5 i + j, and sum u^i v^j times the pixel at 3 i + j.
  private var moments = [Double](repeating: 0, count: 25)
  private var values = [Double](repeating: 0, count: 9)
  private let unknowns: Int

  init(unknowns: Int) { self.unknowns = unknowns }

  /// Powers of u and v of each coefficient.
  private static let powers = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]

  /// Adds the pixels 0 ..< count whose `residuals` lie within the window.
  mutating func add(
    _ pixels: Span<Float>, u: Span<Float>, v: Span<Float>, residuals: Span<Float>, count: Int,
    within window: ClosedRange<Float>
  ) {
    let highest = unknowns > 3 ? 2 : 1
    for k in 0..<count where residuals[k] >= window.lowerBound && residuals[k] <= window.upperBound {
      let (x, y, z) = (Double(u[k]), Double(v[k]), Double(pixels[k]))
      var power = 1.0
      for i in 0...(2 * highest) {
        var term = power
        for j in 0...(2 * highest - i) {
          moments[5 * i + j] += term
          if i + j <= highest { values[3 * i + j] += term * z }
          term *= y
        }
        power *= x
      }
    }
  }

  /// Nil where the pixels do not determine the surface.
  func solve(centre: PixelPoint, scale: Double) -> SkySurface? {
    let powers = Self.powers.prefix(unknowns)
    let normal = NormalEquations(
      matrix: powers.flatMap { a in powers.map { b in moments[5 * (a.0 + b.0) + a.1 + b.1] } },
      right: powers.map { values[3 * $0.0 + $0.1] })
    guard let coefficients = normal.solve(), let covariance = normal.covariance() else { return nil }
    return SkySurface(centre: centre, scale: scale, coefficients: coefficients, covariance: covariance)
  }
}
