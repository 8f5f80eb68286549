/// Rounding to few decimal digits, so that the shortest text of a number is short and reads back to the same number.
///
/// The result is the double nearest to the short decimal: an integer below 2^53 divided by a power of ten up to 10^22,
/// both exact. NaN and infinity pass unchanged.
public enum DecimalRounding {
  /// To `digits` places after the point, at most 22.
  public static func decimals(_ value: Double, _ digits: Int) -> Double {
    let scale = powers[digits]
    let scaled = value * scale
    // Beyond 2^53 there are no places after the point left to round; the comparison is false for NaN.
    return abs(scaled) < 0x1p53 ? scaled.rounded() / scale : value
  }

  /// To `digits` significant digits, at most 15.
  public static func significant(_ value: Double, _ digits: Int) -> Double {
    guard value.isFinite, value != 0 else { return value }
    var exponent = Int((Double(value.exponent) * 0.30102999566398120).rounded(.down))
    let magnitude = abs(value)
    if exponent + 1 <= 22, exponent >= -23, magnitude >= power(exponent + 1) { exponent += 1 }
    let places = digits - 1 - exponent
    if places >= 0 { return places <= 22 ? decimals(value, places) : value }
    guard places >= -22 else { return value }
    return (value / powers[-places]).rounded() * powers[-places]
  }

  private static func power(_ exponent: Int) -> Double {
    exponent >= 0 ? powers[exponent] : 1 / powers[-exponent]
  }

  /// The powers of ten that a double holds exactly.
  public static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
