#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An ellipse.
public struct EllipticalAperture: Aperture {
  /// Semi-axes, px; `a` lies along `angle`, and need not be the longer one.
  public let a: Double
  public let b: Double
  /// Of the axis `a`, counter-clockwise from +x, radians.
  public let angle: Double

  public init(a: Double, b: Double, angle: Double) {
    precondition(a > 0 && b > 0 && angle.isFinite, "an ellipse needs two semi-axes above zero and an angle")
    self.a = a
    self.b = b
    self.angle = angle
  }

  public var area: Double { .pi * a * b }

  public var radius: Double { (a * b).squareRoot() }

  public var reach: Double { max(a, b) }

  public var moments: ApertureMoments {
    let (c, s) = (cos(angle), sin(angle))
    let (u, v) = (a * a / 4, b * b / 4)
    return ApertureMoments(xx: u * c * c + v * s * s, xy: (u - v) * c * s, yy: u * s * s + v * c * c)
  }

  public func scaled(by factor: Double) -> EllipticalAperture {
    EllipticalAperture(a: a * factor, b: b * factor, angle: angle)
  }

  public func turned(by angle: Double, mirrored: Bool) -> EllipticalAperture {
    EllipticalAperture(a: a, b: b, angle: (mirrored ? -self.angle : self.angle) + angle)
  }

  public func weights(centeredAt centre: PixelPoint) -> PixelWeights {
    let overlap = EllipseOverlap(self)
    return PixelWeights(around: centre, reach: reach + 0.5) { overlap.fraction(dx: $0, dy: $1) }
  }
}
