/// Settings as written: the shape that project files, single assignments, options and defaults have in common before
/// they are merged and decoded.
public indirect enum SettingsTree: Sendable, Equatable {
  case text(String)
  case integer(Int)
  case real(Double)
  case boolean(Bool)
  case array([SettingsTree])
  case table(SettingsTable)
  /// A key that may be set and is not.
  case absent
}

/// Keys and values in the order in which they were given; each key once.
public struct SettingsTable: Sendable, Equatable {
  /// A key and its value.
  public struct Entry: Sendable, Equatable {
    public var key: String
    public var value: SettingsTree
  }

  public private(set) var entries: [Entry] = []
  /// True for a dictionary, whose keys are the user's own.
  public var takesAnyKey = false

  public init() {}

  public var keys: [String] { entries.map(\.key) }

  /// Brings the entries into the order of their keys.
  mutating func sort() { entries.sort { $0.key < $1.key } }

  public subscript(key: String) -> SettingsTree? {
    get { entries.first { $0.key == key }?.value }
    set {
      let place = entries.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension SettingsTree {
  /// A tree without any key.
  public static let empty = SettingsTree.table(SettingsTable())

  /// A table of these keys, in this order.
  public static func keyed(_ entries: [(String, SettingsTree)]) -> SettingsTree {
    var table = SettingsTable()
    for (key, value) in entries { table[key] = value }
    return .table(table)
  }

  /// The table, where this is one.
  public var table: SettingsTable? {
    guard case .table(let table) = self else { return nil }
    return table
  }

  /// The value at a path of keys, nil where the path leads nowhere.
  public subscript(path: [String]) -> SettingsTree? {
    var node = self
    for key in path {
      guard let next = node.table?[key] else { return nil }
      node = next
    }
    return node
  }

  /// A tree that holds one value: `["measure", "sky"]` and a value give `[measure] sky = value`.
  public init(path: [String], value: SettingsTree) {
    self = path.reversed().reduce(value) { inner, key in
      var table = SettingsTable()
      table[key] = inner
      return .table(table)
    }
  }

  /// This tree with the values of `later` put over it: tables key by key to any depth, all else (arrays too) replaced.
  public func merged(with later: SettingsTree) -> SettingsTree {
    guard case .table(var mine) = self, case .table(let other) = later else { return later }
    for entry in other.entries {
      mine[entry.key] = mine[entry.key]?.merged(with: entry.value) ?? entry.value
    }
    return .table(mine)
  }

  /// Every value that is not a table, with its path, in order.
  public func leaves(below path: [String] = []) -> [(path: [String], value: SettingsTree)] {
    guard case .table(let table) = self else { return [(path, self)] }
    return table.entries.flatMap { $0.value.leaves(below: path + [$0.key]) }
  }

  /// The value in words, for messages.
  var inWords: String {
    switch self {
    case .text(let text): "text '\(text)'"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .array(let values): "a list of \(values.count)"
    case .table: "a table"
    case .absent: "nothing"
    }
  }
}

/// What is wrong with one value, before it is known which file it stands in.
struct SettingsProblem: Error, Equatable {
  /// The key that the description names; empty where the message names keys itself.
  var path: [String]
  var message: String
  /// Where to look for the file at fault.
  var place: [String]

  init(path: [String], message: String, place: [String]? = nil) {
    self.path = path
    self.message = message
    self.place = place ?? path
  }

  /// `measure.annulus`; list places count from 1: `star[2].name`.
  static func name(of path: [String]) -> String {
    path.reduce("") { $0.isEmpty || $1.hasPrefix("[") ? $0 + $1 : $0 + "." + $1 }
  }

  var description: String { path.isEmpty ? message : "\(Self.name(of: path)): \(message)" }
}
