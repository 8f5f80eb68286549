/// Text as it may stand in a table.
public enum CSVText {
  /// Line ends and tabs become blanks, other control characters go; a text that a spreadsheet would run as a formula
  /// (`=`, `+`, `@` in front, or `-` and more than numbers) gets an apostrophe before it.
  public static func cleaned(_ text: String) -> String {
    let plain = withoutControls(text)
    guard let first = plain.utf8.first else { return plain }
    // A minus sign alone, as some headers have it for nothing, and numbers (those of a transform too) are no formulas.
    let isDifference =
      first == UInt8(ascii: "-") && plain.utf8.count > 1
      && !plain.split(separator: " ").allSatisfy { Double($0) != nil }
    return isFormulaMark(first) || isDifference ? "'" + plain : plain
  }

  /// The same for a path: one that begins like a formula or an option gets `./` in front and stays the same path.
  public static func cleaned(path: String) -> String {
    let plain = withoutControls(path)
    guard let first = plain.utf8.first, isFormulaMark(first) || first == UInt8(ascii: "-") else { return plain }
    return "./" + plain
  }

  private static func isFormulaMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "=") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "@")
  }

  private static func withoutControls(_ text: String) -> String {
    // Control characters are the bytes below 32, 127, and C2 80 ... C2 9F in UTF-8: seldom there at all.
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D: result.append(" ")
      case 0..<0x20, 0x7F..<0xA0: break
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
