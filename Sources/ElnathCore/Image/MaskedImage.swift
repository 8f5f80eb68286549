/// An image with the variance and the mask of each pixel: three planes of one shape that always travel together.
public struct MaskedImage: Sendable {
  public internal(set) var image: PixelGrid<Float>
  /// Variance of each pixel, in the square of the image's unit; NaN where the image has no value.
  public internal(set) var variance: PixelGrid<Float>
  public internal(set) var mask: PixelGrid<PixelMask>

  public init(image: PixelGrid<Float>, variance: PixelGrid<Float>, mask: PixelGrid<PixelMask>) {
    precondition(
      image.width == variance.width && image.width == mask.width && image.height == variance.height
        && image.height == mask.height, "planes must have one shape")
    self.image = image
    self.variance = variance
    self.mask = mask
  }

  public var width: Int { image.width }
  public var height: Int { image.height }
}
