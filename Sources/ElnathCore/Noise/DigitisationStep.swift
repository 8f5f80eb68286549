/// The step in which a converter counts: 1 ADU for most cameras, 4 or 16 for those of 14 or 12 bits whose files are filled
/// up to 16.
public enum DigitisationStep {
  /// The largest whole number that divides the differences of all pixels, some twenty thousand of them looked at; 0
  /// where they are no whole numbers, or all alike.
  public static func of<Raw: RawPixels>(_ raw: Raw) throws(Raw.Failure) -> Double {
    let count = raw.width * raw.height
    let stride = max(1, count / 20_011) | 1
    var seen = Differences()
    var next = 0
    // Most steps are 1, as the first few rows tell.
    for first in Swift.stride(from: 0, to: raw.height, by: 32) where !seen.isSettled {
      try raw.forEachRow(of: Array(first..<min(first + 32, raw.height))) { y, row in
        while next < (y + 1) * raw.width {
          if !seen.isSettled { seen.add(row[next - y * raw.width]) }
          next += stride
        }
      }
    }
    return Double(seen.step)
  }

  /// What the values so far have in common.
  private struct Differences {
    private var origin: Float?
    private(set) var step = 0
    /// True where no further value can change the step.
    private(set) var isSettled = false

    mutating func add(_ value: Float) {
      guard value.isFinite else { return }
      guard abs(value) < 0x1p24, value == value.rounded() else {
        (step, isSettled) = (0, true)
        return
      }
      guard let origin else {
        self.origin = value
        return
      }
      step = DigitisationStep.divisor(step, Int(abs(value - origin)))
      isSettled = step == 1
    }
  }

  /// Euclid's; the divisor of 0 and a number is the number.
  private static func divisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
