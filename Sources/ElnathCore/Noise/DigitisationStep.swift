/// The step in which a converter counts: 1 ADU for most cameras, 4 or 16 for those of 14 or 12 bits whose files are filled
/// up to 16.
public enum DigitisationStep {
  /// The largest whole number that divides the differences of all pixels, some twenty thousand of them looked at; 0
  /// where they are no whole numbers, or all alike.
  public static func of(_ adu: PixelGrid<Float>) -> Double {
    let pixels = adu.pixels
    let stride = max(1, pixels.count / 20_011) | 1
    var origin: Float?
    var step = 0
    var i = 0
    while i < pixels.count {
      let value = pixels[i]
      i += stride
      guard value.isFinite else { continue }
      guard abs(value) < 0x1p24, value == value.rounded() else { return 0 }
      guard let origin else {
        origin = value
        continue
      }
      step = divisor(step, Int(abs(value - origin)))
      if step == 1 { return 1 }
    }
    return Double(step)
  }

  /// Euclid's; the divisor of 0 and a number is the number.
  private static func divisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
