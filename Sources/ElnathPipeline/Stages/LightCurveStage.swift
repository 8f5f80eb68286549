import ElnathCore

/// Turns the judged photometry into the light curves of the targets.
public struct LightCurveStage: Stage {
  public static let name = "lightcurve"
  public let settings: LightCurveSettings
  private let builder: LightCurveBuilder
  private let context: LightCurveContext

  /// - Parameter context: what the photometry does not say: saturation, scale, size of the frames, times.
  public init(_ settings: LightCurveSettings, context: LightCurveContext) throws(PipelineError) {
    self.settings = settings
    builder = try settings.builder()
    self.context = context
  }

  public func callAsFunction(_ table: PhotometryTable) throws(StageError) -> LightCurves {
    builder(table, context: context)
  }
}
