/// The value of a header card.
public enum HeaderValue: Sendable, Equatable {
  /// Without quotes; blanks at its end mean nothing in FITS and are removed.
  case text(String)
  case integer(Int)
  case real(Double)
  case logical(Bool)
}

/// One entry of a header: a keyword with its value, or a line of comment.
///
/// A long text spread over CONTINUE cards is one entry. Keywords of the ESO convention stand without the word HIERARCH,
/// for instance `ESO DET CHIP1 GAIN`.
public struct HeaderCard: Sendable {
  /// Upper case; empty for a blank card.
  public let key: String
  /// Nil where the keyword has no value, and for COMMENT, HISTORY and blank cards.
  public let value: HeaderValue?
  /// The text behind the slash; for COMMENT, HISTORY and blank cards, their text.
  public let comment: String
  /// A number or logical letter for letter as the file has it; nil for texts and for cards made by code.
  let written: String?

  public init(_ key: String, _ value: HeaderValue?, _ comment: String = "") {
    self.init(key, value, comment, written: nil)
  }

  init(_ key: String, _ value: HeaderValue?, _ comment: String, written: String?) {
    self.key = key.uppercased()
    self.value = value
    self.comment = comment
    self.written = written
  }

  /// The value as text: numbers and logicals as the file has them. Nil without a value.
  var text: String? {
    if let written { return written }
    switch value {
    case .text(let text): return text.trimmingTrailingBlanks()
    case .integer(let number): return "\(number)"
    case .real(let number): return "\(number)"
    case .logical(let flag): return flag ? "T" : "F"
    case nil: return nil
    }
  }
}

/// Cards are equal when keyword, value and comment are, however the number was written.
extension HeaderCard: Equatable {
  public static func == (left: HeaderCard, right: HeaderCard) -> Bool {
    left.key == right.key && left.value == right.value && left.comment == right.comment
  }
}

extension String {
  func trimmingTrailingBlanks() -> String {
    guard utf8.last == UInt8(ascii: " ") else { return self }
    var end = endIndex
    while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
    return String(self[..<end])
  }
}
