/// A frame as the camera wrote it, in ADU, overscan included.
public struct RawFrame: Sendable {
  public var observation: Observation
  /// The whole raw image; NaN where the file has BLANK or NaN.
  public var adu: PixelGrid<Float> { didSet { peaks = nil } }
  /// Where high values are; nil where nobody looked.
  public private(set) var peaks: PixelPeaks?

  public init(observation: Observation, adu: PixelGrid<Float>, peaks: PixelPeaks? = nil) {
    self.observation = observation
    self.adu = adu
    self.peaks = peaks
  }
}

/// The highest value of each run of so many pixels of an image: where it stays below a limit none has to be looked at.
public struct PixelPeaks: Sendable, Equatable {
  /// Pixels of a run.
  public let run: Int
  private let highest: [Float]

  /// - Parameter highest: of each run, the last of which may be shorter; NaN pixels do not count.
  public init(run: Int, highest: [Float]) {
    precondition(run > 0, "a run has pixels")
    self.run = run
    self.highest = highest
  }

  /// False where no pixel of these reaches the limit.
  func mayReach(_ limit: Float, in pixels: Range<Int>) -> Bool {
    guard !pixels.isEmpty else { return false }
    return (pixels.lowerBound / run...(pixels.upperBound - 1) / run).contains { highest[$0] >= limit }
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
  /// The noise of the frame; the mean of its outputs where there are several.
  public var noise: NoiseModel
  /// The noise of each output; empty for one.
  public var amplifierNoise: [AmplifierNoise]

  public init(
    observation: Observation, image: MaskedImage, adu: PixelGrid<Float>, inverseFlat: PixelGrid<Float>?,
    flatVariance: PixelGrid<Float>?, noise: NoiseModel, amplifierNoise: [AmplifierNoise] = []
  ) {
    self.observation = observation
    self.image = image
    self.adu = adu
    self.inverseFlat = inverseFlat
    self.flatVariance = flatVariance
    self.noise = noise
    self.amplifierNoise = amplifierNoise
  }

  /// A frame that was reduced before, of which raw values and flat are not known any more: no pixel has a raw value, and
  /// the terms of an error are those of a flat of 1. The observation describes the frame as it is now: nothing to trim.
  public init(
    reduced image: MaskedImage, observation: Observation, noise: NoiseModel, amplifierNoise: [AmplifierNoise] = []
  ) {
    self.init(
      observation: observation, image: image,
      adu: PixelGrid(width: image.width, height: image.height, repeating: .nan), inverseFlat: nil, flatVariance: nil,
      noise: noise, amplifierNoise: amplifierNoise)
  }

  public var width: Int { image.width }
  public var height: Int { image.height }
}
