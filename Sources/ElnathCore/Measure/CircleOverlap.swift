#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The exact area that a circle and a pixel share.
///
/// The pixel is cut where it crosses the axes through the centre of the circle. In one quadrant the border of the
/// circle falls from left to right, so the shared area is a rectangle, a trapezoid under the chord, and the circular
/// segment between chord and arc. No term is larger than the pixel, so nothing cancels, however large the circle.
enum CircleOverlap {
  /// Fraction of the unit pixel centred `dx`, `dy` from the centre of a circle of radius `r` that lies in the circle:
  /// exactly 1 inside and exactly 0 outside.
  static func fraction(dx: Double, dy: Double, radius r: Double) -> Double {
    // The circle is symmetric: move the pixel into the first quadrant.
    let x = abs(dx)
    let y = abs(dy)
    let r2 = r * r
    let farX = x + 0.5
    let farY = y + 0.5
    if farX * farX + farY * farY <= r2 { return 1 }
    let nearX = max(x - 0.5, 0)
    let nearY = max(y - 0.5, 0)
    if nearX * nearX + nearY * nearY >= r2 { return 0 }
    if x >= 0.5 && y >= 0.5 { return quadrant(x - 0.5, farX, y - 0.5, farY, r) }
    // The pixel crosses an axis: its parts beyond are mirrored back.
    var area = quadrant(nearX, farX, nearY, farY, r)
    let crossesX = x < 0.5
    let crossesY = y < 0.5
    if crossesX { area += quadrant(0, 0.5 - x, nearY, farY, r) }
    if crossesY { area += quadrant(nearX, farX, 0, 0.5 - y, r) }
    if crossesX && crossesY { area += quadrant(0, 0.5 - x, 0, 0.5 - y, r) }
    return min(area, 1)
  }

  /// Shared area of the circle with the rectangle x0...x1, y0...y1 of the first quadrant.
  private static func quadrant(_ x0: Double, _ x1: Double, _ y0: Double, _ y1: Double, _ r: Double) -> Double {
    let r2 = r * r
    if x0 * x0 + y0 * y0 >= r2 { return 0 }
    if x1 * x1 + y1 * y1 <= r2 { return (x1 - x0) * (y1 - y0) }
    // Left and right end of the arc within the rectangle.
    var left = x0
    var leftY = y1
    if x0 * x0 + y1 * y1 < r2 { left = (r2 - y1 * y1).squareRoot() } else { leftY = (r2 - x0 * x0).squareRoot() }
    var right = x1
    var rightY = y0
    if x1 * x1 + y0 * y0 > r2 { right = (r2 - y0 * y0).squareRoot() } else { rightY = (r2 - x1 * x1).squareRoot() }
    let width = right - left
    let drop = leftY - rightY
    let trapezoid = width * (0.5 * (leftY + rightY) - y0)
    return (left - x0) * (y1 - y0) + trapezoid + segment(chord: (width * width + drop * drop).squareRoot(), r)
  }

  /// Area between a chord and its arc: r^2 (asin s - s sqrt(1 - s^2)), s = chord/2r.
  private static func segment(chord: Double, _ r: Double) -> Double {
    let s = min(0.5 * chord / r, 1)
    let s2 = s * s
    if s2 > 0.05 { return r * r * (asin(s) - s * (1 - s2).squareRoot()) }
    // The series of the integral of 2 s^2 / sqrt(1 - s^2): without cancellation; the first term left out is
    // below 1e-13 of the sum.
    let tail =
      s2 * (35.0 / 704 + s2 * (63.0 / 1664 + s2 * (77.0 / 2560 + s2 * (429.0 / 17408 + s2 * (6435.0 / 311296)))))
    return r * r * s * s2 * (2.0 / 3 + s2 * (1.0 / 5 + s2 * (3.0 / 28 + s2 * (5.0 / 72 + tail))))
  }
}
