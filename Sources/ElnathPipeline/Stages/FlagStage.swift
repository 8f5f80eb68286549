import ElnathCore

/// Judges the frames of a measured series and gives every one its status and its reason; measurements whose light is not
/// the star's alone get their flag.
public struct FlagStage: Stage {
  public static let name = "flag"
  public let settings: FlagSettings
  private let context: FlagContext

  /// - Parameters:
  ///   - rows: the user's file of verdicts, as written; empty without one.
  ///   - frames: the frames of the series, to which the rows refer.
  ///   - saturation: electrons in a pixel at which the camera saturates, one for each frame, NaN where not known; empty
  ///     where none is.
  public init(
    _ settings: FlagSettings, rows: [UserVerdicts.Row] = [], frames: [FrameSummary], saturation: [Double] = []
  ) throws(PipelineError) {
    self.settings = settings
    context = FlagContext(
      saturation: saturation, exclude: try settings.excludedFlags(),
      user: try settings.userVerdicts(rows, frames: frames))
  }

  public func callAsFunction(_ table: PhotometryTable) throws(StageError) -> PhotometryTable {
    FrameVerdicts(limits: settings.limits, context: context)(OddProfiles()(table))
  }
}
