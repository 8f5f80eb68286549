extension Frame {
  /// A frame whose pixels are electrons, of whose making nothing is known: its noise is that which its sky shows, and
  /// photons beyond it. NaN is no data.
  public init(electrons raw: RawFrame) {
    let grid = raw.adu
    let noise = Self.skyNoise(grid)
    var variance = [Float](repeating: .nan, count: grid.pixels.count)
    var mask = [PixelMask](repeating: .noData, count: grid.pixels.count)
    for (i, value) in grid.pixels.enumerated() where value.isFinite {
      variance[i] = Float(noise.variance) + max(0, value - Float(noise.level))
      mask[i] = []
    }
    var observation = raw.observation
    observation.trim = PixelRectangle(x: 0, y: 0, width: grid.width, height: grid.height)
    self.init(
      reduced: MaskedImage(
        image: grid, variance: PixelGrid(width: grid.width, height: grid.height, pixels: variance),
        mask: PixelGrid(width: grid.width, height: grid.height, pixels: mask)),
      observation: observation,
      // Pixels of unknown steps: as fine as any.
      noise: NoiseModel(gain: 1e-6, readNoise: noise.variance.squareRoot(), pedestalKnown: false))
  }

  /// Level and variance of a sky pixel: median, and spread of the differences of neighbours, over a lattice of rows.
  private static func skyNoise(_ grid: PixelGrid<Float>) -> (level: Double, variance: Double) {
    var values: [Double] = []
    var differences: [Double] = []
    for y in stride(from: 0, to: grid.height, by: max(1, grid.height / 64)) {
      for x in stride(from: 0, to: grid.width - 1, by: 2) {
        let (a, b) = (grid[x, y], grid[x + 1, y])
        guard a.isFinite && b.isFinite else { continue }
        values.append(Double(a))
        differences.append(abs(Double(b) - Double(a)))
      }
    }
    guard !values.isEmpty else { return (0, 1) }
    let sigma = RobustScale.sigmaPerMAD * Median.of(differences) / 2.0.squareRoot()
    return (Median.of(values), max(sigma * sigma, 1e-12))
  }
}
