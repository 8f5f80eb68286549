/// The ring between two ellipses with one centre, one angle and one ratio of axes.
public struct EllipticalAnnulus: Aperture {
  /// Semi-axis of the hole along `outer.angle`, px.
  public let inner: Double
  public let outer: EllipticalAperture

  public init(inner: Double, outer: EllipticalAperture) {
    precondition(inner >= 0 && outer.a > inner, "an elliptical annulus needs 0 <= inner < a")
    self.inner = inner
    self.outer = outer
  }

  /// Of the hole's lengths to those of the outer ellipse.
  private var ratio: Double { inner / outer.a }

  public var area: Double { outer.area * (1 - ratio * ratio) }

  public var radius: Double { outer.radius }

  public var reach: Double { outer.reach }

  public var moments: ApertureMoments {
    let (whole, factor) = (outer.moments, 1 + ratio * ratio)
    return ApertureMoments(xx: factor * whole.xx, xy: factor * whole.xy, yy: factor * whole.yy)
  }

  public func scaled(by factor: Double) -> EllipticalAnnulus {
    EllipticalAnnulus(inner: inner * factor, outer: outer.scaled(by: factor))
  }

  public func turned(by angle: Double, mirrored: Bool) -> EllipticalAnnulus {
    EllipticalAnnulus(inner: inner, outer: outer.turned(by: angle, mirrored: mirrored))
  }

  public func weights(centeredAt centre: PixelPoint) -> PixelWeights {
    let overlap = EllipseOverlap(outer)
    guard inner > 0 else { return outer.weights(centeredAt: centre) }
    let hole = EllipseOverlap(outer.scaled(by: ratio))
    return PixelWeights(around: centre, reach: reach + 0.5) {
      max(0, overlap.fraction(dx: $0, dy: $1) - hole.fraction(dx: $0, dy: $1))
    }
  }
}
