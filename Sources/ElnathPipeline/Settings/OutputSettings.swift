/// Table [output] of the project file.
public struct OutputSettings: Codable, Sendable, Equatable {
  /// A run ends with status 1 when more than this fraction of the light frames was rejected: half a night lost is no
  /// longer an accident of single frames.
  public var maximumRejected = 0.5

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case maximumRejected = "max_rejected"
  }
}
