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

  /// The same of a pixel of the first quadrant that the border cuts, from where it crosses the lines through the pixel's
  /// sides: neighbouring pixels share these, so that a row of them costs hardly a root.
  ///
  /// - Parameters:
  ///   - x0, y0: near corner of the pixel, not below 0.
  ///   - heights: y of the border at the near and the far side in x; 0 where it does not come so far.
  ///   - widths: x of the border at the near and the far side in y.
  ///   - square: r^2.
  ///   - share: 1/(4 r^2).
  @inline(__always)
  static func cut(
    _ x0: Double, _ y0: Double, heights: (near: Double, far: Double), widths: (near: Double, far: Double),
    square: Double, share: Double
  ) -> Double {
    area(
      x0, y0, y0 + 1, left: max(x0, widths.far), leftY: min(y0 + 1, heights.near), right: min(x0 + 1, widths.near),
      rightY: max(y0, heights.far), square, share)
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
    return area(x0, y0, y1, left: left, leftY: leftY, right: right, rightY: rightY, r2, 0.25 / r2)
  }

  /// The rectangle left of the arc, the trapezoid under its chord, and the segment between them.
  @inline(__always)
  private static func area(
    _ x0: Double, _ y0: Double, _ y1: Double, left: Double, leftY: Double, right: Double, rightY: Double,
    _ square: Double, _ share: Double
  ) -> Double {
    let width = right - left
    let drop = leftY - rightY
    let trapezoid = width * (0.5 * (leftY + rightY) - y0)
    return (left - x0) * (y1 - y0) + trapezoid + segment((width * width + drop * drop) * share, square)
  }

  /// Area between a chord and its arc: r^2 (asin s - s sqrt(1 - s^2)), s = chord/2r. `s2`: s^2.
  @inline(__always)
  private static func segment(_ s2: Double, _ square: Double) -> Double {
    if s2 > 0.05 { return wideSegment(min(s2, 1), square) }
    // The series of the integral of 2 s^2 / sqrt(1 - s^2): without cancellation; the first term left out is
    // below 1e-13 of the sum. Summed in pairs (Estrin's scheme): a processor adds them side by side.
    let s4 = s2 * s2
    let s8 = s4 * s4
    let low = (2.0 / 3 + s2 * (1.0 / 5)) + s4 * (3.0 / 28 + s2 * (5.0 / 72))
    let middle = (35.0 / 704 + s2 * (63.0 / 1664)) + s4 * (77.0 / 2560 + s2 * (429.0 / 17408))
    let sum = low + s8 * (middle + s8 * (6435.0 / 311296))
    return square * s2.squareRoot() * s2 * sum
  }

  private static func wideSegment(_ s2: Double, _ square: Double) -> Double {
    let s = s2.squareRoot()
    return square * (asin(s) - s * (1 - s2).squareRoot())
  }
}
