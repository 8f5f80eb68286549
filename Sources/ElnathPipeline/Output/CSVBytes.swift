import ElnathCore

/// The bytes of a CSV table under construction (RFC 4180, UTF-8, LF).
///
/// Numbers are the shortest text that reads back to the same double, without `.0`; what is not finite is empty.
struct CSVBytes: TextOutputStream {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func comma() { bytes.append(UInt8(ascii: ",")) }
  mutating func blank() { bytes.append(UInt8(ascii: " ")) }
  mutating func endRow() { bytes.append(UInt8(ascii: "\n")) }
  mutating func append(_ other: CSVBytes) { bytes.append(contentsOf: other.bytes) }
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func append(_ cell: Cell) {
    switch cell {
    case .text(let text): append(text: CSVText.cleaned(text))
    case .path(let path): append(text: CSVText.cleaned(path: path))
    case .integer(let value): append(integer: value)
    case .real(let value): append(real: value)
    case .time(let value): append(real: value.roundedTime)
    case .boolean(let value): bytes.append(value ? UInt8(ascii: "1") : UInt8(ascii: "0"))
    case .empty: break
    }
  }

  /// Text without control characters, quoted where a reader needs it.
  mutating func append(text: String) {
    let quote = UInt8(ascii: "\"")
    let utf8 = text.utf8
    let special = utf8.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
    // Readers strip outer blanks, and take a line that begins with # for a comment.
    let outer = utf8.first == UInt8(ascii: " ") || utf8.last == UInt8(ascii: " ") || utf8.first == UInt8(ascii: "#")
    guard special || outer else {
      bytes.append(contentsOf: utf8)
      return
    }
    bytes.append(quote)
    for byte in utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  mutating func append(integer value: Int) { append(digits: value.magnitude, decimals: 0, isNegative: value < 0) }

  /// A comma and then the number: most of what tables consist of.
  mutating func append(next value: Double) { append(real: value, afterComma: true) }

  mutating func append(real value: Double) { append(real: value, afterComma: false) }

  private mutating func append(real value: Double, afterComma: Bool) {
    let size = abs(value)
    guard size < 1e9, size >= 1e-4 || size == 0 else {
      append(anyReal: value, afterComma: afterComma)
      return
    }
    // Where value = m / 10^k with m of at most 15 digits, no other decimal of so few digits reads back to the same
    // double, so that m without its last zeros is the shortest text. Most numbers of tables have few decimals.
    var decimals = 4
    var whole = Int(size * 1e4 + 0.5)
    if Double(whole) / 1e4 != size {
      decimals = size < 1e6 ? 9 : size < 1e7 ? 8 : 6
      let scale = DecimalRounding.powers[decimals]
      whole = Int(size * scale + 0.5)
      guard Double(whole) / scale == size else {
        append(anyReal: value, afterComma: afterComma)
        return
      }
    }
    append(digits: UInt(whole), decimals: decimals, isNegative: value < 0, afterComma: afterComma)
  }

  /// whole / 10^decimals, without zeros at its end.
  private mutating func append(digits whole: UInt, decimals: Int, isNegative: Bool, afterComma: Bool = false) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
      var rest = whole
      var decimals = decimals
      while decimals > 0 && rest % 10 == 0 {
        rest /= 10
        decimals -= 1
      }
      var place = buffer.count
      func put(_ byte: UInt8) {
        place -= 1
        buffer[place] = byte
      }
      func putDigit() {
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
      }
      // Two at a time: each division waits for the one before.
      func putPair() {
        let pair = rest % 100
        rest /= 100
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair % 10))
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair / 10))
      }
      if decimals > 0 {
        for _ in 0..<(decimals / 2) { putPair() }
        if decimals % 2 == 1 { putDigit() }
        put(UInt8(ascii: "."))
      }
      while rest >= 100 { putPair() }
      repeat { putDigit() } while rest > 0
      if isNegative { put(UInt8(ascii: "-")) }
      if afterComma { put(UInt8(ascii: ",")) }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[place...]))
    }
  }

  private mutating func append(anyReal value: Double, afterComma: Bool) {
    if afterComma { comma() }
    guard value.isFinite else { return }
    value.write(to: &self)
  }

  mutating func write(_ string: String) {
    var string = string
    string.withUTF8 { appendReal($0) }
  }

  /// The standard library hands the text of a number over here without making a string of it.
  mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) { appendReal(buffer) }

  /// The standard library writes `5.0`, `1e+16` and `1e-05`, tables `5`, `1e16` and `1e-5`.
  private mutating func appendReal(_ text: UnsafeBufferPointer<UInt8>) {
    let exponent = text.lastIndex(of: UInt8(ascii: "e"))
    let mantissa = text[..<(exponent ?? text.endIndex)]
    let isWhole =
      mantissa.count > 2 && mantissa.last == UInt8(ascii: "0") && mantissa.dropLast().last == UInt8(ascii: ".")
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: isWhole ? mantissa.dropLast(2) : mantissa))
    guard let exponent else { return }
    bytes.append(UInt8(ascii: "e"))
    var digits = text[(exponent + 1)...]
    if digits.first == UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
    digits = digits.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "0") }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits))
  }
}
