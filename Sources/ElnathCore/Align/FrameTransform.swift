/// Maps places of the reference frame to places of another frame: a similarity, or a polynomial where the stars asked
/// for one.
public struct FrameTransform: Sendable, Equatable {
  /// From the least freedom to the most.
  public enum Kind: String, Sendable, CaseIterable {
    case similarity, affine, quadratic, cubic
  }

  /// The transform itself, or the similarity nearest to it around the middle of the frame.
  public let similarity: SimilarityTransform
  /// Nil for a similarity.
  public let polynomial: PlanePolynomial?

  public init(_ similarity: SimilarityTransform) {
    self.similarity = similarity
    polynomial = nil
  }

  public init(_ polynomial: PlanePolynomial) {
    similarity = polynomial.similarity
    self.polynomial = polynomial
  }

  public static let identity = FrameTransform(.identity)

  public var kind: Kind {
    switch polynomial?.order {
    case nil: .similarity
    case 1: .affine
    case 2: .quadratic
    default: .cubic
    }
  }

  public func callAsFunction(_ p: PixelPoint) -> PixelPoint {
    if let polynomial { return polynomial(p) }
    return similarity(p)
  }

  public var scale: Double { similarity.scale }
  /// Counter-clockwise rotation in radians, in (-pi, pi]; for a mirrored transform that which follows the flip of x.
  public var rotation: Double { similarity.rotation }
  public var mirrored: Bool { similarity.mirrored }

  /// The place that this transform maps to `p`. Of a polynomial by Newton's method from that of the similarity, which
  /// settles at once, since frames are bent by pixels and not by their size.
  public func inverse(_ p: PixelPoint) -> PixelPoint {
    var place = similarity.inverse(p)
    guard let polynomial else { return place }
    for _ in 0..<20 {
      let there = polynomial(place)
      let (dx, dy) = (p.x - there.x, p.y - there.y)
      let slope = polynomial.slopes(at: place)
      let determinant = slope.xu * slope.yv - slope.xv * slope.yu
      guard determinant != 0 else { return place }
      let step = PixelPoint(
        x: (slope.yv * dx - slope.xv * dy) / determinant, y: (slope.xu * dy - slope.yu * dx) / determinant)
      place.x += step.x
      place.y += step.y
      if abs(step.x) < 1e-11 * (1 + abs(place.x)), abs(step.y) < 1e-11 * (1 + abs(place.y)) { break }
    }
    return place
  }

  /// The places of one row of the reference frame.
  public func along(row y: Double) -> RowPlaces {
    if let polynomial { return polynomial.along(row: y) }
    let start = similarity(PixelPoint(x: 0, y: y))
    let next = similarity(PixelPoint(x: 1, y: y))
    return RowPlaces(
      origin: 0, x: SIMD4(start.x, next.x - start.x, 0, 0), y: SIMD4(start.y, next.y - start.y, 0, 0))
  }

  /// The numbers that make the transform, besides `mirrored` of a similarity: a, b, tx, ty; of a polynomial its centre,
  /// the coefficients of x, then those of y.
  public var numbers: [Double] {
    if let polynomial { return [polynomial.centre.x, polynomial.centre.y] + polynomial.x + polynomial.y }
    return [similarity.a, similarity.b, similarity.tx, similarity.ty]
  }

  /// From `numbers`; nil where they are not 4, 8, 14 or 22.
  public init?(numbers: [Double], mirrored: Bool) {
    if numbers.count == 4 {
      self.init(
        SimilarityTransform(a: numbers[0], b: numbers[1], tx: numbers[2], ty: numbers[3], mirrored: mirrored))
      return
    }
    guard numbers.count >= 8, numbers.count % 2 == 0 else { return nil }
    let terms = (numbers.count - 2) / 2
    guard
      let polynomial = PlanePolynomial(
        centre: PixelPoint(x: numbers[0], y: numbers[1]), x: Array(numbers[2..<(2 + terms)]),
        y: Array(numbers[(2 + terms)...]))
    else { return nil }
    self.init(polynomial)
  }

  /// How far this transform moves the corners, the edges and the middle of a frame from where `other` puts them: the
  /// largest distance, px.
  public func departure(from other: FrameTransform, width: Int, height: Int) -> Double {
    var largest = 0.0
    for x in [0, Double(width - 1) / 2, Double(width - 1)] {
      for y in [0, Double(height - 1) / 2, Double(height - 1)] {
        let place = PixelPoint(x: x, y: y)
        largest = max(largest, self(place).distance(to: other(place)))
      }
    }
    return largest
  }

  @_disfavoredOverload
  public func departure(from other: SimilarityTransform, width: Int, height: Int) -> Double {
    departure(from: FrameTransform(other), width: width, height: height)
  }
}

/// How much freedom the transforms of a series may have.
public enum TransformChoice: String, Codable, Sendable, CaseIterable {
  /// A similarity, unless the residuals ask for more and the stars allow it.
  case auto
  case similarity, affine, quadratic, cubic

  /// Kinds beyond a similarity that may be tried, from the least freedom to the most.
  var candidates: [FrameTransform.Kind] {
    switch self {
    case .auto: [.affine, .quadratic, .cubic]
    case .similarity: []
    case .affine: [.affine]
    case .quadratic: [.quadratic]
    case .cubic: [.cubic]
    }
  }
}
