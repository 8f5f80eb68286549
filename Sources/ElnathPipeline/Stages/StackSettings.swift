import ElnathCore

/// Table [stack] of the project file.
public struct StackSettings: Codable, Sendable, Equatable {
  /// `none`, `sigma`, `winsorised`, `mad` or `noise`. By the noise model with its term for seeing, since the light frames
  /// of a night differ in seeing and the scatter of few values tells little.
  public var reject = StackRule.Rejection.noise
  /// `median`, `mean` or `weighted`: the mean by the noise of the frames is the least noisy.
  public var combine = StackRule.Combination.weighted
  /// Standard deviations below and above the median beyond which a value is left out: at 4 one good value in 16,000.
  public var low = 4.0
  public var high = 4.0
  /// `bilinear` or `lanczos3`: no rings around what the masks have missed.
  public var kernel = ResamplingKernel.bilinear
  /// Frames with less of the light of the clear ones stay out: they add noise, and clouds are not flat.
  public var minimumTransparency = 0.5
  /// Frames whose stars are so many times as wide as those of the median frame stay out.
  public var maximumWidening = 1.5
  /// The same of the elongation: guiding that failed.
  public var maximumStretching = 1.4

  enum CodingKeys: String, CodingKey {
    case reject, combine, low, high, kernel
    case minimumTransparency = "min_transparency"
    case maximumWidening = "max_widening"
    case maximumStretching = "max_stretching"
  }

  public init() {}

  /// What bare frames are stacked with where nothing else is said: nothing is known of their noise.
  public static var bare: StackSettings {
    var settings = StackSettings()
    settings.reject = .sigma
    settings.combine = .median
    settings.low = 3
    settings.high = 3
    return settings
  }

  /// The rule that these settings ask for; what makes no sense is refused.
  public func rule() throws(PipelineError) -> StackRule {
    for (key, limit) in [("low", low), ("high", high)] where !(1...1000).contains(limit) {
      throw PipelineError(
        .configuration, "stack.\(key)", "\(limit) is out of range; give 1 to 1000 standard deviations, 3 to 5 is usual")
    }
    return StackRule(reject, combine, low: low, high: high)
  }
}
