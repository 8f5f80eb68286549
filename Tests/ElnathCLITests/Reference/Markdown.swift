/// Text as it stands in Markdown.
enum Markdown {
  /// Of a table: nothing in it ends the cell or makes a mark of its own.
  static func cell(_ text: String) -> String {
    var result = ""
    var isCode = false
    for character in text {
      if character == "`" { isCode.toggle() }
      switch character {
      case "|": result += "\\|"
      case "<" where !isCode: result += "&lt;"
      case "*" where !isCode, "[" where !isCode: result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
