import ElnathCore

/// Numbers as text with a stated count of decimals.
enum DecimalText {
  /// With this many decimals; nil for what is not finite and what a double does not hold to that many.
  static func fixed(_ value: Double, _ decimals: Int) -> String? {
    let scaled = value.magnitude * DecimalRounding.powers[decimals]
    guard scaled < 0x1p53 else { return nil }
    let units = Int(scaled.rounded())
    let digits = String(units)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && units > 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }

  /// As tables write it: the shortest text that reads back to the same double; empty for what is not finite.
  static func shortest(_ value: Double) -> String {
    var csv = CSVBytes()
    csv.append(real: value)
    return String(decoding: csv.bytes, as: UTF8.self)
  }

  /// How many decimals the error of a value has to its second figure, at most `most`: more of them tell nothing.
  static func decimals(forError error: Double, atMost most: Int) -> Int {
    guard error > 0, error.isFinite else { return most }
    for decimals in 0..<most where error * DecimalRounding.powers[decimals] >= 9.95 { return decimals }
    return most
  }
}
