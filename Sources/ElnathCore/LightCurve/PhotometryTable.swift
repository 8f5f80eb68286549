/// Frames x stars x apertures: the hinge between pixels and series. After it nobody reads pixels.
public struct PhotometryTable: Sendable {
  public var stars: [Star]
  /// One for each light frame, good or bad, in the order of the series.
  public var frames: [FrameSummary]
  /// Only the frames that were measured, in the order of the series.
  public var measurements: [FrameMeasurements]

  public init(stars: [Star], frames: [FrameSummary], measurements: [FrameMeasurements]) {
    self.stars = stars
    self.frames = frames
    self.measurements = measurements
  }

  public func summary(of measurements: FrameMeasurements) -> FrameSummary { frames[measurements.frame - 1] }
}
