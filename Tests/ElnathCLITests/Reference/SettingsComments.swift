import FoundationEssentials

/// What the doc comments of a settings type say of its keys: they are the one place where default and reason stand.
struct SettingsComments {
  /// Text by key, as the key is written in a project file.
  private(set) var texts: [String: String] = [:]

  /// - Parameter type: a struct of the sources of ElnathCore or ElnathPipeline, formatted by swift-format.
  init(of type: String) {
    for folder in ["Sources/ElnathPipeline", "Sources/ElnathCore"] {
      for place in PackageFile.names(in: folder) {
        for file in PackageFile.names(in: folder + "/" + place) where file.hasSuffix(".swift") {
          let lines = PackageFile.text("\(folder)/\(place)/\(file)")
            .split(separator: "\n", omittingEmptySubsequences: false)
          guard let start = lines.firstIndex(where: { $0.hasPrefix("public struct \(type): ") }) else { continue }
          read(lines[(start + 1)...].prefix { $0 != "}" })
        }
      }
    }
  }

  private mutating func read(_ lines: some Sequence<Substring>) {
    var properties: [(name: String, text: String)] = []
    var keys: [String: String] = [:]
    var comment: [Substring] = []
    var isInKeys = false
    var follows = false
    for line in lines {
      if line.hasPrefix("  /// ") {
        comment.append(line.dropFirst(6))
        continue
      }
      if let name = Self.property(line) {
        // A property right below another one shares its comment.
        let text = comment.isEmpty && follows ? properties.last?.text ?? "" : comment.joined(separator: " ")
        properties.append((name, text))
        follows = true
      } else {
        follows = false
      }
      comment = []
      if line.contains("enum CodingKeys: ") { isInKeys = true }
      if isInKeys, line.hasPrefix("    case ") { keys.merge(Self.keys(line)) { _, new in new } }
      if line == "  }" { isInKeys = false }
    }
    for property in properties { texts[keys[property.name] ?? property.name] = property.text }
  }

  /// The name of a stored property of the type itself, not of one within it.
  private static func property(_ line: Substring) -> String? {
    guard line.hasPrefix("  public var "), !line.hasSuffix("{") else { return nil }
    return String(line.dropFirst("  public var ".count).prefix { $0.isLetter || $0.isNumber })
  }

  /// `case a, b = "c"` gives a: a, b: c.
  private static func keys(_ line: Substring) -> [String: String] {
    var keys: [String: String] = [:]
    for part in line.dropFirst("    case ".count).split(separator: ",") {
      let words = part.split(whereSeparator: { " =\"".contains($0) }).map(String.init)
      if let name = words.first { keys[name] = words.last }
    }
    return keys
  }
}
