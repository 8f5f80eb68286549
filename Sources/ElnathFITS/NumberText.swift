/// A number as FITS headers write it: an optional sign, digits with or without a point, an exponent after E or D.
/// Nil for any other text, words such as `nan`, `inf` and hexadecimal among them.
struct NumberText {
  /// Finite.
  let real: Double
  /// Nil when the number has a fraction or does not fit.
  let integer: Int?
  /// True when written without point and exponent.
  let looksInteger: Bool

  init?(_ text: some StringProtocol) {
    self.init(bytes: Array(text.utf8)[...])
  }

  /// Blanks around the number are passed over.
  init?(bytes: ArraySlice<UInt8>) {
    let blank = UInt8(ascii: " ")
    var bytes = bytes.drop { $0 == blank }
    while bytes.last == blank { bytes.removeLast() }
    var plain: [UInt8] = []
    var hasDigit = false
    var looksInteger = true
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
      case UInt8(ascii: "+"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."): looksInteger = false
      case UInt8(ascii: "E"), UInt8(ascii: "e"), UInt8(ascii: "D"), UInt8(ascii: "d"):
        looksInteger = false
        plain.append(UInt8(ascii: "e"))
        continue
      default: return nil
      }
      plain.append(byte)
    }
    guard hasDigit else { return nil }
    let text = String(decoding: plain, as: UTF8.self)
    guard let real = Double(text), real.isFinite else { return nil }
    self.real = real
    self.integer = looksInteger ? Int(text) : Int(exactly: real)
    self.looksInteger = looksInteger
  }
}
