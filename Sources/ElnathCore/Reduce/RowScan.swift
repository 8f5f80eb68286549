/// Whether any pixel of a row is out of the ordinary: a look that runs on vectors, before the work pixel by pixel that
/// few rows need.
enum RowScan {
  /// True where a value is at or above `limit`. NaN is not.
  static func reaches(_ limit: Float, _ values: Span<Float>) -> Bool {
    var any: UInt32 = 0
    for x in 0..<values.count { any |= values[x] >= limit ? 1 : 0 }
    return any != 0
  }

  /// True where every value is finite: without their sign the bits of floats ascend as the floats do, infinity and NaN
  /// last.
  static func isFinite(_ values: Span<Float>) -> Bool {
    var highest: Int32 = 0
    for x in 0..<values.count { highest = max(highest, Int32(bitPattern: values[x].bitPattern & 0x7FFF_FFFF)) }
    return highest < Int32(bitPattern: Float.infinity.bitPattern)
  }
}
