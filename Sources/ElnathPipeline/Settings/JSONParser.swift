extension SettingsTree {
  /// The tree of a JSON text (RFC 8259), of which `json` gives the same text again; nil where it is not valid.
  public init?(json: String) {
    var parser = JSONParser(bytes: Array(json.utf8))
    guard let value = parser.value(), parser.isAtEnd else { return nil }
    self = value
  }
}

/// Foundation's decoders forget the order of keys, and whether a number was written with a point: both must come back as
/// they were, since a part of an earlier `run.json` goes into the next one as it is.
private struct JSONParser {
  let bytes: [UInt8]
  private var place = 0
  /// Deeper nesting than any text of ours has is refused before it fills the stack.
  private var depth = 0
  private static let deepest = 100

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return place == bytes.count
    }
  }

  private mutating func skipBlanks() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  /// Takes the next character that is no blank where it is this one.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard bytes[place...].starts(with: word.utf8) else { return false }
    place += word.utf8.count
    return true
  }

  mutating func value() -> SettingsTree? {
    skipBlanks()
    depth += 1
    defer { depth -= 1 }
    guard place < bytes.count, depth <= Self.deepest else { return nil }
    switch bytes[place] {
    case UInt8(ascii: "{"): return table()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return text().map { .text($0) }
    case UInt8(ascii: "t"): return take(word: "true") ? .boolean(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .boolean(false) : nil
    case UInt8(ascii: "n"): return take(word: "null") ? .absent : nil
    default: return number()
    }
  }

  private mutating func table() -> SettingsTree? {
    var table = SettingsTable()
    guard take("{") else { return nil }
    if take("}") { return .table(table) }
    repeat {
      skipBlanks()
      guard let key = text(), take(":"), let value = value() else { return nil }
      table[key] = value
    } while take(",")
    return take("}") ? .table(table) : nil
  }

  private mutating func array() -> SettingsTree? {
    var values: [SettingsTree] = []
    guard take("[") else { return nil }
    if take("]") { return .array(values) }
    repeat {
      guard let value = value() else { return nil }
      values.append(value)
    } while take(",")
    return take("]") ? .array(values) : nil
  }

  private mutating func number() -> SettingsTree? {
    let start = place
    while place < bytes.count, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if let whole = Int(text) { return .integer(whole) }
    return Double(text).map { .real($0) }
  }

  private mutating func text() -> String? {
    guard take("\"") else { return nil }
    var result: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: result, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        result += Array(String(Character(scalar)).utf8)
      default: result.append(byte)
      }
    }
    return nil
  }

  /// The character that stands behind a backslash.
  private mutating func escaped() -> Unicode.Scalar? {
    guard place < bytes.count else { return nil }
    place += 1
    switch bytes[place - 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      guard let first = codeUnit() else { return nil }
      guard 0xD800..<0xDC00 ~= first else { return Unicode.Scalar(first) }
      // A character beyond the first 65,536 comes in two.
      guard take(word: "\\u"), let second = codeUnit(), 0xDC00..<0xE000 ~= second else { return nil }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    case let other where "\"\\/".utf8.contains(other): return Unicode.Scalar(other)
    default: return nil
    }
  }

  private mutating func codeUnit() -> UInt32? {
    guard place + 4 <= bytes.count else { return nil }
    defer { place += 4 }
    return UInt32(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
  }
}
