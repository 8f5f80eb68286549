extension SettingsTree {
  /// Reads the tree as a value. Whole numbers widen to real ones; a key that the type never asks for is an error.
  /// Messages name the key, what was expected and what was found: `measure.annulus: expected a number, found text 'abc'`.
  public func decode<T: Decodable>(_ type: T.Type, file: String) throws(PipelineError) -> T {
    do {
      return try decode(type, below: [])
    } catch {
      throw PipelineError(.configuration, file, error.description)
    }
  }

  func decode<T: Decodable>(_ type: T.Type, below path: [String]) throws(SettingsProblem) -> T {
    let ledger = KeyLedger()
    let value: T
    do {
      value = try TreeDecoder(tree: self, path: path, ledger: ledger).value(type)
    } catch {
      throw SettingsProblem(error, below: path)
    }
    let unknown = ledger.unknownKeys
    guard let first = unknown.first else { return value }
    throw SettingsProblem(
      path: [], message: unknown.map(\.description).joined(separator: "; "), place: first.path)
  }
}

extension SettingsProblem {
  /// The problem that a decoding error tells of; what hand-written conformances throw becomes one too.
  fileprivate init(_ error: any Error, below path: [String]) {
    switch error {
    case let problem as SettingsProblem: self = problem
    case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context):
      let place = context.codingPath.map { $0.intValue.map { "[\($0 + 1)]" } ?? $0.stringValue }
      self.init(path: place.isEmpty ? path : place, message: context.debugDescription)
    case let error as PipelineError: self.init(path: path, message: error.message)
    default: self.init(path: path, message: "\(error)")
    }
  }
}

/// Which keys of which tables were asked for: the others are unknown.
private final class KeyLedger {
  private var tables: [(path: [String], keys: [String], asked: Set<String>, known: [String])] = []

  func open(_ table: SettingsTable, at path: [String]) {
    guard !tables.contains(where: { $0.path == path }) else { return }
    tables.append((path, table.keys, [], []))
  }

  func ask(_ key: String, at path: [String]) {
    guard let place = tables.firstIndex(where: { $0.path == path }) else { return }
    if tables[place].asked.insert(key).inserted { tables[place].known.append(key) }
  }

  var unknownKeys: [UnknownKey] {
    tables.flatMap { table in
      table.keys.filter { !table.asked.contains($0) }.map { key in
        UnknownKey(
          path: table.path + [key], nearest: Spelling.nearest(key, among: table.known).map { table.path + [$0] })
      }
    }
  }
}

private struct PathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ component: String) {
    stringValue = component
    intValue = component.hasPrefix("[") ? Int(component.dropFirst().dropLast()).map { $0 - 1 } : nil
  }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init("[\(intValue + 1)]") }
}

private struct TreeDecoder: Decoder, SingleValueDecodingContainer {
  let tree: SettingsTree
  let path: [String]
  let ledger: KeyLedger

  var codingPath: [any CodingKey] { path.map { PathKey($0) } }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let table = tree.table else { throw expected("a table") }
    ledger.open(table, at: path)
    return KeyedDecodingContainer(KeyedTreeDecoder<Key>(table: table, path: path, ledger: ledger))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let values) = tree else { throw expected("a list") }
    return UnkeyedTreeDecoder(values: values, path: path, ledger: ledger)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }
  func decodeNil() -> Bool { tree == .absent }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try value(type) }

  func expected(_ what: String) -> SettingsProblem {
    SettingsProblem(path: path, message: "expected \(what), found \(tree.inWords)")
  }

  func value<T: Decodable>(_ type: T.Type) throws -> T {
    let found: (any Decodable)? =
      switch type {
      case is String.Type: try text()
      case is Bool.Type: try flag()
      case is Double.Type: try number()
      case is Float.Type: Float(try number())
      case let whole as any FixedWidthInteger.Type: try integer(whole) as? any Decodable
      default: nil
      }
    if let value = found as? T { return value }
    do {
      return try T(from: self)
    } catch DecodingError.dataCorrupted(let context) {
      guard case .text(let word) = tree, let choices = Self.choices(of: type) else {
        throw SettingsProblem(path: path, message: context.debugDescription)
      }
      let nearest = Spelling.nearest(word, among: choices).map { "; did you mean '\($0)'?" } ?? ""
      throw SettingsProblem(
        path: path, message: "expected one of \(choices.joined(separator: ", ")), found '\(word)'\(nearest)")
    }
  }

  private func text() throws -> String {
    guard case .text(let text) = tree else { throw expected("text") }
    return text
  }

  private func flag() throws -> Bool {
    guard case .boolean(let flag) = tree else { throw expected("true or false") }
    return flag
  }

  private func number() throws -> Double {
    switch tree {
    case .integer(let value): return Double(value)
    case .real(let value) where !value.isNaN: return value
    default: throw expected("a number")
    }
  }

  private func integer<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    switch tree {
    case .integer(let value):
      guard let exact = I(exactly: value) else { throw expected("a whole number from \(I.min) to \(I.max)") }
      return exact
    case .real(let value):
      guard let exact = I(exactly: value) else { throw expected("a whole number") }
      return exact
    default: throw expected("a whole number")
    }
  }

  /// The words that an enumeration of texts allows.
  private static func choices(of type: Any.Type) -> [String]? {
    func words<C: CaseIterable>(_ type: C.Type) -> [String] {
      C.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    guard let cases = type as? any CaseIterable.Type else { return nil }
    let found = words(cases)
    return found.isEmpty ? nil : found
  }
}

private struct KeyedTreeDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let table: SettingsTable
  let path: [String]
  let ledger: KeyLedger

  var codingPath: [any CodingKey] { path.map { PathKey($0) } }

  var allKeys: [Key] {
    let keys = table.keys.compactMap { Key(stringValue: $0) }
    for key in keys { ledger.ask(key.stringValue, at: path) }
    return keys
  }

  func contains(_ key: Key) -> Bool {
    ledger.ask(key.stringValue, at: path)
    return table[key.stringValue] != nil
  }

  private func decoder(at key: Key) throws -> TreeDecoder {
    ledger.ask(key.stringValue, at: path)
    guard let value = table[key.stringValue], value != .absent else {
      throw SettingsProblem(path: path + [key.stringValue], message: "missing")
    }
    return TreeDecoder(tree: value, path: path + [key.stringValue], ledger: ledger)
  }

  func decodeNil(forKey key: Key) -> Bool { table[key.stringValue] ?? .absent == .absent }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(at: key).value(type) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(at: key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(at: key).unkeyedContainer()
  }
  func superDecoder() -> any Decoder { TreeDecoder(tree: .table(table), path: path, ledger: ledger) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(at: key) }
}

private struct UnkeyedTreeDecoder: UnkeyedDecodingContainer {
  let values: [SettingsTree]
  let path: [String]
  let ledger: KeyLedger
  private(set) var currentIndex = 0

  var codingPath: [any CodingKey] { path.map { PathKey($0) } }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  private mutating func next() throws -> TreeDecoder {
    guard !isAtEnd else { throw SettingsProblem(path: path, message: "too few values") }
    currentIndex += 1
    return TreeDecoder(tree: values[currentIndex - 1], path: path + ["[\(currentIndex)]"], ledger: ledger)
  }

  mutating func decodeNil() -> Bool { false }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().value(type) }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try next() }
}
