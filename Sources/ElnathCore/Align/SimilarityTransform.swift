#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A shift, a rotation, one scale and, where `mirrored`, a flip of x: it maps places of the reference frame to places
/// of another frame.
///
/// (x, y) -> (a u - b v + tx, b u + a v + ty), with u = -x where mirrored, else x, and v = y.
public struct SimilarityTransform: Sendable, Equatable {
  public var a: Double
  public var b: Double
  public var tx: Double
  public var ty: Double
  public var mirrored: Bool

  public init(a: Double, b: Double, tx: Double, ty: Double, mirrored: Bool = false) {
    self.a = a
    self.b = b
    self.tx = tx
    self.ty = ty
    self.mirrored = mirrored
  }

  public static let identity = SimilarityTransform(a: 1, b: 0, tx: 0, ty: 0)

  public func callAsFunction(_ p: PixelPoint) -> PixelPoint {
    let u = mirrored ? -p.x : p.x
    return PixelPoint(x: a * u - b * p.y + tx, y: b * u + a * p.y + ty)
  }

  public var scale: Double { (a * a + b * b).squareRoot() }

  /// The place that this transform maps to `p`.
  public func inverse(_ p: PixelPoint) -> PixelPoint {
    let norm = a * a + b * b
    let x = p.x - tx
    let y = p.y - ty
    let u = (a * x + b * y) / norm
    return PixelPoint(x: mirrored ? -u : u, y: (a * y - b * x) / norm)
  }

  /// Counter-clockwise rotation in radians, in (-pi, pi]; for a mirrored transform that which follows the flip of x.
  public var rotation: Double { atan2(b, a) }

  /// The transform that undoes this one.
  public var inverted: SimilarityTransform {
    let norm = a * a + b * b
    var result = SimilarityTransform(a: a / norm, b: (mirrored ? b : -b) / norm, tx: 0, ty: 0, mirrored: mirrored)
    let origin = result(PixelPoint(x: tx, y: ty))
    result.tx = -origin.x
    result.ty = -origin.y
    return result
  }

  /// First `first`, then this transform.
  public func after(_ first: SimilarityTransform) -> SimilarityTransform {
    let turned = mirrored ? -first.b : first.b
    let origin = self(PixelPoint(x: first.tx, y: first.ty))
    return SimilarityTransform(
      a: a * first.a - b * turned, b: a * turned + b * first.a, tx: origin.x, ty: origin.y,
      mirrored: mirrored != first.mirrored)
  }

  /// The similarity that takes `from` to `to` with the least weighted squares of the distances, in closed form.
  /// Nil for fewer than two distinct places or without weight.
  public static func fit(
    from: [PixelPoint], to: [PixelPoint], weights: [Double], mirrored: Bool
  ) -> SimilarityTransform? {
    precondition(from.count == to.count && from.count == weights.count, "each pair has one weight")
    var (sum, u0, v0, x0, y0) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for i in from.indices {
      let w = weights[i]
      sum += w
      u0 += w * (mirrored ? -from[i].x : from[i].x)
      v0 += w * from[i].y
      x0 += w * to[i].x
      y0 += w * to[i].y
    }
    guard sum > 0 else { return nil }
    (u0, v0, x0, y0) = (u0 / sum, v0 / sum, x0 / sum, y0 / sum)
    var (spread, along, across) = (0.0, 0.0, 0.0)
    for i in from.indices {
      let w = weights[i]
      let u = (mirrored ? -from[i].x : from[i].x) - u0
      let v = from[i].y - v0
      let x = to[i].x - x0
      let y = to[i].y - y0
      spread += w * (u * u + v * v)
      along += w * (u * x + v * y)
      across += w * (u * y - v * x)
    }
    guard spread > 0 else { return nil }
    let a = along / spread
    let b = across / spread
    return SimilarityTransform(a: a, b: b, tx: x0 - a * u0 + b * v0, ty: y0 - b * u0 - a * v0, mirrored: mirrored)
  }

  /// How far this transform moves the corners of a frame from where `other` puts them: the largest distance, px.
  public func departure(from other: SimilarityTransform, width: Int, height: Int) -> Double {
    var largest = 0.0
    for x in [0, Double(width - 1)] {
      for y in [0, Double(height - 1)] {
        let corner = PixelPoint(x: x, y: y)
        largest = max(largest, self(corner).distance(to: other(corner)))
      }
    }
    return largest
  }
}
