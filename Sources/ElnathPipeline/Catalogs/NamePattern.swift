/// A pattern of file names and header texts: `*` is any text, `?` one character, `[abc]`, `[a-z]` or `[!a-z]` one
/// character of a set, `[0145-0160]` a number in a range (with leading zeros where its bounds have them). Anything else,
/// an unclosed bracket too, stands for itself.
public struct NamePattern: Sendable, Equatable {
  enum Token: Sendable, Equatable {
    case literal(Character)
    case anyCharacter
    case anyText
    case set([ClosedRange<Character>], negated: Bool)
    /// `digits` is nil where the bounds differ in length: then the number has no leading zeros.
    case number(ClosedRange<Int>, digits: Int?)
  }

  let tokens: [Token]

  public init(_ text: some StringProtocol) {
    var tokens: [Token] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "*": tokens.append(.anyText)
      case "?": tokens.append(.anyCharacter)
      case "[":
        // A bracket right after the opening one is a member of the set, as in a shell.
        guard let close = rest.dropFirst().firstIndex(of: "]"),
          let token = Self.bracket(String(rest[..<close]))
        else {
          tokens.append(.literal(character))
          continue
        }
        tokens.append(token)
        rest = rest[rest.index(after: close)...]
      default: tokens.append(.literal(character))
      }
    }
    self.tokens = tokens
  }

  /// True when the pattern can only match its own text.
  public var isLiteral: Bool {
    tokens.allSatisfy { if case .literal = $0 { true } else { false } }
  }

  /// True when the pattern of this text describes the whole of `name`. It is taken apart only where its plain beginning,
  /// be it all of it, does not tell.
  static func matches(_ pattern: String, _ name: String, ignoringCase: Bool) -> Bool {
    let plain = pattern.utf8.prefix { $0 < 0x80 && !"*?[".utf8.contains($0) }
    if plain.count == pattern.utf8.count {
      return ignoringCase ? pattern.lowercased() == name.lowercased() : pattern == name
    }
    func lower(_ byte: UInt8) -> UInt8 { ignoringCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
    // Other letters than those of ASCII may be written in several ways.
    let mayBegin = name.utf8.starts(with: plain) { lower($0) == lower($1) } || name.utf8.contains { $0 >= 0x80 }
    return mayBegin && NamePattern(pattern).matches(name, ignoringCase: ignoringCase)
  }

  /// True when the pattern describes the whole of `name`.
  public func matches(_ name: some StringProtocol, ignoringCase: Bool = false) -> Bool {
    let characters = ignoringCase ? Array(name.lowercased()) : Array(name)
    // Every place in the name that the tokens so far can have led to: no backtracking, whatever the pattern.
    var places = Array(repeating: false, count: characters.count + 1)
    places[0] = true
    for token in tokens {
      var next = Array(repeating: false, count: characters.count + 1)
      for place in places.indices where places[place] {
        Self.advance(token, from: place, in: characters, ignoringCase: ignoringCase, marking: &next)
      }
      places = next
    }
    return places[characters.count]
  }

  private static func advance(
    _ token: Token, from place: Int, in characters: [Character], ignoringCase: Bool, marking next: inout [Bool]
  ) {
    func accept(_ condition: (Character) -> Bool) {
      if place < characters.count && condition(characters[place]) { next[place + 1] = true }
    }
    switch token {
    case .literal(let literal):
      let wanted = ignoringCase ? Character(literal.lowercased()) : literal
      accept { $0 == wanted }
    case .anyCharacter: accept { _ in true }
    case .anyText:
      for end in place...characters.count { next[end] = true }
    case .set(let ranges, let negated):
      accept { character in
        let upper = Character(character.uppercased())
        return ranges.contains { $0.contains(character) || (ignoringCase && $0.contains(upper)) } != negated
      }
    case .number(let range, let digits):
      var end = place
      while end < characters.count, characters[end].isASCII, characters[end].isNumber {
        end += 1
        let length = end - place
        guard let value = Int(String(characters[place..<end])) else { return }
        let wellWritten = digits.map { $0 == length } ?? (length == 1 || characters[place] != "0")
        if wellWritten && range.contains(value) { next[end] = true }
      }
    }
  }

  /// The token of what stands between brackets; nil when that is nothing known.
  private static func bracket(_ content: String) -> Token? {
    let ends = content.split(separator: "-", omittingEmptySubsequences: false)
    if ends.count == 2, ends.contains(where: { $0.count > 1 }),
      ends.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
      let low = Int(ends[0]), let high = Int(ends[1])
    {
      guard low <= high else { return nil }
      return .number(low...high, digits: ends[0].count == ends[1].count ? ends[0].count : nil)
    }
    let negated = content.first == "!" || content.first == "^"
    var members = Array(content.dropFirst(negated ? 1 : 0))
    guard !members.isEmpty else { return nil }
    var ranges: [ClosedRange<Character>] = []
    while let first = members.first {
      if members.count >= 3, members[1] == "-", first <= members[2] {
        ranges.append(first...members[2])
        members.removeFirst(3)
      } else {
        ranges.append(first...first)
        members.removeFirst()
      }
    }
    return .set(ranges, negated: negated)
  }
}
