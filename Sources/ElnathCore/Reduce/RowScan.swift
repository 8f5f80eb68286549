/// Whether any pixel of a row is out of the ordinary: a look that runs on vectors, before the work pixel by pixel that
/// few rows need.
///
/// What is looked for is the highest value, not the first that is too high: of a search the compiler makes a loop that
/// stops at the first hit, one value at a time.
enum RowScan {
  /// True where a value is at or above `limit`. NaN is not.
  static func reaches(_ limit: Float, _ values: Span<Float>) -> Bool { exceeds(limit.nextDown, values) }

  /// True where a value is above `limit`. NaN is not.
  static func exceeds(_ limit: Float, _ values: Span<Float>) -> Bool {
    values.withUnsafeBytes { bytes in
      var highest = SIMD16<Float>(repeating: limit)
      let whole = values.count / 16 * 16
      for x in stride(from: 0, to: whole, by: 16) {
        let next = bytes.loadUnaligned(fromByteOffset: 4 * x, as: SIMD16<Float>.self)
        highest.replace(with: next, where: next .> highest)
      }
      for k in highest.indices where highest[k] > limit { return true }
      for x in whole..<values.count where values[x] > limit { return true }
      return false
    }
  }

  /// True where every value is finite.
  static func isFinite(_ values: Span<Float>) -> Bool { isBelow(.infinity, values) }

  /// True where every value is a number nearer to 0 than `limit`.
  static func isBelow(_ limit: Float, _ values: Span<Float>) -> Bool {
    values.isEmpty || magnitude(values) < limit
  }

  /// The largest distance from 0; NaN where one is NaN, 0 for none. Without their sign the bits of floats ascend as the
  /// floats do, infinity and NaN last.
  static func magnitude(_ values: Span<Float>) -> Float {
    var highest: Int32 = 0
    for x in 0..<values.count { highest = max(highest, Int32(bitPattern: values[x].bitPattern & 0x7FFF_FFFF)) }
    return Float(bitPattern: UInt32(bitPattern: highest))
  }
}
