/// How the sky of a frame scatters from pixel to pixel, against what the variances of its pixels say.
///
/// The two differ where the zero level is unknown, so that it counts as light, or where gain or read noise are wrong.
public struct SkyNoise: Sendable, Equatable {
  /// Mean variance that the pixels of the sky are given, e-^2.
  public var expected: Double
  /// The variance that they have, in units of `expected`.
  public var ratio: Double
  /// True where the zero level is known, so that the electrons of the sky are sky.
  public var zeroKnown: Bool

  public init(expected: Double, ratio: Double, zeroKnown: Bool = true) {
    self.expected = expected
    self.ratio = ratio
    self.zeroKnown = zeroKnown
  }

  private static let rows = 32
  private static let leastPairs = 500

  /// By what neighbours in some rows differ: of each row the darker half of the pairs, where few stars are. The sum of
  /// two values of equal noise tells nothing of their difference, so that the choice does not change the scatter.
  ///
  /// Nil where there are too few pixels for a tenth.
  public init?(_ frame: FrameReduction) {
    let (width, height) = (frame.width, frame.height)
    let count = min(height, Self.rows)
    var differences: [Float] = []
    var (variance, pairs) = (0.0, 0)
    for k in 0..<count {
      let box = PixelRectangle(x: 0, y: (2 * k + 1) * height / (2 * count), width: width, height: 1)
      frame.withPlanes(in: box) { planes in
        let (image, given, mask) = (planes.image, planes.planes.variance, planes.mask)
        let first = planes.planes.index(0, box.y)
        var row: [(sum: Float, difference: Float, variance: Float)] = []
        for x in stride(from: first, to: first + width - 1, by: 2) {
          guard mask[x].isEmpty, mask[x + 1].isEmpty, given[x] > 0, given[x + 1] > 0 else { continue }
          row.append((image[x] + image[x + 1], image[x + 1] - image[x], given[x] + given[x + 1]))
        }
        guard !row.isEmpty else { return }
        let middle = Median.of(row.map { Double($0.sum) })
        // Of the row, not of the pair: variances come from the pixels themselves, and the darker half has the smaller.
        let usual = Median.of(row.map { Double($0.variance) })
        for pair in row where Double(pair.sum) <= middle && pair.difference.isFinite {
          differences.append(pair.difference / Float(usual.squareRoot()))
          variance += usual / 2
          pairs += 1
        }
      }
    }
    guard pairs >= Self.leastPairs else { return nil }
    let sigma = SigmaClip()(differences).normalSigma
    guard sigma > 0, sigma.isFinite else { return nil }
    self.init(
      expected: variance / Double(pairs), ratio: sigma * sigma, zeroKnown: frame.noise.pedestalKnown)
  }

  /// True where the frames, by their median, are so much noisier or quieter than their variances say that these cannot
  /// stand, or where none of them has a zero level: the limits are those for the sky of an aperture.
  public static func contradicts(_ frames: [SkyNoise]) -> Bool {
    guard frames.contains(where: \.zeroKnown) else { return !frames.isEmpty }
    let ratio = Median.of(frames.map(\.ratio))
    return abs(ratio - 1) > SkyNoise.tolerated
  }

  private static let tolerated = 0.3

  /// Of a pixel whose model gives it the variance `v`: the sky takes the measured noise, what light there is on top keeps
  /// its own. Never less than the sky's part of it.
  @inline(__always)
  public func corrected(_ v: Float) -> Float {
    max(v + Float((ratio - 1) * expected), v * Float(min(1, ratio)))
  }
}
