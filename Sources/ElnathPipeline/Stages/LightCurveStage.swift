import ElnathCore

/// Turns the judged photometry into the light curves of the targets.
public struct LightCurveStage: Stage {
  public static let name = "lightcurve"
  public let settings: LightCurveSettings
  private let builder: LightCurveBuilder
  private let context: LightCurveContext

  /// - Parameters:
  ///   - context: what the photometry does not say: saturation, scale, size of the frames, times.
  ///   - widths: of the bands of the filters, nm, as the camera profile has them.
  public init(
    _ settings: LightCurveSettings, context: LightCurveContext, widths: [String: Double] = [:]
  ) throws(PipelineError) {
    self.settings = settings
    builder = try settings.builder(profileWidths: widths)
    self.context = context
  }

  public func callAsFunction(_ table: PhotometryTable) throws(StageError) -> LightCurves {
    builder(table, context: context)
  }
}
