/// Characters that mean something in XML and HTML, between tags and in quotes alike.
enum MarkupText {
  /// What stands for a character there; nil for one that stands for itself.
  static func entity(of scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    case "\"": "&quot;"
    case "'": "&#39;"
    // In an attribute a parser reads them as blanks.
    case "\n", "\t", "\r": " "
    default: nil
    }
  }
}
