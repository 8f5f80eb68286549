/// Cards as the 80-byte records of a file.
///
/// Formed here and not by cfitsio, whose 4.2 loses letters where it divides a long text that has quotes or a HIERARCH
/// keyword, and which has no shortest numerals that read back to the same number.
enum HeaderRecords {
  /// Whole blocks: the cards, END, and blanks.
  static func block(_ cards: [HeaderCard]) -> [UInt8] {
    var bytes: [UInt8] = []
    for card in cards { bytes += records(card) }
    bytes += record("END")
    while bytes.count % HeaderUnit.blockLength != 0 { bytes += record("") }
    return bytes
  }

  /// The header of a primary without data.
  static let minimalPrimary = block([
    HeaderCard("SIMPLE", .logical(true)), HeaderCard("BITPIX", .integer(8)), HeaderCard("NAXIS", .integer(0)),
    HeaderCard("EXTEND", .logical(true)),
  ])

  /// One record, or several for a long text.
  static func records(_ card: HeaderCard) -> [UInt8] {
    var bytes: [UInt8] = []
    let comment = printable(card.comment)
    if StructuralKeyword.commentary.contains(card.key) {
      var rest = comment[...]
      repeat {
        bytes += record(padded(card.key, to: 8) + rest.prefix(72))
        rest = rest.dropFirst(72)
      } while !rest.isEmpty
      return bytes
    }
    let start = isStandard(card.key) ? padded(card.key, to: 8) + "= " : "HIERARCH \(printable(card.key)) = "
    switch card.value {
    case .text(let text): append(printable(text), start, comment, to: &bytes)
    case .integer, .real, .logical: bytes += record(start + rightAligned(numeral(card.value)), comment)
    case nil: bytes += record(start + padded("", to: 20), comment)
    }
    return bytes
  }

  /// A text; one that does not fit into a record goes on in CONTINUE records.
  private static func append(_ text: String, _ start: String, _ comment: String, to bytes: inout [UInt8]) {
    var start = start
    var rest = text[...]
    while true {
      let room = HeaderCard.recordLength - start.count - 2
      let whole = quoted(rest)
      if whole.count <= room {
        bytes += record(start + padded("'" + padded(whole, to: 8) + "'", to: 20), comment)
        return
      }
      var part = rest.prefix(room - 1)
      while quoted(part).count > room - 1 { part = part.dropLast() }
      bytes += record(start + "'" + quoted(part) + "&'")
      rest = rest.dropFirst(part.count)
      start = "CONTINUE  "
    }
  }

  private static func numeral(_ value: HeaderValue?) -> String {
    switch value {
    case .integer(let number): "\(number)"
    // NaN and infinity have no form in a header: the value stays undefined.
    case .real(let number): number.isFinite ? "\(number)".uppercased() : ""
    case .logical(let flag): flag ? "T" : "F"
    case .text, nil: ""
    }
  }

  private static func record(_ text: String, _ comment: String = "") -> [UInt8] {
    var bytes = Array(text.utf8)
    if !comment.isEmpty, bytes.count + 3 < HeaderCard.recordLength { bytes += Array(" / \(comment)".utf8) }
    bytes = Array(bytes.prefix(HeaderCard.recordLength))
    return bytes + Array(repeating: UInt8(ascii: " "), count: HeaderCard.recordLength - bytes.count)
  }

  private static func isStandard(_ key: String) -> Bool {
    key.utf8.count <= 8
      && key.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func quoted(_ text: Substring) -> String {
    String(text.flatMap { $0 == "'" ? "''" : String($0) })
  }

  /// Headers hold printable ASCII; anything else becomes a question mark.
  static func printable(_ text: String) -> String {
    String(text.map { $0.isASCII && $0 >= " " && $0 <= "~" ? $0 : "?" })
  }

  private static func padded(_ text: String, to length: Int) -> String {
    text + String(repeating: " ", count: max(0, length - text.count))
  }

  private static func rightAligned(_ text: String) -> String {
    String(repeating: " ", count: max(0, 20 - text.count)) + text
  }
}
