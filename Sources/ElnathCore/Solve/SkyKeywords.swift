/// The keywords of a celestial coordinate system on axes 1 and 2, and nothing else: what WCSLIB is given.
struct SkyKeywords {
  enum CelestialKind { case equatorial, galactic }

  private(set) var keywords: [SkyKeyword]

  /// Keeps what belongs to it, the first of those that stand there twice.
  init(_ all: [SkyKeyword]) {
    var known = Set<String>()
    keywords = all.compactMap { keyword in
      let key = Self.modernName[keyword.key] ?? keyword.key
      guard Self.isKnown(key) else { return nil }
      if case .number(let value) = keyword.value, !value.isFinite { return nil }
      let isText = Self.texts.contains(key)
      if case .number = keyword.value, isText { return nil }
      if case .text = keyword.value, !isText { return nil }
      return known.insert(key).inserted ? SkyKeyword(key: key, value: keyword.value) : nil
    }
  }

  /// Keywords of older headers.
  private static let modernName = ["RADECSYS": "RADESYS", "EPOCH": "EQUINOX"]
  private static let texts: Set<String> = ["CTYPE1", "CTYPE2", "CUNIT1", "CUNIT2", "RADESYS"]
  private static let plain: Set<String> = [
    "CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CDELT1", "CDELT2", "CROTA1", "CROTA2", "CD1_1", "CD1_2", "CD2_1", "CD2_2",
    "PC1_1", "PC1_2", "PC2_1", "PC2_2", "LONPOLE", "LATPOLE", "EQUINOX",
  ]

  /// True for a keyword that the coordinate system of an image can have, among them those of distortions.
  static func isKnown(_ key: String) -> Bool {
    if texts.contains(key) || plain.contains(key) || modernName[key] != nil { return true }
    let parts = key.split(separator: "_", omittingEmptySubsequences: false)
    func number(_ text: Substring, upTo limit: Int) -> Bool {
      guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
      return Int(text).map { $0 <= limit } ?? false
    }
    if parts.count == 2, parts[0] == "PV1" || parts[0] == "PV2" { return number(parts[1], upTo: 39) }
    guard ["A", "B", "AP", "BP"].contains(parts[0]) else { return false }
    if parts.count == 2 { return parts[1] == "ORDER" }
    return parts.count == 3 && number(parts[1], upTo: 9) && number(parts[2], upTo: 9)
  }

  static func isText(_ key: String) -> Bool { texts.contains(modernName[key] ?? key) }

  func text(_ key: String) -> String? {
    for keyword in keywords where keyword.key == key {
      if case .text(let text) = keyword.value { return text }
    }
    return nil
  }

  func number(_ key: String) -> Double? {
    for keyword in keywords where keyword.key == key {
      if case .number(let value) = keyword.value { return value }
    }
    return nil
  }

  private mutating func set(_ key: String, _ value: SkyKeyword.Value) {
    keywords.removeAll { $0.key == key }
    keywords.append(SkyKeyword(key: key, value: value))
  }

  /// Nil for axes that are no longitude and latitude.
  var celestialKind: CelestialKind? {
    let types = [text("CTYPE1"), text("CTYPE2")].map { ($0 ?? "").uppercased() }
    func isPair(_ a: String, _ b: String) -> Bool {
      (types[0].hasPrefix(a) && types[1].hasPrefix(b)) || (types[0].hasPrefix(b) && types[1].hasPrefix(a))
    }
    if isPair("RA--", "DEC-") { return .equatorial }
    return isPair("GLON-", "GLAT-") ? .galactic : nil
  }

  /// Brings the keywords into the form that WCSLIB takes, or tells why that cannot be done.
  mutating func complete() -> String? {
    for key in ["CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2"] where number(key) == nil {
      return "\(key) is missing or no number"
    }
    for axis in 1...2 {
      let type = (text("CTYPE\(axis)") ?? "").uppercased()
      set("CTYPE\(axis)", .text(type))
      if ["DEC-", "GLAT"].contains(where: type.hasPrefix), let value = number("CRVAL\(axis)"), abs(value) > 90 {
        return "CRVAL\(axis) = \(value) lies beyond the pole"
      }
      // WCSLIB knows degrees by this name alone, and takes them where nothing is said.
      if let unit = text("CUNIT\(axis)")?.lowercased() {
        if !unit.isEmpty && !unit.hasPrefix("deg") { return "CUNIT\(axis) = '\(unit)' is not degrees" }
        keywords.removeAll { $0.key == "CUNIT\(axis)" }
      }
    }
    let hasMatrix = keywords.contains { $0.key.hasPrefix("CD1_") || $0.key.hasPrefix("CD2_") }
    if hasMatrix {
      // WCSLIB refuses both; the matrix tells more.
      keywords.removeAll { $0.key.hasPrefix("CDELT") || $0.key.hasPrefix("CROTA") || $0.key.hasPrefix("PC") }
    } else {
      guard let x = number("CDELT1"), let y = number("CDELT2"), x != 0, y != 0 else {
        return "neither a CD matrix nor CDELT1 and CDELT2 give the size of a pixel"
      }
      if keywords.contains(where: { $0.key.hasPrefix("PC") }) { keywords.removeAll { $0.key.hasPrefix("CROTA") } }
    }
    return completeDistortion()
  }

  /// SIP polynomials count only with `-SIP` in the types, and the reverse: one without the other was an oversight.
  private mutating func completeDistortion() -> String? {
    let orders = ["A", "B"].map { number($0 + "_ORDER") }
    for (name, order) in zip(["A", "B"], orders) {
      guard let order else { continue }
      guard order == order.rounded(), (0...9).contains(order) else { return "\(name)_ORDER = \(order) is no order" }
    }
    let types = (1...2).map { text("CTYPE\($0)") ?? "" }
    let isSIP = (orders[0] ?? 0) >= 2 && (orders[1] ?? 0) >= 2 && types.allSatisfy { $0.dropFirst(5).hasPrefix("TAN") }
    for (axis, type) in zip(1...2, types) {
      let bare = type.hasSuffix("-SIP") ? String(type.dropLast(4)) : type
      set("CTYPE\(axis)", .text(isSIP ? bare + "-SIP" : bare))
    }
    if !isSIP { nameTPV() }
    // The inverse is found from the polynomials themselves, closer than the headers' own approximation to it.
    keywords.removeAll { keyword in
      guard ["A_", "B_", "AP_", "BP_"].contains(where: keyword.key.hasPrefix) else { return false }
      return !isSIP || keyword.key.hasPrefix("AP_") || keyword.key.hasPrefix("BP_")
    }
    // Left behind by programs that turned one kind of distortion into the other.
    if isSIP { keywords.removeAll { $0.key.hasPrefix("PV") } }
    if isSIP { for name in ["A", "B"] { dropBeyondOrder(name) } }
    return nil
  }

  /// SCAMP wrote the polynomials of TPV under the name TAN, which has none of these parameters.
  private mutating func nameTPV() {
    let types = (1...2).map { text("CTYPE\($0)") ?? "" }
    guard types.allSatisfy({ $0.dropFirst(4) == "-TAN" }) else { return }
    let hasPolynomial = keywords.contains { keyword in
      let parts = keyword.key.split(separator: "_")
      guard parts.count == 2, let term = Int(parts[1]) else { return false }
      return (parts[0] == "PV1" && term > 4) || (parts[0] == "PV2" && term > 0)
    }
    guard hasPolynomial else { return }
    for (axis, type) in zip(1...2, types) { set("CTYPE\(axis)", .text(type.dropLast(3) + "TPV")) }
  }

  private mutating func dropBeyondOrder(_ name: String) {
    let order = Int(number(name + "_ORDER") ?? 0)
    keywords.removeAll { keyword in
      let parts = keyword.key.split(separator: "_")
      guard parts.count == 3, parts[0] == name, let i = Int(parts[1]), let j = Int(parts[2]) else { return false }
      return i + j > order
    }
  }

  /// Cards of 80 bytes.
  var records: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ key: String, _ value: String) {
      let card = key + String(repeating: " ", count: max(0, 8 - key.utf8.count)) + "= " + value
      bytes += Array(card.utf8.prefix(80))
      bytes += Array(repeating: UInt8(ascii: " "), count: max(0, 80 - card.utf8.count))
    }
    append("WCSAXES", "2")
    for keyword in keywords {
      switch keyword.value {
      case .text(let text):
        let plain = String(text.unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0 != "'" }.map(Character.init))
        append(keyword.key, "'\(plain.prefix(40))'")
      case .number(let number) where keyword.key.hasSuffix("_ORDER"): append(keyword.key, "\(Int(number))")
      case .number(let number): append(keyword.key, "\(number)".uppercased())
      }
    }
    append("END", "")
    // An END has no value.
    bytes.replaceSubrange((bytes.count - 80)..., with: Array("END".utf8) + Array(repeating: 32, count: 77))
    return bytes
  }
}

extension SkyKeyword {
  fileprivate init(key: String, value: Value) {
    self.key = key
    self.value = value
  }
}
