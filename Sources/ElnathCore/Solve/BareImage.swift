extension MaskedImage {
  /// A raw image as detection wants it, with the noise that its own pixels show: of nothing else is anything known.
  public init(bare image: PixelGrid<Float>, observation: Observation) {
    var values: [Double] = []
    var differences: [Double] = []
    for y in stride(from: image.height / 64, to: image.height, by: max(1, image.height / 32)) {
      for x in stride(from: 0, to: image.width - 1, by: 2) {
        let (one, next) = (image[x, y], image[x + 1, y])
        guard !one.isNaN, !next.isNaN else { continue }
        values.append(Double(one))
        differences.append(abs(Double(next) - Double(one)))
      }
    }
    let level = values.isEmpty ? 0 : Median.inPlace(&values)
    let sigma = differences.isEmpty ? 1 : RobustScale.sigmaPerMAD * Median.inPlace(&differences) / 2.0.squareRoot()
    let constant = Float(max(sigma * sigma, 1.0 / 12))
    let gain = Float(observation.gain?.value ?? 1)
    let saturation = Float(observation.saturation?.value ?? .infinity)
    var pixels = image.pixels
    var variances = [Float](repeating: constant, count: pixels.count)
    var mask = [PixelMask](repeating: [], count: pixels.count)
    for i in pixels.indices {
      if pixels[i].isNaN {
        mask[i] = .noData
        pixels[i] = Float(level)
      } else {
        if pixels[i] >= saturation { mask[i] = .saturated }
        variances[i] += max(0, pixels[i] - Float(level)) / gain
      }
    }
    self.init(
      image: PixelGrid(width: image.width, height: image.height, pixels: pixels),
      variance: PixelGrid(width: image.width, height: image.height, pixels: variances),
      mask: PixelGrid(width: image.width, height: image.height, pixels: mask))
  }
}
