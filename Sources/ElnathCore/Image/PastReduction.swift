/// What is known of a frame that was reduced before it came here: its pixels are electrons, and its planes of variance
/// and mask lie beside them in the file.
public struct PastReduction: Sendable, Equatable {
  public var noise: NoiseModel
  /// Of each output; empty for one.
  public var amplifierNoise: [AmplifierNoise]
  /// Numbers of the header-data units that hold the planes.
  public var varianceUnit: Int
  public var maskUnit: Int
  /// Path of the flat that the frame was divided by, where it is named: how the noise of a pixel divides into its terms
  /// cannot be told without. Nil for none.
  public var flatFile: String?

  public init(noise: NoiseModel, amplifierNoise: [AmplifierNoise] = [], varianceUnit: Int, maskUnit: Int) {
    self.noise = noise
    self.amplifierNoise = amplifierNoise
    self.varianceUnit = varianceUnit
    self.maskUnit = maskUnit
  }
}

extension MaskedImage {
  /// The planes of a file. `maskValues` are sums of the bits of `PixelMask`, as numbers; what is no such sum counts as
  /// bad. Pixels without a value, or without a variance, are marked, and so cannot be taken for measured.
  public init(image: PixelGrid<Float>, variance: PixelGrid<Float>, maskValues: PixelGrid<Float>) {
    precondition(
      image.pixels.count == maskValues.pixels.count && image.pixels.count == variance.pixels.count,
      "planes must have one shape")
    let marks = image.pixels.indices.map { i -> PixelMask in
      let value = maskValues.pixels[i]
      var mark = (0...255).contains(value) ? PixelMask(rawValue: UInt8(value)) : .bad
      if image.pixels[i].isNaN { mark.insert(.noData) }
      if !(variance.pixels[i] >= 0), !image.pixels[i].isNaN { mark.insert(.bad) }
      return mark
    }
    self.init(
      image: image, variance: variance,
      mask: PixelGrid(width: image.width, height: image.height, pixels: marks))
  }
}
