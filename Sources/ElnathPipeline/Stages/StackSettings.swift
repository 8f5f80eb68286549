import ElnathCore

/// Table [stack] of the project file.
public struct StackSettings: Codable, Sendable, Equatable {
  /// `true`, `false` or `"auto"`: whether a run makes a stack.
  public enum Make: Codable, Sendable, Equatable {
    case always, never, automatic

    /// Below this a stack shows no more than its frames, and nothing tells which of two values is wrong.
    static let leastFrames = 3

    /// - Parameter frames: how many could enter it.
    func applies(to frames: Int) -> Bool {
      switch self {
      case .always: frames > 0
      case .never: false
      case .automatic: frames >= Self.leastFrames
      }
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let isMade = try? container.decode(Bool.self) {
        self = isMade ? .always : .never
        return
      }
      guard (try? container.decode(String.self)) == "auto" else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected true, false or \"auto\"")
      }
      self = .automatic
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .always: try container.encode(true)
      case .never: try container.encode(false)
      case .automatic: try container.encode("auto")
      }
    }
  }

  /// Whether a run stacks its frames and finds its stars, their places and their neighbours on the stack. auto: where at
  /// least three frames of the reference's filter pass the check below; else the stars are those of the single frames.
  public var make = Make.automatic
  /// `run`, `cycle`, `night` or a number of frames: which frames of a filter make one stack. All of a run are stacked in
  /// any case, as the detection image; the others come beside it.
  public var by = StackGrouping.run
  /// `none`, `sigma`, `winsorised`, `mad` or `noise`. By the noise model with its term for seeing, since the light frames
  /// of a night differ in seeing and the scatter of few values tells little.
  public var reject = StackRule.Rejection.noise
  /// `median`, `mean` or `weighted`: the mean by the noise of the frames is the least noisy.
  public var combine = StackRule.Combination.weighted
  /// Standard deviations below and above the median beyond which a value is left out: at 4 one good value in 16,000.
  public var low = 4.0
  public var high = 4.0
  /// How pixels are interpolated. bilinear: no rings around what the masks have missed; lanczos3: sharper; area: keeps the
  /// light of a star whatever scale and rotation.
  public var kernel = ResamplingKernel.bilinear
  /// Frames with less of the light of the clear ones stay out: they add noise, and clouds are not flat.
  public var minimumTransparency = 0.5
  /// Frames whose stars are so many times as wide as those of the median frame stay out.
  public var maximumWidening = 1.5
  /// Frames whose stars are so many times as elongated as those of the median frame stay out: guiding that failed.
  public var maximumStretching = 1.4

  enum CodingKeys: String, CodingKey {
    case make, by, reject, combine, low, high, kernel
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
