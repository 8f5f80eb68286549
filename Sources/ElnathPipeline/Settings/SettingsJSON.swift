extension SettingsTree {
  /// The tree as JSON (RFC 8259), keys in the order of the tree, two blanks a level. What is absent or not finite is
  /// `null`.
  public var json: String {
    var text = ""
    appendJSON(to: &text, indent: "")
    return text + "\n"
  }

  private func appendJSON(to text: inout String, indent: String) {
    let inner = indent + "  "
    switch self {
    case .text(let value): text += Self.quoted(value)
    case .integer(let value): text += "\(value)"
    case .real(let value): text += value.isFinite ? "\(value)" : "null"
    case .boolean(let value): text += "\(value)"
    case .absent: text += "null"
    case .array(let values) where values.allSatisfy { $0.table == nil }:
      text += "["
      for (index, value) in values.enumerated() {
        text += index > 0 ? ", " : ""
        value.appendJSON(to: &text, indent: inner)
      }
      text += "]"
    case .array(let values):
      for (index, value) in values.enumerated() {
        text += (index > 0 ? ",\n" : "[\n") + inner
        value.appendJSON(to: &text, indent: inner)
      }
      text += "\n\(indent)]"
    case .table(let table) where table.entries.isEmpty: text += "{}"
    case .table(let table):
      for (index, entry) in table.entries.enumerated() {
        text += (index > 0 ? ",\n" : "{\n") + inner + Self.quoted(entry.key) + ": "
        entry.value.appendJSON(to: &text, indent: inner)
      }
      text += "\n\(indent)}"
    }
  }
}
