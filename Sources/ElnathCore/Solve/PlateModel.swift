/// Polynomials that lead from the pixels of an image to the tangent plane at a point of the sky (degrees).
struct PlateModel: Sendable {
  let plane: TangentPlane
  let order: Int
  /// From where pixels are counted, and in units of which: keeps the powers near one.
  private let origin: PixelPoint
  private let unit: Double
  /// Coefficients of the terms, for x and y of the plane.
  private var x: [Double]
  private var y: [Double]

  /// Exponents of the terms of an order, lowest first: 1, u, v, u^2, u v, v^2 ...
  static func exponents(order: Int) -> [(u: Int, v: Int)] {
    (0...order).flatMap { degree in (0...degree).map { (degree - $0, $0) } }
  }

  static func terms(order: Int) -> Int { (order + 1) * (order + 2) / 2 }

  private static func powers(_ place: PixelPoint, _ order: Int, _ origin: PixelPoint, _ unit: Double) -> [Double] {
    let (u, v) = ((place.x - origin.x) / unit, (place.y - origin.y) / unit)
    var (us, vs) = ([1.0], [1.0])
    for _ in 0..<max(order, 1) {
      us.append(us[us.count - 1] * u)
      vs.append(vs[vs.count - 1] * v)
    }
    return exponents(order: order).map { us[$0.u] * vs[$0.v] }
  }

  /// Least squares; nil where the places do not determine the terms.
  init?(
    plane: TangentPlane, from places: [PixelPoint], to targets: [PixelPoint], order: Int, centre: PixelPoint,
    unit: Double
  ) {
    self.plane = plane
    self.order = order
    origin = centre
    self.unit = unit
    var along = NormalEquations(unknowns: Self.terms(order: order))
    var up = along
    for (place, target) in zip(places, targets) {
      let row = Self.powers(place, order, centre, unit)
      along.add(row: row, value: target.x, weight: 1)
      up.add(row: row, value: target.y, weight: 1)
    }
    guard let x = along.solve(), let y = up.solve() else { return nil }
    self.x = x
    self.y = y
  }

  /// A similarity from pixels to the plane.
  init(plane: TangentPlane, similarity: SimilarityTransform, centre: PixelPoint, unit: Double) {
    self.plane = plane
    order = 1
    origin = centre
    self.unit = unit
    let middle = similarity(centre)
    let right = similarity(PixelPoint(x: centre.x + unit, y: centre.y))
    let above = similarity(PixelPoint(x: centre.x, y: centre.y + unit))
    x = [middle.x, right.x - middle.x, above.x - middle.x]
    y = [middle.y, right.y - middle.y, above.y - middle.y]
  }

  func callAsFunction(_ place: PixelPoint) -> PixelPoint {
    let powers = Self.powers(place, order, origin, unit)
    var result = PixelPoint(x: 0, y: 0)
    for (k, power) in powers.enumerated() {
      result.x += x[k] * power
      result.y += y[k] * power
    }
    return result
  }

  /// The same, `dx`, `dy` degrees further on the plane.
  func moved(_ dx: Double, _ dy: Double) -> PlateModel {
    var result = self
    result.x[0] += dx
    result.y[0] += dy
    return result
  }

  /// Degrees per pixel at the origin; 0 for a plane that is folded to a line.
  var scale: Double { abs(x[1] * y[2] - x[2] * y[1]).squareRoot() / unit }

  /// False for a plate that shears or stretches as no optics do.
  var isPlausible: Bool {
    let (a, b, c, d) = (x[1], x[2], y[1], y[2])
    let squares = a * a + b * b + c * c + d * d
    let determinant = abs(a * d - b * c)
    // For axes of ratio q: squares / 2 det = (q + 1/q) / 2. Pixels may be rectangular.
    return determinant > 0 && squares < 2 * 1.3 * determinant
  }

  /// Where the origin lies on the sky.
  var sky: SkyPoint { plane.sky(at: PixelPoint(x: x[0], y: y[0])) }

  /// As a header has it: TAN, with SIP where there are higher orders. The origin must lie at the tangent point.
  var projection: SkyProjection? {
    let suffix = order > 1 ? "-SIP" : ""
    let (cd11, cd12, cd21, cd22) = (x[1] / unit, x[2] / unit, y[1] / unit, y[2] / unit)
    let determinant = cd11 * cd22 - cd12 * cd21
    guard determinant != 0 else { return nil }
    var keywords = [
      SkyKeyword("CTYPE1", "RA---TAN" + suffix), SkyKeyword("CTYPE2", "DEC--TAN" + suffix),
      SkyKeyword("RADESYS", "ICRS"), SkyKeyword("CRPIX1", origin.fits.x), SkyKeyword("CRPIX2", origin.fits.y),
      SkyKeyword("CRVAL1", plane.centre.rightAscension), SkyKeyword("CRVAL2", plane.centre.declination),
      SkyKeyword("CD1_1", cd11), SkyKeyword("CD1_2", cd12), SkyKeyword("CD2_1", cd21), SkyKeyword("CD2_2", cd22),
    ]
    if order > 1 {
      var (a, b): ([SkyKeyword], [SkyKeyword]) = ([], [])
      for (k, power) in Self.exponents(order: order).enumerated() where power.u + power.v >= 2 {
        var size = 1.0
        for _ in 0..<(power.u + power.v) { size *= unit }
        let (dx, dy) = (x[k] / size, y[k] / size)
        a.append(SkyKeyword("A_\(power.u)_\(power.v)", (cd22 * dx - cd12 * dy) / determinant))
        b.append(SkyKeyword("B_\(power.u)_\(power.v)", (cd11 * dy - cd21 * dx) / determinant))
      }
      keywords += [SkyKeyword("A_ORDER", Double(order))] + a + [SkyKeyword("B_ORDER", Double(order))] + b
    }
    return SkyProjection(keywords)
  }
}
