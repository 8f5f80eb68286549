/// Whether any pixel of a row is out of the ordinary: a look that runs on vectors, before the work pixel by pixel that
/// few rows need.
enum RowScan {
  /// True where a value is at or above `limit`. NaN is not.
  static func reaches(_ limit: Float, _ values: Span<Float>) -> Bool {
    var any: UInt32 = 0
    for x in 0..<values.count { any |= values[x] >= limit ? 1 : 0 }
    return any != 0
  }

  /// True where a value is above `limit`. NaN is not.
  static func exceeds(_ limit: Float, _ values: Span<Float>) -> Bool {
    var any: UInt32 = 0
    for x in 0..<values.count { any |= values[x] > limit ? 1 : 0 }
    return any != 0
  }

  /// True where every value is finite.
  static func isFinite(_ values: Span<Float>) -> Bool { isBelow(.infinity, values) }

  /// True where every value is a number nearer to 0 than `limit`: without their sign the bits of floats ascend as the
  /// floats do, infinity and NaN last.
  static func isBelow(_ limit: Float, _ values: Span<Float>) -> Bool {
    let highest = Int32(bitPattern: limit.bitPattern)
    var any: UInt32 = 0
    for x in 0..<values.count { any |= Int32(bitPattern: values[x].bitPattern & 0x7FFF_FFFF) >= highest ? 1 : 0 }
    return any == 0
  }
}
