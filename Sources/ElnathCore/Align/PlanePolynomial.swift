/// A map of the plane by polynomials of order 1 to 3 around a centre: what a similarity cannot follow, such as
/// differential refraction or the distortion of the optics.
///
/// (x, y) -> (sum x_k t_k, sum y_k t_k) with the terms t = 1, u, v, u^2, uv, v^2, u^3, u^2 v, u v^2, v^3 up to the order,
/// u and v counted from the centre. Ordered by degree, so that a lower order is the beginning of a higher one.
public struct PlanePolynomial: Sendable, Equatable {
  public let centre: PixelPoint
  public let x: [Double]
  public let y: [Double]

  /// Numbers of terms of the orders that there are.
  static let terms = [1: 3, 2: 6, 3: 10]

  /// Nil unless both have the terms of one of the orders.
  public init?(centre: PixelPoint, x: [Double], y: [Double]) {
    guard x.count == y.count, Self.terms.values.contains(x.count) else { return nil }
    self.centre = centre
    self.x = x
    self.y = y
  }

  public var order: Int { x.count == 3 ? 1 : x.count == 6 ? 2 : 3 }

  public func callAsFunction(_ p: PixelPoint) -> PixelPoint {
    let row = along(row: p.y)
    return row(p.x)
  }

  /// The places of one row: polynomials of x alone.
  func along(row y: Double) -> RowPlaces {
    let v = y - centre.y
    return RowPlaces(origin: centre.x, x: Self.reduced(x, v), y: Self.reduced(self.y, v))
  }

  /// Coefficients of 1, u, u^2, u^3 where v is known.
  private static func reduced(_ c: [Double], _ v: Double) -> SIMD4<Double> {
    switch c.count {
    case 3: SIMD4(c[0] + v * c[2], c[1], 0, 0)
    case 6: SIMD4(c[0] + v * (c[2] + v * c[5]), c[1] + v * c[4], c[3], 0)
    default: SIMD4(c[0] + v * (c[2] + v * (c[5] + v * c[9])), c[1] + v * (c[4] + v * c[8]), c[3] + v * c[7], c[6])
    }
  }

  /// Derivatives of x and y by u and by v.
  func slopes(at p: PixelPoint) -> (xu: Double, xv: Double, yu: Double, yv: Double) {
    let u = p.x - centre.x
    let v = p.y - centre.y
    func slopes(_ c: [Double]) -> (Double, Double) {
      switch c.count {
      case 3: (c[1], c[2])
      case 6: (c[1] + 2 * c[3] * u + c[4] * v, c[2] + c[4] * u + 2 * c[5] * v)
      default:
        (
          c[1] + 2 * c[3] * u + c[4] * v + 3 * c[6] * u * u + 2 * c[7] * u * v + c[8] * v * v,
          c[2] + c[4] * u + 2 * c[5] * v + c[7] * u * u + 2 * c[8] * u * v + 3 * c[9] * v * v
        )
      }
    }
    let (along, across) = (slopes(x), slopes(y))
    return (along.0, along.1, across.0, across.1)
  }

  /// The similarity nearest to it around the centre.
  var similarity: SimilarityTransform {
    let mirrored = x[1] * y[2] - x[2] * y[1] < 0
    let sign = mirrored ? -1.0 : 1.0
    let a = (sign * x[1] + y[2]) / 2
    let b = (sign * y[1] - x[2]) / 2
    let u = sign * centre.x
    return SimilarityTransform(
      a: a, b: b, tx: x[0] - a * u + b * centre.y, ty: y[0] - b * u - a * centre.y, mirrored: mirrored)
  }

  /// The terms of `count`, at a place counted from the centre.
  static func fill(_ terms: inout [Double], _ u: Double, _ v: Double, count: Int) {
    terms[0] = 1
    terms[1] = u
    terms[2] = v
    guard count > 3 else { return }
    terms[3] = u * u
    terms[4] = u * v
    terms[5] = v * v
    guard count > 6 else { return }
    terms[6] = u * u * u
    terms[7] = u * u * v
    terms[8] = u * v * v
    terms[9] = v * v * v
  }
}

/// Where the places of one row of the reference frame lie on another frame.
public struct RowPlaces: Sendable {
  let origin: Double
  /// Coefficients of 1, u, u^2, u^3, u = x - origin.
  let x: SIMD4<Double>
  let y: SIMD4<Double>

  public func callAsFunction(_ place: Double) -> PixelPoint {
    let u = place - origin
    return PixelPoint(
      x: x[0] + u * (x[1] + u * (x[2] + u * x[3])), y: y[0] + u * (y[1] + u * (y[2] + u * y[3])))
  }
}
