import ElnathCore

#if canImport(Glibc)
  import Glibc
#endif

/// One row of a table that is being read; valid until the next one. Errors name file, line, column and the cell.
public struct CSVRow {
  let reader: CSVReader
  let record: CSVRecord

  public func isEmpty(_ column: CSVColumn) -> Bool { record.range(of: column.index).isEmpty }

  /// The text of the cell; empty where it has none.
  public func text(_ column: CSVColumn) throws(PipelineError) -> String {
    guard let text = String(validating: record.text[record.range(of: column.index)], as: UTF8.self) else {
      throw reader.fault(at: column.index, "not UTF-8 text; save the file with that encoding")
    }
    return text
  }

  /// A number; NaN where the cell is empty.
  public func real(_ column: CSVColumn) throws(PipelineError) -> Double {
    let range = record.range(of: column.index)
    guard !range.isEmpty else { return .nan }
    guard let value = record.text.withUnsafeBufferPointer({ number(UnsafeBufferPointer(rebasing: $0[range])) }) else {
      throw unexpected("a number", column)
    }
    return value
  }

  public func optionalReal(_ column: CSVColumn) throws(PipelineError) -> Double? {
    isEmpty(column) ? nil : try real(column)
  }

  public func integer(_ column: CSVColumn) throws(PipelineError) -> Int {
    guard let value = try optionalInteger(column) else { throw unexpected("a whole number", column) }
    return value
  }

  /// Nil where the cell is empty.
  public func optionalInteger(_ column: CSVColumn) throws(PipelineError) -> Int? {
    let range = record.range(of: column.index)
    guard !range.isEmpty else { return nil }
    let digits = record.text[range]
    var value = 0
    for (place, byte) in digits.enumerated() {
      if place == 0 && byte == UInt8(ascii: "-") && digits.count > 1 { continue }
      // 18 digits fit.
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits.count < 19 else {
        throw unexpected("a whole number", column)
      }
      value = 10 * value + Int(byte - UInt8(ascii: "0"))
    }
    return digits.first == UInt8(ascii: "-") ? -value : value
  }

  /// 1 or 0; false where the cell is empty.
  public func boolean(_ column: CSVColumn) throws(PipelineError) -> Bool {
    switch try text(column) {
    case "1": return true
    case "0", "": return false
    default: throw unexpected("1 or 0", column)
    }
  }

  /// One of the words of an enumeration.
  public func word<T: RawRepresentable & CaseIterable>(
    _ column: CSVColumn, as type: T.Type
  ) throws(PipelineError) -> T where T.RawValue == String {
    guard let value = T(rawValue: try text(column)) else {
      throw unexpected("one of " + T.allCases.map(\.rawValue).joined(separator: ", "), column)
    }
    return value
  }

  /// An error about this cell.
  public func unexpected(_ expected: String, _ column: CSVColumn) -> PipelineError {
    let range = record.range(of: column.index)
    let found = range.isEmpty ? "nothing" : "'" + String(decoding: record.text[range].prefix(60), as: UTF8.self) + "'"
    return reader.fault(at: column.index, "\(column.name): expected \(expected), found \(found)")
  }
}

/// The double nearest to a decimal number in ASCII, followed by a NUL that is not part of `text`; nil for anything
/// else, `nan` and hexadecimal numbers among it.
private func number(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
  var whole: Int = 0
  var digits = 0
  var decimals = 0
  var sawPoint = false
  var isPlain = true
  for (place, byte) in text.enumerated() {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      whole = 10 &* whole &+ Int(byte &- UInt8(ascii: "0"))
      digits += 1
      if sawPoint { decimals += 1 }
    case UInt8(ascii: ".") where !sawPoint: sawPoint = true
    case UInt8(ascii: "-") where place == 0: break
    case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "-"), UInt8(ascii: "+"): isPlain = false
    default: return nil
    }
  }
  guard digits > 0 else { return nil }
  if isPlain && digits <= 15 {
    // Both are exact in a double, so that their quotient is the nearest one (Clinger 1990, PLDI 25, 92).
    let size = Double(whole) / DecimalRounding.powers[decimals]
    return text.first == UInt8(ascii: "-") ? -size : size
  }
  return text.baseAddress.flatMap { start in
    start.withMemoryRebound(to: CChar.self, capacity: text.count + 1) { start in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end.map { UnsafePointer($0) - start } == text.count && value.isFinite ? value : nil
    }
  }
}
