/// What stars are looked for in: an image with its mask. The variances of a single frame's pixels are never made: its
/// noise is that of the background and of the light itself.
struct SearchedImage {
  let image: PixelGrid<Float>
  let mask: PixelGrid<PixelMask>
  /// Nil where the light alone tells them.
  private let variance: PixelGrid<Float>?

  init(_ masked: MaskedImage) { self.init(masked.image, masked.mask, variance: masked.variance) }

  /// In electrons, so that its light tells its noise, whether it was reduced before or not.
  init(_ frame: FrameReduction) {
    if let light = frame.light() {
      self.init(light.image, light.mask, variance: nil)
    } else {
      let whole = frame.image()
      self.init(whole.image, whole.mask, variance: nil)
    }
  }

  private init(_ image: PixelGrid<Float>, _ mask: PixelGrid<PixelMask>, variance: PixelGrid<Float>?) {
    self.image = image
    self.mask = mask
    self.variance = variance
  }

  var width: Int { image.width }
  var height: Int { image.height }

  /// The windowed centroid of `Centroid`.
  ///
  /// - Parameter noise: that of a pixel beside the star, e-; nil where no variance of the position is wanted: it is 0.
  func centroid(
    around start: PixelPoint, sigma: Double, sky: Double, noise: Double?, maximumStep: Double
  ) -> CentroidResult {
    image.pixels.withUnsafeBufferPointer { pixels in
      mask.pixels.withUnsafeBufferPointer { mask in
        let whole = PixelRectangle(x: 0, y: 0, width: width, height: height)
        func settled(_ variance: UnsafeBufferPointer<Float>, _ source: CentroidVariance) -> CentroidResult {
          let planes = ImagePlanes(
            width: width, height: height, box: whole, image: pixels, variance: variance, mask: mask)
          return Centroid.windowed(
            in: planes, variances: source, around: start, sigma: sigma, sky: sky, maximumStep: maximumStep)
        }
        let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
        guard let noise else { return settled(none, .unwanted) }
        guard let variance else { return settled(none, .ofLight(background: noise * noise)) }
        return variance.pixels.withUnsafeBufferPointer { settled($0, .ofPlanes) }
      }
    }
  }
}
