/// What is wrong with a pixel. The values stand in files (MASK extensions) and are never used again for another meaning.
public struct PixelMask: OptionSet, Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Hot, dead or unstable, or without a usable flat.
  public static let bad = PixelMask(rawValue: 1)
  /// At or above the saturation level of the camera.
  public static let saturated = PixelMask(rawValue: 2)
  public static let bleed = PixelMask(rawValue: 4)
  public static let cosmicRay = PixelMask(rawValue: 8)
  /// Nothing was recorded here: NaN, BLANK or outside the frame.
  public static let noData = PixelMask(rawValue: 16)
  public static let satellite = PixelMask(rawValue: 32)
  public static let nonlinear = PixelMask(rawValue: 64)
}
