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

  /// The first of the keywords that holds a number, in the unit that has the factor 1; others that should and don't are
  /// noted, and so is a comma for the point.
  mutating func number(
    among keywords: [String], units: [String: Double] = HeaderUnits.plain
  ) -> (keyword: String, value: Double)? {
    for keyword in keywords {
      guard let text = text(keyword) else { continue }
      guard let number = HeaderNumber(text), let factor = units[number.unit] else {
        note("\(keyword) = '\(text)' is not a number")
        continue
      }
      if number.hasComma { note("\(keyword) = '\(text)' is read as \(number.value)") }
      return (keyword, number.value * factor)
    }
    return nil
  }

  /// The number of one keyword, without a word about it; nil where there is none.
  func number(_ keyword: String, units: [String: Double] = HeaderUnits.plain) -> Double? {
    guard let number = text(keyword).flatMap(HeaderNumber.init), let factor = units[number.unit] else { return nil }
    return number.value * factor
  }

  /// The comment behind the keyword's value; empty without one.
  func comment(_ keyword: String) -> String {
    header.cards.first { $0.key == keyword && $0.value != nil }?.comment ?? ""
  }

  /// True when the text of the keyword is one that the patterns describe, or the same number.
  func matches(_ keyword: String, _ patterns: [String]) -> Bool {
    guard let text = header.text(keyword)?.withoutOuterBlanks else { return false }
    let number = HeaderNumber(text)
    return patterns.contains { pattern in
      if let number, let wanted = HeaderNumber(pattern), wanted == number { return true }
      return NamePattern(pattern).matches(text, ignoringCase: true)
    }
  }

  /// True when one of the keywords has such a text.
  func matchesAny(_ conditions: [String: [String]]) -> Bool {
    conditions.contains { matches($0.key, $0.value) }
  }

  private static let placeholders: Set<String> = [
    "", "n/a", "na", "none", "null", "nan", "inf", "unknown", "undefined", "not available", "not_available",
    "notavailable", "notyetset", "not set", "unset", "-", "--", "?",
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
