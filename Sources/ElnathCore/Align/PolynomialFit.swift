#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a polynomial adds to a similarity, by weighted least squares over matched stars: of all orders at once, since
/// the normal matrix of a lower order is the beginning of that of a higher one.
struct PolynomialFit {
  let similarity: SimilarityTransform
  private let centre: PixelPoint
  private let unit: Double
  private var x: NormalEquations
  private var y: NormalEquations
  private var terms: [Double]
  /// Weighted sum of the squared residuals of the similarity, and the number of stars.
  private(set) var squares = 0.0
  private(set) var stars = 0

  /// - Parameters:
  ///   - terms: of the highest order that will be asked for: 3, 6 or 10.
  ///   - low, high: corners of the reference frame.
  init(about similarity: SimilarityTransform, terms: Int, low: PixelPoint, high: PixelPoint) {
    self.similarity = similarity
    centre = PixelPoint(x: (low.x + high.x) / 2, y: (low.y + high.y) / 2)
    unit = max(high.x - low.x, high.y - low.y, 2) / 2
    x = NormalEquations(unknowns: terms)
    y = x
    self.terms = [Double](repeating: 0, count: terms)
  }

  mutating func add(from: PixelPoint, to: PixelPoint, weight: Double) {
    let place = similarity(from)
    let (dx, dy) = (to.x - place.x, to.y - place.y)
    PlanePolynomial.fill(&terms, (from.x - centre.x) / unit, (from.y - centre.y) / unit, count: terms.count)
    x.add(row: terms, value: dx, weight: weight)
    y.add(row: terms, value: dy, weight: weight)
    squares += weight * (dx * dx + dy * dy)
    stars += 1
  }

  /// A polynomial that fits, and what it leaves.
  struct Solution {
    var kind: FrameTransform.Kind
    /// What it adds to the similarity, and both together.
    var correction: PlanePolynomial
    var transform: FrameTransform
    var squares: Double
    var errors: TransformErrors
  }

  /// Nil where the stars do not determine it.
  func solution(_ kind: FrameTransform.Kind) -> Solution? {
    guard let count = kind.terms, count <= terms.count else { return nil }
    let (own, other) = (x.leading(count), y.leading(count))
    guard let alongX = own.solve(), let alongY = other.solve(), let covariance = own.covariance() else { return nil }
    let degrees = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3]
    func inPixels(_ c: [Double]) -> [Double] { c.indices.map { c[$0] / pow(unit, Double(degrees[$0])) } }
    let (cx, cy) = (inPixels(alongX), inPixels(alongY))
    let origin = similarity(centre)
    let sign = similarity.mirrored ? -1.0 : 1.0
    var (wholeX, wholeY) = (cx, cy)
    wholeX[0] += origin.x
    wholeX[1] += sign * similarity.a
    wholeX[2] -= similarity.b
    wholeY[0] += origin.y
    wholeY[1] += sign * similarity.b
    wholeY[2] += similarity.a
    guard let correction = PlanePolynomial(centre: centre, x: cx, y: cy),
      let whole = PlanePolynomial(centre: centre, x: wholeX, y: wholeY)
    else { return nil }
    return Solution(
      kind: kind, correction: correction, transform: FrameTransform(whole),
      squares: max(0, squares - own.explained(by: alongX) - other.explained(by: alongY)),
      errors: TransformErrors(centre: centre, unit: unit, covariance: covariance))
  }

  /// So many standard deviations is the improvement of a model by more terms beyond what chance would bring: the F test,
  /// made normal by the approximation of Paulson (1942, Ann. Math. Stat. 13, 233).
  static func significance(squares: Double, less: Double, terms: Int, freedom: Int) -> Double {
    guard terms > 0, freedom > 3, squares > less else { return 0 }
    guard less > 0 else { return .infinity }
    let (a, b) = (2 / (9 * Double(terms)), 2 / (9 * Double(freedom)))
    let root = cbrt((squares - less) / Double(terms) / (less / Double(freedom)))
    return ((1 - b) * root - (1 - a)) / (b * root * root + a).squareRoot()
  }
}

extension FrameTransform.Kind {
  /// Terms of its polynomial along one axis; nil for a similarity.
  var terms: Int? {
    switch self {
    case .similarity: nil
    case .affine: 3
    case .quadratic: 6
    case .cubic: 10
    }
  }

  /// Free numbers of the transform.
  var freedom: Int { terms.map { 2 * $0 } ?? 4 }

  /// Stars from which on it may be asked for: five for each term, so that the worst of them cannot bend it alone.
  var leastStars: Int { 5 * (terms ?? 0) }
}
