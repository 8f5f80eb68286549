import ElnathFITS

/// A header while it is being decoded, and what was found wrong with it.
struct HeaderReading {
  let header: FITSHeader
  /// One sentence each.
  private(set) var problems: [String] = []

  init(_ header: FITSHeader) {
    self.header = header
  }

  mutating func note(_ problem: String) {
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Text of the keyword; nil when it is missing, empty or says that there is no value.
  func text(_ keyword: String) -> String? {
    guard let text = header.text(keyword)?.withoutOuterBlanks else { return nil }
    return Self.placeholders.contains(text.lowercased()) ? nil : text
  }

  /// The first of the keywords that says something.
  func text(among keywords: [String]) -> (keyword: String, text: String)? {
    for keyword in keywords {
      if let text = text(keyword) { return (keyword, text) }
    }
    return nil
  }

  /// The first of the keywords that holds a number; others that should and don't are noted.
  mutating func number(among keywords: [String]) -> (keyword: String, value: Double)? {
    for keyword in keywords {
      guard let text = text(keyword) else { continue }
      if let value = header.number(keyword) { return (keyword, value) }
      note("\(keyword) = '\(text)' is not a number")
    }
    return nil
  }

  /// The comment behind the keyword's value; empty without one.
  func comment(_ keyword: String) -> String {
    header.cards.first { $0.key == keyword && $0.value != nil }?.comment ?? ""
  }

  private static let placeholders: Set<String> = [
    "", "n/a", "na", "none", "null", "nan", "unknown", "undefined", "not available", "notyetset", "-",
  ]
}

extension StringProtocol {
  /// Without white space at both ends.
  var withoutOuterBlanks: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
