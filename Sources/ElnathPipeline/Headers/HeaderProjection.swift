import ElnathCore
import ElnathFITS

extension HeaderReading {
  /// The world coordinate system of the trimmed image; nil without one or with a part of one, and with a note where it
  /// cannot be used.
  /// Numbers may be written as texts.
  mutating func projection(trim: PixelRectangle) -> SkyProjection? {
    // Cameras without a solution write the axes all the same.
    let needed = ["CTYPE1", "CTYPE2", "CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2"]
    guard needed.allSatisfy({ key in header.cards.contains { $0.key == key && $0.value != nil } }) else { return nil }
    var keywords: [SkyKeyword] = []
    var unusable: [String] = []
    for card in header.cards where card.value != nil && SkyProjection.isKeyword(card.key) {
      if SkyProjection.isText(card.key) {
        if case .text(let text)? = card.value { keywords.append(SkyKeyword(card.key, text.withoutOuterBlanks)) }
      } else if let number = header.number(card.key) {
        keywords.append(SkyKeyword(card.key, number))
      } else if let text = text(card.key) {
        unusable.append("\(card.key) = '\(text)' is not a number")
      }
    }
    switch SkyProjection.make(keywords) {
    case .success(let projection):
      for problem in unusable { note(problem) }
      return projection.trimmed(x: trim.x, y: trim.y)
    case .failure(let fault):
      guard !fault.isAbsent else { return nil }
      for problem in unusable { note(problem) }
      note("the world coordinate system is not used: \(fault.reason)")
      return nil
    }
  }
}

extension SkyProjection {
  /// As header cards.
  var cards: [HeaderCard] {
    [HeaderCard("WCSAXES", .integer(2), "axes of the coordinate system")]
      + keywords.map { keyword in
        switch keyword.value {
        case .text(let text): HeaderCard(keyword.key, .text(text))
        case .number(let number) where keyword.key.hasSuffix("_ORDER"):
          HeaderCard(keyword.key, .integer(Int(number)))
        case .number(let number): HeaderCard(keyword.key, .real(number))
        }
      }
  }
}
