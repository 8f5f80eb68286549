#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The exact area that an ellipse and a pixel share.
///
/// The affine map that makes the ellipse the unit circle makes the pixel a parallelogram. The area that it shares with
/// the circle is the sum over its edges, each with its sign, of what the circle shares with the triangle between edge
/// and centre: a triangle where the edge lies inside, a circular sector where it lies outside.
struct EllipseOverlap {
  /// The map: rows of the inverse of (axes of the ellipse).
  private let ux: Double
  private let uy: Double
  private let vx: Double
  private let vy: Double
  /// Area of the ellipse over that of the unit circle.
  private let scale: Double
  /// No corner of a mapped pixel lies farther from its centre.
  private let halfDiagonal: Double

  init(_ ellipse: EllipticalAperture) {
    let (c, s) = (cos(ellipse.angle), sin(ellipse.angle))
    ux = c / ellipse.a
    uy = s / ellipse.a
    vx = -s / ellipse.b
    vy = c / ellipse.b
    scale = ellipse.a * ellipse.b
    let along = (0.5 * (ux + uy), 0.5 * (vx + vy))
    let across = (0.5 * (ux - uy), 0.5 * (vx - vy))
    halfDiagonal = max(
      along.0 * along.0 + along.1 * along.1, across.0 * across.0 + across.1 * across.1
    ).squareRoot()
  }

  private typealias Point = (x: Double, y: Double)

  /// Fraction of the unit pixel centred `dx`, `dy` from the centre of the ellipse that lies in it: exactly 1 inside and
  /// exactly 0 outside.
  func fraction(dx: Double, dy: Double) -> Double {
    let u = ux * dx + uy * dy
    let v = vx * dx + vy * dy
    let far = 1 + halfDiagonal
    let square = u * u + v * v
    if square >= far * far { return 0 }
    let near = 1 - halfDiagonal
    if near > 0 && square <= near * near { return 1 }
    let (p, q) = (corner(u, v, -0.5, -0.5), corner(u, v, 0.5, -0.5))
    let (r, t) = (corner(u, v, 0.5, 0.5), corner(u, v, -0.5, 0.5))
    if Self.holds(p) && Self.holds(q) && Self.holds(r) && Self.holds(t) { return 1 }
    var touches = false
    var area = Self.triangle(p, q, &touches)
    area += Self.triangle(q, r, &touches)
    area += Self.triangle(r, t, &touches)
    area += Self.triangle(t, p, &touches)
    // No edge comes near: the pixel holds the whole ellipse, or none of it.
    if !touches && max(abs(dx), abs(dy)) >= 0.5 { return 0 }
    return min(max(area * scale, 0), 1)
  }

  @inline(__always)
  private static func holds(_ p: Point) -> Bool { p.x * p.x + p.y * p.y <= 1 }

  @inline(__always)
  private func corner(_ u: Double, _ v: Double, _ x: Double, _ y: Double) -> Point {
    (u + ux * x + uy * y, v + vx * x + vy * y)
  }

  /// Area that the unit circle shares with the triangle of its centre, `p` and `q`; negative where they run clockwise.
  private static func triangle(_ p: Point, _ q: Point, _ touches: inout Bool) -> Double {
    let (dx, dy) = (q.x - p.x, q.y - p.y)
    let length = dx * dx + dy * dy
    // Where on p + t (q - p) the circle is crossed.
    let middle = -(p.x * dx + p.y * dy) / length
    let cross = p.x * q.y - p.y * q.x
    let square = 1 / length - cross * cross / (length * length)
    guard square > 0 else { return sector(p, q) }
    let half = square.squareRoot()
    let from = max(middle - half, 0)
    let to = min(middle + half, 1)
    guard from < to else { return sector(p, q) }
    touches = true
    var area = 0.5 * cross * (to - from)
    if from > 0 { area += sector(p, (p.x + from * dx, p.y + from * dy)) }
    if to < 1 { area += sector((p.x + to * dx, p.y + to * dy), q) }
    return area
  }

  /// Of the unit circle, between two directions.
  private static func sector(_ p: Point, _ q: Point) -> Double {
    0.5 * atan2(p.x * q.y - p.y * q.x, p.x * q.x + p.y * q.y)
  }
}
