extension SettingsTree {
  /// A value's settings as a tree, keys in the order of its coding keys, those of a dictionary by name. Optional keys without a value are there too,
  /// as `absent`, so that the tree of a default instance holds every key that can be set.
  ///
  /// A value that encodes nothing gives an empty table.
  public static func encode<T: Encodable>(_ value: T) -> SettingsTree {
    switch value {
    case let text as String: return .text(text)
    case let flag as Bool: return .boolean(flag)
    case let real as Double: return .real(real)
    case let real as Float: return .real(Double(real))
    case let whole as any FixedWidthInteger: return .integer(Int(clamping: whole))
    default: break
    }
    let encoder = TreeEncoder(codingPath: [])
    do {
      try value.encode(to: encoder)
    } catch {
      // Only a conformance written by hand can throw here: a fault of the program, not of its input.
      preconditionFailure("\(T.self) cannot be encoded: \(error)")
    }
    guard case .table(var table) = encoder.box.tree else { return encoder.box.tree }
    if value is any StringKeyedDictionary {
      table.takesAnyKey = true
      table.sort()
    }
    return .table(table)
  }
}

private protocol StringKeyedDictionary {}
extension Dictionary: StringKeyedDictionary where Key == String {}

/// The node under construction, shared between an encoder and its containers.
private final class TreeBox {
  private(set) var tree = SettingsTree.empty
  private let parent: (box: TreeBox, key: String)?

  init(parent: (box: TreeBox, key: String)? = nil) {
    self.parent = parent
    replace(with: tree)
  }

  func replace(with value: SettingsTree) {
    tree = value
    parent?.box.set(value, at: parent?.key ?? "")
  }

  func set(_ value: SettingsTree, at key: String) {
    var table = tree.table ?? SettingsTable()
    table[key] = value
    replace(with: .table(table))
  }

  func append(_ value: SettingsTree) {
    if case .array(let values) = tree {
      replace(with: .array(values + [value]))
    } else {
      replace(with: .array([value]))
    }
  }
}

private struct TreeEncoder: Encoder {
  let box = TreeBox()
  var codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedTreeEncoder<Key>(box: box, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    box.replace(with: .array([]))
    return UnkeyedTreeEncoder(box: box, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleTreeEncoder(box: box, codingPath: codingPath)
  }
}

private struct SingleTreeEncoder: SingleValueEncodingContainer {
  let box: TreeBox
  var codingPath: [any CodingKey]

  mutating func encodeNil() { box.replace(with: .absent) }
  mutating func encode<T: Encodable>(_ value: T) { box.replace(with: .encode(value)) }
}

private struct UnkeyedTreeEncoder: UnkeyedEncodingContainer {
  let box: TreeBox
  var codingPath: [any CodingKey]
  var count: Int {
    guard case .array(let values) = box.tree else { return 0 }
    return values.count
  }

  mutating func encodeNil() { box.append(.absent) }
  mutating func encode<T: Encodable>(_ value: T) { box.append(.encode(value)) }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    preconditionFailure("settings encode whole values")
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    preconditionFailure("settings encode whole values")
  }
  mutating func superEncoder() -> any Encoder { preconditionFailure("settings are values, not classes") }
}

private struct KeyedTreeEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let box: TreeBox
  var codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) { box.set(.absent, at: key.stringValue) }
  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) { box.set(.encode(value), at: key.stringValue) }

  private func note(_ value: (some Encodable)?, _ key: Key) {
    box.set(value.map { .encode($0) } ?? .absent, at: key.stringValue)
  }

  // The standard library's own versions of these drop the keys of missing values, one version for each type.
  mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Double?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Float?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) { note(value, key) }
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) { note(value, key) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    let inner = TreeBox(parent: (box, key.stringValue))
    return KeyedEncodingContainer(KeyedTreeEncoder<Nested>(box: inner, codingPath: codingPath + [key]))
  }
  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    let inner = TreeBox(parent: (box, key.stringValue))
    inner.replace(with: .array([]))
    return UnkeyedTreeEncoder(box: inner, codingPath: codingPath + [key])
  }
  mutating func superEncoder() -> any Encoder { preconditionFailure("settings are values, not classes") }
  mutating func superEncoder(forKey key: Key) -> any Encoder { preconditionFailure("settings are values, not classes") }
}
