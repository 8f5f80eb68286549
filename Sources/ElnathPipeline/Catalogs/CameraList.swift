/// The known cameras as a table for people.
public struct CameraList: Sendable {
  public let lines: [String]
  /// An array with a table for each camera: what the lines say.
  public let tree: SettingsTree

  public init(_ profiles: [CameraProfile]) {
    let rows =
      [["camera", "gain e-/ADU", "read noise e-", "saturation ADU", "what it is"]]
      + profiles.map { profile in
        [
          profile.name, Self.text(profile.gain), Self.text(profile.readNoise), Self.text(profile.saturation),
          profile.title,
        ]
      }
    tree = .array(
      profiles.map { profile in
        .keyed([
          ("name", .text(profile.name)), ("title", .text(profile.title)), ("gain", Self.tree(profile.gain)),
          ("read_noise", Self.tree(profile.readNoise)), ("saturation", Self.tree(profile.saturation)),
        ])
      })
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    lines = rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .withoutOuterBlanks
    }
  }

  private static func tree(_ value: CameraValue) -> SettingsTree {
    .keyed([
      ("value", value.value.map { .real($0) } ?? .absent), ("estimated", .boolean(value.estimated)),
      ("keywords", .array(value.keywords.map { .text($0) })),
    ])
  }

  /// The value of the profile, else the keywords that give it.
  private static func text(_ value: CameraValue) -> String {
    if let number = value.value { return "\(number)" + (value.estimated ? " (estimated)" : "") }
    return value.keywords.isEmpty ? "unknown" : value.keywords.joined(separator: " or ")
  }
}
