/// The ring between two circles with one centre.
public struct AnnularAperture: Aperture {
  /// px.
  public let inner: Double
  public let outer: Double

  public init(inner: Double, outer: Double) {
    precondition(inner >= 0 && outer > inner, "an annulus needs 0 <= inner < outer")
    self.inner = inner
    self.outer = outer
  }

  public var area: Double { .pi * (outer * outer - inner * inner) }

  public var radius: Double { outer }

  public var reach: Double { outer }

  public var moments: ApertureMoments { ApertureMoments(round: (outer * outer + inner * inner) / 4) }

  public func scaled(by factor: Double) -> AnnularAperture {
    AnnularAperture(inner: inner * factor, outer: outer * factor)
  }

  public func turned(by angle: Double, mirrored: Bool) -> AnnularAperture { self }

  public func weights(centeredAt centre: PixelPoint) -> PixelWeights {
    PixelWeights(around: centre, reach: outer + 0.5) { dx, dy in
      let hole = inner > 0 ? CircleOverlap.fraction(dx: dx, dy: dy, radius: inner) : 0
      return CircleOverlap.fraction(dx: dx, dy: dy, radius: outer) - hole
    }
  }
}
