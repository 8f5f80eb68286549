/// A circle.
public struct CircularAperture: Aperture {
  /// px.
  public let radius: Double

  public init(radius: Double) {
    precondition(radius > 0, "a circle needs a radius above zero")
    self.radius = radius
  }

  public var area: Double { .pi * radius * radius }

  public var reach: Double { radius }

  public var moments: ApertureMoments { ApertureMoments(round: radius * radius / 4) }

  public func scaled(by factor: Double) -> CircularAperture { CircularAperture(radius: radius * factor) }

  public func turned(by angle: Double, mirrored: Bool) -> CircularAperture { self }

  public func weights(centeredAt centre: PixelPoint) -> PixelWeights {
    PixelWeights(around: centre, reach: radius + 0.5) { CircleOverlap.fraction(dx: $0, dy: $1, radius: radius) }
  }
}
