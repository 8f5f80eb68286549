/// What one star is measured with in place of the rule for all.
public struct StarPhotometry: Sendable, Equatable {
  /// Its own aperture, px. All stars are measured in it too, so that its comparison stars lose the same light.
  public var aperture: PlannedAperture?
  public var annulus: AnnularAperture?
  public var centroid: MeasurementPlan.Choices.Centroid?
  /// What of the annulus is left out, such as where a jet lies.
  public var excludedSectors: [SkySector] = []

  public init() {}
}

/// A sector of the sky around a star, counter-clockwise from one direction to another on the reference frame.
public struct SkySector: Sendable, Equatable {
  /// Counter-clockwise from +x, radians.
  public var from: Double
  /// Counter-clockwise from `from`, radians, at most a full turn.
  public var width: Double

  public init(from: Double, width: Double) {
    self.from = from
    self.width = width
  }

  /// Position angles in degrees, north over east, from `from` on to `to`, over 360 where that is smaller. Where nothing is
  /// known of the sky north is +y and east is -x.
  public init(positionAngles from: Double, to: Double, orientation: SkyOrientation? = nil) {
    let turn = (to.remainder(dividingBy: 360) - from.remainder(dividingBy: 360)).remainder(dividingBy: 360)
    let width = (turn < 0 ? turn + 360 : turn) * .pi / 180
    let yAxis = orientation?.angle ?? 0
    // In a mirror position angles grow clockwise.
    let first = (orientation?.mirrored ?? false) ? yAxis - from * .pi / 180 - width : from * .pi / 180 - yAxis
    self.init(from: first + .pi / 2, width: width)
  }
}
