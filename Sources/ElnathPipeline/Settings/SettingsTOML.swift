import TOMLKit

extension SettingsTree {
  /// The tree of a TOML text. Keys come in alphabetical order, since TOML gives their order no meaning.
  public static func parse(toml: String, file: String) throws(PipelineError) -> SettingsTree {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: toml)
    } catch let error as TOMLParseError {
      let place = error.source.begin
      throw PipelineError(
        .configuration, "\(file):\(place.line):\(place.column)", "not valid TOML: \(error.description)",
        underlying: error)
    } catch {
      throw PipelineError(.configuration, file, "not valid TOML: \(error)", underlying: error)
    }
    do {
      return try SettingsTree(table, at: [])
    } catch {
      throw PipelineError(.configuration, file, error.description)
    }
  }

  private init(_ value: some TOMLValueConvertible, at path: [String]) throws(SettingsProblem) {
    let found: SettingsTree? =
      switch value.type {
      case .string: value.string.map { .text($0) }
      case .int: value.int.map { .integer($0) }
      case .double: value.double.map { .real($0) }
      case .bool: value.bool.map { .boolean($0) }
      case .array: try Self.array(value.array, at: path)
      case .table: try Self.table(value.table, at: path)
      case .date, .time, .dateTime:
        throw SettingsProblem(path: path, message: "dates and times stand in quotes")
      }
    guard let found else { throw SettingsProblem(path: path, message: "not readable") }
    self = found
  }

  private static func array(_ array: TOMLArray?, at path: [String]) throws(SettingsProblem) -> SettingsTree? {
    guard let array else { return nil }
    var values: [SettingsTree] = []
    for index in 0..<array.count {
      values.append(try SettingsTree(array[index].tomlValue, at: path + ["[\(index + 1)]"]))
    }
    return .array(values)
  }

  private static func table(_ source: TOMLTable?, at path: [String]) throws(SettingsProblem) -> SettingsTree? {
    guard let source else { return nil }
    var table = SettingsTable()
    for key in source.keys {
      guard let value = source[key] else { continue }
      table[key] = try SettingsTree(value.tomlValue, at: path + [key])
    }
    return .table(table)
  }

  /// The tree as TOML, which parses to the same tree. `comment` gives a remark for the value at a path; absent keys
  /// stand in comments.
  public func toml(comment: ([String]) -> String? = { _ in nil }) -> String {
    var text = ""
    appendTable(to: &text, path: [], comment: comment)
    return text
  }

  private func appendTable(to text: inout String, path: [String], comment: ([String]) -> String?) {
    guard case .table(let table) = self else { return }
    for entry in table.entries where !entry.value.needsHeading {
      let key = Self.keyTOML(entry.key)
      if entry.value == .absent {
        text += "# \(key) is not set\n"
      } else {
        text += "\(key) = \(entry.value.inlineTOML)\(comment(path + [entry.key]).map { "  # " + $0 } ?? "")\n"
      }
    }
    for entry in table.entries where entry.value.needsHeading {
      let place = path + [entry.key]
      let heading = place.map(Self.keyTOML).joined(separator: ".")
      if case .array(let elements) = entry.value {
        let remark = comment(place).map { "  # " + $0 } ?? ""
        for element in elements {
          text += "\n[[\(heading)]]\(remark)\n"
          element.appendTable(to: &text, path: place, comment: { _ in nil })
        }
      } else {
        text += "\n[\(heading)]\n"
        entry.value.appendTable(to: &text, path: place, comment: comment)
      }
    }
  }

  /// Tables, and lists of nothing but tables, get a heading of their own.
  private var needsHeading: Bool {
    switch self {
    case .table: true
    case .array(let values): !values.isEmpty && values.allSatisfy { $0.table != nil }
    default: false
    }
  }

  private var inlineTOML: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .array(let values): "[" + values.map(\.inlineTOML).joined(separator: ", ") + "]"
    case .table(let table):
      "{"
        + table.entries.filter { $0.value != .absent }
        .map { " \(Self.keyTOML($0.key)) = \($0.value.inlineTOML)" }.joined(separator: ",") + " }"
    case .absent: "\"\""
    }
  }

  private static func keyTOML(_ key: String) -> String {
    let bare = key.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return bare && !key.isEmpty ? key : quoted(key)
  }

  /// A basic string of TOML, whose escapes are those of JSON too.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
