/// What rows of a reduced frame give to a stack.
public enum StackLight {
  /// Marks of pixels that tell nothing of the sky. A saturated one tells at least that it is bright.
  public static let unusable: PixelMask = [.bad, .bleed, .cosmicRay, .noData, .satellite]

  /// Takes the sky off, brings the light to that of the other frames, and leaves NaN where a mark says so. Returns true
  /// where the row holds saturated pixels.
  public static func take(
    electrons e: UnsafeMutableBufferPointer<Float>, variance v: UnsafeMutableBufferPointer<Float>,
    mask: UnsafeMutableBufferPointer<PixelMask>, sky: Float, factor: Float
  ) -> Bool {
    precondition(v.count == e.count && mask.count >= e.count, "rows must have one length")
    let (unusable, saturated) = (unusable.rawValue, PixelMask.saturated.rawValue)
    var marks: UInt8 = 0
    for x in 0..<e.count {
      let mark = mask[x].rawValue
      marks |= mark
      // All bits set is not a number: a bit mask, since a conditional would not vectorise.
      let gap: UInt32 = mark & unusable == 0 ? 0 : ~0
      e[x] = Float(bitPattern: ((e[x] - sky) * factor).bitPattern | gap)
      v[x] *= factor * factor
    }
    return marks & saturated != 0
  }
}
