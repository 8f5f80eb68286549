/// The known cameras as a table for people.
public struct CameraList: Sendable {
  public let lines: [String]

  public init(_ profiles: [CameraProfile]) {
    let rows =
      [["camera", "gain e-/ADU", "read noise e-", "saturation ADU", "what it is"]]
      + profiles.map { profile in
        [
          profile.name, Self.text(profile.gain), Self.text(profile.readNoise), Self.text(profile.saturation),
          profile.title,
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    lines = rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .withoutOuterBlanks
    }
  }

  /// The value of the profile, else the keywords that give it.
  private static func text(_ value: CameraValue) -> String {
    if let number = value.value { return "\(number)" + (value.estimated ? " (estimated)" : "") }
    return value.keywords.isEmpty ? "unknown" : value.keywords.joined(separator: " or ")
  }
}
