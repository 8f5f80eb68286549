/// A frame to be compared with another: pixels in any unit, their variance, and which of them count.
public struct ComparedFrame: Sendable {
  /// Pixels with any bit of the mask are left out.
  public var image: MaskedImage
  public var observation: Observation

  /// A frame whose file says how noisy its pixels are.
  public init(image: MaskedImage, observation: Observation) {
    self.image = image
    self.observation = observation
  }

  /// A frame that says nothing of its noise: that of the sky is measured from differences of neighbouring pixels, and the
  /// photons of what stands above it are counted with the `gain` (e- per unit of the pixels); nil for an unknown one, by
  /// which the cores of stars count as no noisier than the sky.
  public init(
    pixels: PixelGrid<Float>, mask: PixelGrid<PixelMask>?, observation: Observation, gain: Double?,
    saturation: Double?
  ) {
    var marks = mask ?? PixelGrid(width: pixels.width, height: pixels.height, repeating: [])
    let limit = saturation.map { Float($0) } ?? .infinity
    marks.pixels.withUnsafeMutableBufferPointer { marks in
      pixels.pixels.withUnsafeBufferPointer { pixels in
        for i in 0..<pixels.count {
          if !pixels[i].isFinite { marks[i].insert(.noData) } else if pixels[i] >= limit { marks[i].insert(.saturated) }
        }
      }
    }
    let flat = PixelGrid<Float>(width: pixels.width, height: pixels.height, repeating: 0)
    let image = MaskedImage(image: pixels, variance: flat, mask: marks)
    self.init(
      image: MaskedImage(image: pixels, variance: Self.measuredVariance(image, gain: gain), mask: marks),
      observation: observation)
  }

  private static func measuredVariance(_ image: MaskedImage, gain: Double?) -> PixelGrid<Float> {
    let mesh = BackgroundMesh(of: image)
    let (width, height) = (image.width, image.height)
    let perPhoton = Float(gain.map { 1 / $0 } ?? 0)
    var level = [Float](repeating: 0, count: width)
    let variance = [Float](unsafeUninitializedCapacity: width * height) { out, count in
      image.image.pixels.withUnsafeBufferPointer { pixels in
        level.withUnsafeMutableBufferPointer { level in
          for y in 0..<height {
            mesh.fill(row: y, into: level)
            var sigma: Float = 0
            for x in 0..<width {
              // The noise changes over boxes of 64 pixels.
              if x % 16 == 0 {
                sigma = Float(mesh.sigma(at: PixelPoint(x: Double(min(x + 8, width - 1)), y: Double(y))))
              }
              let i = y * width + x
              let light = pixels[i] - level[x]
              out[i] = pixels[i].isFinite ? sigma * sigma + max(0, light) * perPhoton : .nan
            }
          }
        }
      }
      count = width * height
    }
    return PixelGrid(width: width, height: height, pixels: variance)
  }
}
