extension HeaderCard {
  static let recordLength = 80

  /// One 80-byte record of a header. Never fails: what cannot be understood as a value is kept as text.
  init(record: ArraySlice<UInt8>) {
    let equals = UInt8(ascii: "=")
    let start = record.startIndex
    let name = String(headerBytes: record.prefix(8)).trimmingTrailingBlanks()
    if name == "HIERARCH", let sign = record.firstIndex(of: equals) {
      let key = String(headerBytes: record[(start + 8)..<sign]).trimmingBlanks()
      self.init(key, field: record[(sign + 1)...])
    } else if record.count > 8, record[start + 8] == equals, !StructuralKeyword.commentary.contains(name) {
      self.init(name, field: record.dropFirst(9))
    } else {
      self.init(name, nil, String(headerBytes: record.dropFirst(8)).trimmingTrailingBlanks())
    }
  }

  /// `field` is what follows the equals sign: a value, and behind a slash a comment.
  private init(_ key: String, field: ArraySlice<UInt8>) {
    let blank = UInt8(ascii: " ")
    let slash = UInt8(ascii: "/")
    let field = field.drop { $0 == blank }
    if let (text, rest) = Self.quotedText(field) {
      let comment = rest.firstIndex(of: slash).map { rest[($0 + 1)...] } ?? []
      self.init(key, .text(text), String(headerBytes: comment).trimmingBlanks())
      return
    }
    let parts = field.split(separator: slash, maxSplits: 1, omittingEmptySubsequences: false)
    let token = parts.first ?? []
    let comment = parts.count > 1 ? String(headerBytes: parts[1]).trimmingBlanks() : ""
    let written = String(headerBytes: token).trimmingTrailingBlanks()
    if written.isEmpty {
      self.init(key, nil, comment)
    } else if written == "T" || written == "F" {
      self.init(key, .logical(written == "T"), comment, written: written)
    } else if let number = NumberText(bytes: token) {
      let value = number.looksInteger ? number.integer.map(HeaderValue.integer) : nil
      self.init(key, value ?? .real(number.real), comment, written: written)
    } else {
      self.init(key, .text(written), comment)
    }
  }

  /// A text in quotes, in which a doubled quote means one, and what follows it. A text without closing quote runs to the
  /// end of the record. Nil when `field` does not start with a quote.
  private static func quotedText(_ field: ArraySlice<UInt8>) -> (text: String, rest: ArraySlice<UInt8>)? {
    let quote = UInt8(ascii: "'")
    guard field.first == quote else { return nil }
    var text: [UInt8] = []
    var at = field.startIndex + 1
    while at < field.endIndex {
      if field[at] == quote {
        guard at + 1 < field.endIndex, field[at + 1] == quote else { break }
        at += 1
      }
      text.append(field[at])
      at += 1
    }
    return (String(headerBytes: text[...]).trimmingTrailingBlanks(), field[min(at + 1, field.endIndex)...])
  }

  /// This card with the text of a following CONTINUE record in the place of its closing `&`; nil when it has none, so
  /// that the record continues nothing.
  func continued(by record: ArraySlice<UInt8>) -> HeaderCard? {
    guard case .text(let begun) = value, begun.hasSuffix("&") else { return nil }
    let next = HeaderCard(key, field: record.dropFirst(8))
    guard case .text(let more) = next.value else { return nil }
    return HeaderCard(key, .text(begun.dropLast() + more), next.comment.isEmpty ? comment : next.comment)
  }
}

extension String {
  /// Text of a header: UTF-8 where it is that, else Latin-1. Control characters become blanks, so that a header cannot
  /// steer a terminal.
  init(headerBytes bytes: ArraySlice<UInt8>) {
    let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if isPlain {
      self.init(decoding: bytes, as: UTF8.self)
      return
    }
    let decoded = String(validating: bytes, as: UTF8.self)
    let scalars = decoded.map { Array($0.unicodeScalars) } ?? bytes.map { Unicode.Scalar($0) }
    self.init(String.UnicodeScalarView(scalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  func trimmingBlanks() -> String {
    String(trimmingTrailingBlanks().drop { $0 == " " })
  }
}
