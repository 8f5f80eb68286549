import ElnathCore

/// `align`: finds the stars of each frame on its own, then registers the whole series to its best frame.
public struct AlignStage: Stage {
  public static let name = "align"
  public let settings: AlignSettings
  private let detection: SourceDetection
  private let reference: Int?

  /// - Parameter reference: number of the frame that `settings.reference` names; nil to choose by quality.
  public init(_ settings: AlignSettings, reference: Int? = nil) throws(PipelineError) {
    self.settings = settings
    self.reference = reference
    detection = try settings.detection()
  }

  /// The sources of one frame, all that alignment needs of it.
  public func detect(_ frame: Frame) -> FrameSources { detection(frame) }

  /// The same of a frame that is not reduced yet.
  public func detect(_ frame: FrameReduction) -> FrameSources { detection(frame) }

  /// The same of bare pixels.
  func detect(_ image: MaskedImage, of observation: Observation) -> FrameSources { detection(image, of: observation) }

  /// A frame that cannot be registered is rejected in its row; the series fails only where no frame can serve as
  /// reference.
  public func callAsFunction(_ series: [SeriesFrame]) throws(StageError) -> Alignment {
    try alignment(registered(series))
  }

  /// The rungs that need the sources alone; frames that none of them registers may be looked at on their pixels.
  func registered(_ series: [SeriesFrame]) throws(StageError) -> RegisteredSeries {
    let stage = SeriesAlignment(transform: settings.transform)
    if let registered = stage.registered(series, reference: reference) { return registered }
    throw withoutReference
  }

  func alignment(_ registered: RegisteredSeries) throws(StageError) -> Alignment {
    guard registered.isProven else { throw withoutReference }
    return registered.alignment()
  }

  private var withoutReference: StageError {
    guard let reference else {
      return StageError(.notRegistered, "no frame of the series has enough stars to serve as the reference")
    }
    return StageError(.notRegistered, "frame \(reference), the wanted reference, has no stars")
  }
}
