#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Three images as one picture in colour whose hue does not depend on brightness (Lupton et al. 2004, PASP 116, 133).
///
/// With r, g, b above black and I their mean, each is multiplied by F(I)/I, where F(I) = asinh(Q I / stretch) / Q: linear
/// for faint light, logarithmic for bright, and the ratios of the colours stay what they are. Where one of them would
/// exceed 1 all three are divided by it: a bright star keeps its colour in place of burning out to white.
///
/// Nothing has to be chosen: sky and noise of each channel are measured. Black lies a few times the noise below the sky, so
/// that the sky is a dark neutral grey; light is shown linearly up to some times the noise; and the brightest stars just
/// reach full brightness.
public struct AsinhComposite: Sendable {
  /// How many times the noise black lies below the sky. Less cuts off faint nebulae, more makes the sky lighter.
  public var black = 2.0
  /// Softening of the asinh; nil to let the range from the noise to the brightest stars decide.
  public var softening: Double?
  /// Light at which the picture would be full if it were linear, in the unit of the images after white balance; nil to let
  /// the noise decide.
  public var stretch: Double?

  /// Faint light is shown linearly up to this many times the noise.
  static let linearRange = 3.0
  /// So much of the pixels is brighter than what the picture can show.
  static let fullFraction = 2e-4

  public init() {}

  /// Pixels from the top row to the bottom row, three bytes each: red, green, blue of the sRGB space.
  public struct Picture: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let bytes: [UInt8]
    /// What was chosen, or measured.
    public let softening: Double
    public let stretch: Double
  }

  /// - Parameters:
  ///   - channels: red, green and blue, of one size.
  ///   - factors: the white balance.
  public func callAsFunction(
    _ channels: [ColourChannel], factors: (red: Double, green: Double, blue: Double) = (1, 1, 1)
  ) -> Picture {
    precondition(channels.count == 3, "red, green and blue")
    let (width, height) = (channels[0].image.width, channels[0].image.height)
    precondition(
      channels.allSatisfy { $0.image.width == width && $0.image.height == height }, "channels must have one size")
    let scales = [factors.red, factors.green, factors.blue]
    let noise = zip(channels, scales).map { $0.noise.isFinite ? $0.noise * $1 : 0 }
    // Of the noisiest, so that none loses more of its noise below black than the others: the sky would have a colour.
    let typical = noise.max() ?? 0
    let unit = typical > 0 ? typical : 1
    let lift = black * unit
    let curve = curve(channels, scales, lift: lift, unit: unit)
    let zeros = zip(channels, scales).map { Float(($0.sky.isFinite ? $0.sky : 0) - lift / $1) }
    let gains = scales.map { Float($0) }
    let sky = Self.byte(curve(Float(lift)))
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { out, count in
      channels[0].image.pixels.withUnsafeBufferPointer { red in
        channels[1].image.pixels.withUnsafeBufferPointer { green in
          channels[2].image.pixels.withUnsafeBufferPointer { blue in
            for y in 0..<height {
              var place = 3 * width * (height - 1 - y)
              for i in (y * width)..<((y + 1) * width) {
                let r = max(0, (red[i] - zeros[0]) * gains[0])
                let g = max(0, (green[i] - zeros[1]) * gains[1])
                let b = max(0, (blue[i] - zeros[2]) * gains[2])
                let mean = (r + g + b) / 3
                // max(0, NaN) may be either.
                if (red[i] + green[i] + blue[i]).isFinite {
                  var scale = mean > 0 ? curve(mean) / mean : 0
                  scale = min(scale, 1 / max(r, g, b, .leastNormalMagnitude))
                  out[place] = Self.byte(r * scale)
                  out[place + 1] = Self.byte(g * scale)
                  out[place + 2] = Self.byte(b * scale)
                } else {
                  // Nothing is known here: like empty sky.
                  (out[place], out[place + 1], out[place + 2]) = (sky, sky, sky)
                }
                place += 3
              }
            }
          }
        }
      }
      count = 3 * width * height
    }
    return Picture(
      width: width, height: height, bytes: bytes, softening: Double(curve.softening), stretch: Double(curve.stretch))
  }

  private static func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 1) * 255 + 0.5) }

  /// F of the paper.
  struct Curve {
    let softening: Float
    let stretch: Float
    @inline(__always)
    func callAsFunction(_ light: Float) -> Float { asinhf(softening * light / stretch) / softening }
  }

  private func curve(_ channels: [ColourChannel], _ scales: [Double], lift: Double, unit: Double) -> Curve {
    // The brightest of a sample of the pixels; F of it is to be 1.
    let count = channels[0].image.pixels.count
    let step = max(1, count / 1_000_003)
    var sample: [Double] = []
    for i in stride(from: 0, to: count, by: step) {
      let light = zip(channels, scales).map { (Double($0.image.pixels[i]) - $0.sky) * $1 + lift }
      let mean = (light[0] + light[1] + light[2]) / 3
      if mean.isFinite { sample.append(mean) }
    }
    let brightest = Median.percentile(sample, 1 - Self.fullFraction)
    let full = max(brightest.isFinite ? brightest : 0, 20 * unit)
    let linear = Self.linearRange * unit
    switch (softening, stretch) {
    case (let q?, let s?): return Curve(softening: Float(q), stretch: Float(s))
    case (let q?, nil): return Curve(softening: Float(q), stretch: Float(q * full / sinh(q)))
    case (nil, let s?):
      // Q such that asinh(Q full / s) = Q; there is none but 0 where a linear scale would do.
      var q = 8.0
      for _ in 0..<100 { q = max(asinh(q * full / s), 1e-3) }
      return Curve(softening: Float(q), stretch: Float(s))
    case (nil, nil):
      let q = asinh(full / linear)
      return Curve(softening: Float(q), stretch: Float(q * linear))
    }
  }
}
