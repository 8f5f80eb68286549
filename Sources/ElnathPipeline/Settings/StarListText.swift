import ElnathCore

/// The text of a star list that is no CSV, line by line, with places for messages.
struct StarListText {
  let file: String
  /// Lines without their ends, from line 1.
  let lines: [Substring]

  /// Any line ends, a byte-order mark; other control characters are refused.
  init(_ text: String, file: String) throws(PipelineError) {
    self.file = file
    var text = text[...]
    if text.first == "\u{FEFF}" { text.removeFirst() }
    lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (number, line) in lines.enumerated() {
      for (column, scalar) in line.unicodeScalars.enumerated()
      where scalar != "\t" && (scalar.value < 32 || scalar.value == 127) {
        throw fault(number, column, "a control character; the file is damaged or not text")
      }
    }
  }

  /// At line and column, both from 0 here and from 1 in the message.
  func fault(_ line: Int, _ column: Int, _ message: String) -> PipelineError {
    PipelineError(.badData, "\(file):\(line + 1):\(column + 1)", message)
  }

  /// Parts of a text divided by a mark, without blanks around them, each with its column from 0.
  static func parts(_ text: Substring, dividedBy mark: Character) -> [(text: String, column: Int)] {
    var parts: [(String, Int)] = []
    var column = 0
    for part in text.split(separator: mark, omittingEmptySubsequences: false) {
      let blanks = part.prefix { $0.isWhitespace }.count
      parts.append((part.withoutOuterBlanks, column + blanks))
      column += part.count + 1
    }
    return parts
  }
}

extension StarSettings {
  /// A star of a list.
  init(_ name: String, _ role: Star.Role) {
    self.init()
    self.name = name
    self.role = role
  }
}
