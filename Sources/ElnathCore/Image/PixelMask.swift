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

  /// A bit of the MASK of a file: what it is called and what it says.
  public struct Definition: Sendable {
    public let mask: PixelMask
    public let name: String
    public let sentence: String
  }

  /// Every bit, by value.
  public static let definitions: [Definition] = [
    Definition(mask: .bad, name: "bad", sentence: "Hot, dead or unstable, or without a usable flat."),
    Definition(mask: .saturated, name: "saturated", sentence: "At or above the saturation level of the camera."),
    Definition(mask: .bleed, name: "bleed", sentence: "Charge of a saturated star ran into it."),
    Definition(mask: .cosmicRay, name: "cosmic_ray", sentence: "Hit by a cosmic ray."),
    Definition(mask: .noData, name: "no_data", sentence: "Nothing was recorded here."),
    Definition(mask: .satellite, name: "satellite", sentence: "A satellite trail crosses it."),
    Definition(
      mask: .nonlinear, name: "nonlinear", sentence: "Where the camera is no longer linear, and not corrected."),
  ]

  /// What any of the pixels has.
  static func union(of masks: UnsafeBufferPointer<PixelMask>) -> PixelMask {
    var all: UInt8 = 0
    for x in 0..<masks.count { all |= masks[x].rawValue }
    return PixelMask(rawValue: all)
  }
}
