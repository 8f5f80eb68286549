/// The cards of a header, in the order of the file.
///
/// The standard leaves open what a repeated keyword means. Here the first card of that name that has a value counts,
/// as in astropy and cfitsio.
public struct FITSHeader: Sendable, Equatable {
  public var cards: [HeaderCard]

  public init(cards: [HeaderCard]) {
    self.cards = cards
  }

  /// True when there is a card of that name, with a value or without.
  public func contains(_ key: String) -> Bool {
    cards.contains { $0.key == key }
  }

  /// The value as text, without blanks at its end; numbers and logicals as the file has them.
  public func text(_ key: String) -> String? {
    card(key)?.text
  }

  /// The value as a number, also where it was given as text (`'1.5'`). Always finite.
  public func number(_ key: String) -> Double? {
    switch card(key)?.value {
    case .integer(let number): Double(number)
    case .real(let number): number
    case .text(let text): NumberText(text)?.real
    case .logical, nil: nil
    }
  }

  /// The value as a whole number, also where it was given as text or as a real without fraction.
  public func integer(_ key: String) -> Int? {
    switch card(key)?.value {
    case .integer(let number): number
    case .real(let number): Int(exactly: number)
    case .text(let text): NumberText(text)?.integer
    case .logical, nil: nil
    }
  }

  /// The value of a logical keyword, also where it was given as the text `'T'` or `'F'`.
  public func logical(_ key: String) -> Bool? {
    switch card(key)?.value {
    case .logical(let flag): flag
    case .text("T"): true
    case .text("F"): false
    default: nil
    }
  }

  private func card(_ key: String) -> HeaderCard? {
    cards.first { $0.key == key && $0.value != nil }
  }
}

extension FITSHeader {
  /// The header of an extension with the cards of the primary behind it, where the extension does not have them itself.
  /// Keywords that describe the primary's own data are left out.
  func merged(behind primary: FITSHeader) -> FITSHeader {
    let own = Set(cards.map(\.key)).subtracting(StructuralKeyword.commentary)
    return FITSHeader(
      cards: cards + primary.cards.filter { !own.contains($0.key) && !StructuralKeyword.describesData($0.key) })
  }
}
