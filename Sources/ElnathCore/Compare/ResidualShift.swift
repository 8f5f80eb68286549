/// By how much an image still lies beside another one that should lie on it: least squares over all pixels,
/// d(x) = delta . grad a(x) + level, for the difference d = a - b (Lucas & Kanade 1981, IJCAI 2, 674).
///
/// The gradient that weighs the differences is that of a smoothed image, which the noise of single pixels does not reach;
/// so the answer is not drawn towards zero where stars are few, and it is exactly zero where the images are equal. One
/// step leaves some per cent of the shift: it is taken again after moving the image.
struct ResidualShift {
  /// px: b(x + delta) fits a(x).
  var dx: Double
  var dy: Double
  /// Standard errors, px, where the errors of the pixels hold and those of the two images are independent.
  var errorX: Double
  var errorY: Double

  /// Differences count in full up to this many times their error.
  private static let robustness = 3.0

  /// - Parameter usable: pixels of `a` whose neighbours two pixels off can be trusted.
  /// - Returns: nil where the image has no structure to tell a shift from.
  static func find(_ a: MaskedImage, usable: [Bool], against b: MovedFrame) -> ResidualShift? {
    let (width, height) = (a.width, a.height)
    guard width > 4, height > 4 else { return nil }
    var sums = Sums()
    var smooth = [Float](repeating: 0, count: width)
    var slope = smooth
    a.withPlanes { planes in
      usable.withUnsafeBufferPointer { usable in
        b.image.withUnsafeBufferPointer { moved in
          b.variance.withUnsafeBufferPointer { movedVariance in
            smooth.withUnsafeMutableBufferPointer { smooth in
              slope.withUnsafeMutableBufferPointer { slope in
                for y in 2..<(height - 2) {
                  let row = planes.image.baseAddress! + y * width
                  for x in 0..<width {
                    let (low, under) = (row[x - 2 * width], row[x - width])
                    let (over, high) = (row[x + width], row[x + 2 * width])
                    smooth[x] = (low + high + 4 * (under + over) + 6 * row[x]) / 16
                    slope[x] = (high - low + 2 * (over - under)) / 8
                  }
                  for x in 2..<(width - 2) where usable[y * width + x] {
                    let i = y * width + x
                    let difference = row[x] - moved[i]
                    guard difference.isFinite else { continue }
                    let weightX = (smooth[x + 2] - smooth[x - 2] + 2 * (smooth[x + 1] - smooth[x - 1])) / 8
                    let weightY = (slope[x - 2] + slope[x + 2] + 4 * (slope[x - 1] + slope[x + 1]) + 6 * slope[x]) / 16
                    let gradientX = (8 * (row[x + 1] - row[x - 1]) - (row[x + 2] - row[x - 2])) / 12
                    let vertical = row[x + width] - row[x - width]
                    let gradientY = (8 * vertical - (row[x + 2 * width] - row[x - 2 * width])) / 12
                    sums.add(
                      Double(difference), variance: Double(planes.variance[i] + movedVariance[i]),
                      weights: (Double(weightX), Double(weightY)), gradient: (Double(gradientX), Double(gradientY)))
                  }
                }
              }
            }
          }
        }
      }
    }
    return sums.solve()
  }

  /// Normal equations of the two shifts and the level.
  private struct Sums {
    /// sum w t g, with t the weighing and g the true gradient, both with 1 for the level.
    private var xx = 0.0, xy = 0.0, yx = 0.0, yy = 0.0, x1 = 0.0, y1 = 0.0, ax = 0.0, ay = 0.0, one = 0.0
    private var dx = 0.0, dy = 0.0, d1 = 0.0
    private var noiseX = 0.0, noiseY = 0.0

    @inline(__always)
    mutating func add(
      _ d: Double, variance: Double, weights t: (x: Double, y: Double), gradient g: (x: Double, y: Double)
    ) {
      // A frame without noise weighs all pixels alike.
      let v = variance > 0 ? variance : 1
      let far = abs(d) > robustness * v.squareRoot() ? robustness * v.squareRoot() / abs(d) : 1
      let w = far / v
      xx += w * t.x * g.x
      xy += w * t.x * g.y
      yx += w * t.y * g.x
      yy += w * t.y * g.y
      x1 += w * t.x
      y1 += w * t.y
      ax += w * g.x
      ay += w * g.y
      one += w
      dx += w * t.x * d
      dy += w * t.y * d
      d1 += w * d
      noiseX += w * w * v * t.x * t.x
      noiseY += w * w * v * t.y * t.y
    }

    func solve() -> ResidualShift? {
      guard one > 0 else { return nil }
      // The level first, then two equations.
      let (a, b) = (xx - x1 * ax / one, xy - x1 * ay / one)
      let (c, e) = (yx - y1 * ax / one, yy - y1 * ay / one)
      let (p, q) = (dx - x1 * d1 / one, dy - y1 * d1 / one)
      let determinant = a * e - b * c
      guard a > 0, e > 0, determinant > 1e-9 * a * e else { return nil }
      return ResidualShift(
        dx: (p * e - b * q) / determinant, dy: (a * q - c * p) / determinant,
        errorX: (e * e * noiseX + b * b * noiseY).squareRoot() / determinant,
        errorY: (c * c * noiseX + a * a * noiseY).squareRoot() / determinant)
    }
  }
}
