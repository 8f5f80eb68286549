/// A number as headers write it: with blanks around it, with its unit behind it (`300 s`, `-20.1C`), with a comma for the
/// point (`2,5`), with an exponent after E or D.
struct HeaderNumber: Equatable {
  /// Finite.
  var value: Double
  /// Lower case; empty without one.
  var unit: String
  /// True when the fraction stands behind a comma.
  var hasComma: Bool

  /// Nil for text that is no number, has more than one, or has further digits behind it.
  init?(_ text: String) {
    let characters = Array(text.withoutOuterBlanks.replacing("\u{2212}", with: "-"))
    var place = 0
    var plain = ""
    func isDigit(at place: Int) -> Bool { place < characters.count && ("0"..."9").contains(characters[place]) }
    func takeDigits() -> Int {
      let start = place
      while isDigit(at: place) {
        plain.append(characters[place])
        place += 1
      }
      return place - start
    }
    func takeSign() {
      guard place < characters.count, characters[place] == "-" || characters[place] == "+" else { return }
      plain.append(characters[place])
      place += 1
    }

    takeSign()
    var digits = takeDigits()
    hasComma = false
    if place < characters.count, characters[place] == "." || (characters[place] == "," && digits > 0) {
      hasComma = characters[place] == ","
      plain.append(".")
      place += 1
      let fraction = takeDigits()
      guard fraction > 0 || !hasComma else { return nil }
      digits += fraction
    }
    guard digits > 0 else { return nil }
    if place < characters.count, "eEdD".contains(characters[place]) {
      let signed = place + 1 < characters.count && "+-".contains(characters[place + 1])
      if isDigit(at: place + (signed ? 2 : 1)) {
        plain.append("e")
        place += 1
        takeSign()
        _ = takeDigits()
      }
    }
    if plain.hasPrefix(".") || plain.hasPrefix("-.") || plain.hasPrefix("+.") {
      plain = plain.replacing(".", with: "0.", maxReplacements: 1)
    }
    plain = plain.replacing(".e", with: ".0e")
    if plain.hasSuffix(".") { plain.append("0") }
    let rest = String(characters[place...]).withoutOuterBlanks.lowercased()
    // Further digits or signs of a list or a date are no unit.
    guard !rest.contains(where: { $0.isNumber || ",;:".contains($0) }), !rest.hasPrefix("."),
      let value = Double(plain), value.isFinite
    else { return nil }
    self.value = value
    unit = rest
  }
}

/// Units that headers write behind a number, with the factor to that of the value. The text without a unit is in the
/// value's own.
enum HeaderUnits {
  static let plain: [String: Double] = ["": 1]
  static let seconds: [String: Double] = [
    "": 1, "s": 1, "sec": 1, "secs": 1, "sec.": 1, "second": 1, "seconds": 1, "ms": 1e-3, "msec": 1e-3,
    "milliseconds": 1e-3, "us": 1e-6, "min": 60, "minutes": 60,
  ]
  static let gain: [String: Double] = unity(
    "e-/adu", "e/adu", "e-/dn", "e/dn", "electrons/adu", "electron/adu", "e-", "e")
  static let electrons: [String: Double] = unity("e-", "e", "electrons", "electron", "e- rms", "e rms")
  static let counts: [String: Double] = unity("adu", "dn", "counts", "count")
  static let scale: [String: Double] = unity(
    "arcsec", "arcsec/px", "arcsec/pix", "arcsec/pixel", "arcseconds", "\"", "\"/px", "\"/pix", "\"/pixel", "\"/p")
  static let metres: [String: Double] = [
    "": 1, "m": 1, "meter": 1, "meters": 1, "metre": 1, "metres": 1, "m asl": 1, "km": 1000, "ft": 0.3048,
    "feet": 0.3048,
  ]
  static let millimetres: [String: Double] = ["": 1, "mm": 1, "cm": 10, "m": 1000]
  static let micrometres: [String: Double] = unity("um", "\u{B5}m", "micron", "microns", "micrometer", "micrometers")
  static let temperature: [String: Double] = unity(
    "c", "degc", "deg c", "\u{B0}c", "celsius", "deg", "k", "degk", "deg k", "kelvin")

  private static func unity(_ names: String...) -> [String: Double] {
    Dictionary(([""] + names).map { ($0, 1) }) { first, _ in first }
  }
}
