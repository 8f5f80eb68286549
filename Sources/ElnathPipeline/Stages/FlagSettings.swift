import ElnathCore

/// Table [flag] of the project file: which frames are doubted, and which are not used.
public struct FlagSettings: Codable, Sendable, Equatable {
  /// Flags that take a frame out of use from their warning limit on; none by default, since a warning is a remark.
  public var exclude: [String] = []
  /// The user's own verdicts: a CSV file with the columns frames, action (exclude or include) and reason.
  public var verdicts: String?
  /// The limits of every rule, as keys of the same table.
  public var limits = FlagLimits()

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case exclude, verdicts
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    exclude = try container.decode([String].self, forKey: .exclude)
    verdicts = try container.decodeIfPresent(String.self, forKey: .verdicts)
    limits = try FlagLimits(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(exclude, forKey: .exclude)
    try container.encodeIfPresent(verdicts, forKey: .verdicts)
    try limits.encode(to: encoder)
  }
}

extension FlagSettings {
  /// The flags of `exclude`; a name that is none is refused, with the nearest that is.
  public func excludedFlags() throws(PipelineError) -> QualityFlags {
    var flags: QualityFlags = []
    for name in exclude {
      guard let flag = QualityFlags(name: name), !flag.isDisjoint(with: .frame) else {
        let known = QualityFlags.definitions.filter { !$0.flag.isDisjoint(with: .frame) }.map(\.name)
        let meant = Spelling.nearest(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
        throw PipelineError(.configuration, "flag.exclude", "no flag of frames is called '\(name)'\(meant)")
      }
      flags.formUnion(flag)
    }
    return flags
  }

  /// The verdicts of the rows of the user's file; rows that cannot be understood are refused, all of them named.
  public func userVerdicts(
    _ rows: [UserVerdicts.Row], frames: [FrameSummary]
  ) throws(PipelineError) -> UserVerdicts {
    let (user, faults) = UserVerdicts.resolve(rows, frames: frames)
    guard faults.isEmpty else {
      throw PipelineError(.configuration, verdicts ?? "flag.verdicts", faults.joined(separator: "; "))
    }
    return user
  }
}
