#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The image of a star through air and optics: a Moffat (1969, A&A 3, 455) profile with beta = 3, drawn out along one
/// axis, whose integral over the plane is the star's flux.
public struct PointSpread: Sendable, Equatable {
  /// Full width at half maximum of the round profile of the same area, pixels.
  public var fwhm: Double
  /// Ratio of the axes, >= 1.
  public var elongation: Double
  /// Of the long axis, radians counter-clockwise from x.
  public var angle: Double

  public init(fwhm: Double, elongation: Double = 1, angle: Double = 0) {
    precondition(fwhm > 0 && elongation >= 1, "a profile has a width")
    self.fwhm = fwhm
    self.elongation = elongation
    self.angle = angle
  }

  /// The scale radius of the round profile, pixels: FWHM = 2 alpha sqrt(2^(1/3) - 1).
  public var alpha: Double { fwhm / 1.0196490570679173 }

  /// The share of the flux inside a circle of `radius` pixels, for the round profile and before pixels blur it.
  public func enclosed(radius: Double) -> Double {
    let q = 1 + radius * radius / (alpha * alpha)
    return 1 - 1 / (q * q)
  }

  /// Adds a star of `flux` centred at `place` to `image`, integrated over each pixel (three-point Gauss-Legendre in
  /// x and y), out to where a pixel would get less than 0.01.
  func deposit(flux: Double, at place: PixelPoint, into image: inout PixelGrid<Float>) {
    guard flux > 0 else { return }
    let a2 = alpha * alpha
    let peak = 2 * flux / (.pi * a2)
    let stretch = elongation.squareRoot()
    let reach = alpha * stretch * max(2, pow(peak / 0.01, 1.0 / 6))
    let (left, right) = (Int((place.x - reach).rounded()), Int((place.x + reach).rounded()))
    let (bottom, top) = (Int((place.y - reach).rounded()), Int((place.y + reach).rounded()))
    guard left < image.width, right >= 0, bottom < image.height, top >= 0 else { return }
    let columns = max(0, left)..<min(image.width, right + 1)
    let rows = max(0, bottom)..<min(image.height, top + 1)

    // q = 1 + xx dx^2 + 2 xy dx dy + yy dy^2
    let (c, s) = (cos(angle), sin(angle))
    let (along, across) = (1 / (a2 * elongation), elongation / a2)
    let xx = Float(c * c * along + s * s * across)
    let yy = s * s * along + c * c * across
    let xy = c * s * (along - across)
    let width = image.width
    let first = Double(columns.lowerBound) - place.x
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      for row in rows {
        let start = row * width + columns.lowerBound
        let line = UnsafeMutableBufferPointer(rebasing: pixels[start..<start + columns.count])
        for (nodeY, weightY) in Self.nodes {
          let dy = Double(row) - place.y + nodeY
          let constant = Float(1 + yy * dy * dy)
          let linear = Float(2 * xy * dy)
          for (nodeX, weightX) in Self.nodes {
            let weight = Float(peak * weightX * weightY)
            let from = Float(first + nodeX)
            for i in 0..<line.count {
              let dx = from + Float(i)
              let q = constant + dx * (linear + xx * dx)
              line[i] += weight / (q * q * q)
            }
          }
        }
      }
    }
  }

  /// Places and weights of the Gauss-Legendre rule on a pixel of width 1.
  private static let nodes: [(Double, Double)] = [
    (-0.3872983346207417, 5.0 / 18), (0, 8.0 / 18), (0.3872983346207417, 5.0 / 18),
  ]
}
