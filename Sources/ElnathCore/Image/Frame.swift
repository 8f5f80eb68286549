/// A frame as the camera wrote it, in ADU, overscan included.
public struct RawFrame: Sendable {
  public var observation: Observation
  /// The whole raw image; NaN where the file has BLANK or NaN.
  public var adu: PixelGrid<Float>

  public init(observation: Observation, adu: PixelGrid<Float>) {
    self.observation = observation
    self.adu = adu
  }
}

/// A reduced frame, trimmed, in electrons.
public struct Frame: Sendable {
  public var observation: Observation
  /// Electrons, their variance (e-^2) and what is wrong with each pixel.
  public internal(set) var image: MaskedImage
  /// Trimmed raw ADU, bias included: what is compared with the saturation level.
  public internal(set) var adu: PixelGrid<Float>
  /// 1/flat, by which the electrons of each pixel were multiplied; nil when there is no flat.
  public var inverseFlat: PixelGrid<Float>?
  /// Relative variance of the flat, (sigma_f/f)^2; nil when there is no flat.
  public var flatVariance: PixelGrid<Float>?
  public var noise: NoiseModel

  public init(
    observation: Observation, image: MaskedImage, adu: PixelGrid<Float>, inverseFlat: PixelGrid<Float>?,
    flatVariance: PixelGrid<Float>?, noise: NoiseModel
  ) {
    self.observation = observation
    self.image = image
    self.adu = adu
    self.inverseFlat = inverseFlat
    self.flatVariance = flatVariance
    self.noise = noise
  }

  public var width: Int { image.width }
  public var height: Int { image.height }
}
