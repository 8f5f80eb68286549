/// Several calibration frames in one: image, variance of each pixel and what is wrong with it, trimmed.
public struct Master: Sendable {
  /// ADU for bias and dark, relative response (about 1) for a flat.
  public var image: PixelGrid<Float>
  /// Of a dark without that of the bias which was subtracted from it: a light frame from which both are subtracted loses
  /// the same error twice, with opposite signs.
  public var variance: PixelGrid<Float>
  public var mask: PixelGrid<PixelMask>
  /// Number of frames that went in, and number of pixel values that were rejected.
  public var frames: Int
  public var rejected: Int
  /// Exposure of a dark, s; 0 for a bias.
  public var exposure: Double

  public init(
    image: PixelGrid<Float>, variance: PixelGrid<Float>, mask: PixelGrid<PixelMask>, frames: Int, rejected: Int,
    exposure: Double = 0
  ) {
    self.image = image
    self.variance = variance
    self.mask = mask
    self.frames = frames
    self.rejected = rejected
    self.exposure = exposure
    meanVariance = Self.typicalMean(variance)
    isOrdinary = Self.areOrdinary(image, variance)
    level = Median.of(stride(from: 0, to: image.pixels.count, by: 37).map { Double(image.pixels[$0]) })
  }

  /// Mean of the variances of ordinary pixels, those up to four times the median: a few hot ones would raise that of all
  /// others. 0 without any.
  public let meanVariance: Double
  /// Median of every 37th pixel; NaN without any.
  public let level: Double

  /// True where every pixel that has a value has a variance too, and neither is beyond 1e12 of its unit, as any number
  /// from a detector is: so nothing that is computed from them overflows.
  let isOrdinary: Bool

  private static func areOrdinary(_ image: PixelGrid<Float>, _ variance: PixelGrid<Float>) -> Bool {
    let (image, variance) = (image.pixels.span, variance.pixels.span)
    let piece = 1024
    for start in stride(from: 0, to: image.count, by: piece) {
      let part = start..<min(start + piece, image.count)
      if RowScan.isBelow(1e12, image.extracting(part)), RowScan.isBelow(1e12, variance.extracting(part)) { continue }
      for i in part where image[i].isFinite && !(abs(image[i]) < 1e12 && abs(variance[i]) < 1e12) { return false }
    }
    return true
  }

  private static func typicalMean(_ variance: PixelGrid<Float>) -> Double {
    let limit = Float(4 * variance.sampledMedian)
    var sum = 0.0
    var count = 0.0
    variance.pixels.withUnsafeBufferPointer { values in
      for value in values where value <= limit && value.isFinite {
        sum += Double(value)
        count += 1
      }
    }
    return count > 0 ? sum / count : 0
  }
}

/// A flat, ready to be multiplied by.
public struct FlatField: Sendable {
  /// What the response marks, and `bad` where it is not usable: zero, negative, NaN, or of unknown variance.
  public let mask: PixelGrid<PixelMask>
  /// 1/response; 1 where the response is not usable.
  public let inverse: PixelGrid<Float>
  /// (sigma_f/f)^2; 0 where the response is not usable.
  public let relativeVariance: PixelGrid<Float>
  /// True where both are below 1e6: so nothing that is computed from them overflows.
  let isOrdinary: Bool

  /// - Parameter response: normalised to about 1.
  public init(response: Master) {
    let count = response.image.pixels.count
    var relative: [Float] = []
    var unusable: [Int] = []
    var isOrdinary = true
    let inverse = [Float](unsafeUninitializedCapacity: count) { inverse, written in
      relative = [Float](unsafeUninitializedCapacity: count) { relative, written in
        for start in stride(from: 0, to: count, by: Self.piece) {
          let part = start..<min(start + Self.piece, count)
          let image = response.image.pixels.span.extracting(part)
          let isOrdinaryPart = Self.invert(
            image, response.variance.pixels.span.extracting(part),
            into: UnsafeMutableBufferPointer(rebasing: inverse[part]),
            UnsafeMutableBufferPointer(rebasing: relative[part]))
          if isOrdinaryPart { continue }
          for i in part {
            if !Self.isUsable(image[i - start], inverse[i], relative[i]) {
              unusable.append(i)
              (inverse[i], relative[i]) = (1, 0)
            }
            isOrdinary = isOrdinary && inverse[i] < 1e6 && relative[i] < 1e6
          }
        }
        written = count
      }
      written = count
    }
    var mask = response.mask
    for i in unusable { mask.pixels[i].insert(.bad) }
    self.mask = mask
    self.isOrdinary = isOrdinary
    self.inverse = PixelGrid(width: response.image.width, height: response.image.height, pixels: inverse)
    relativeVariance = PixelGrid(width: response.image.width, height: response.image.height, pixels: relative)
  }

  /// Pixels that are looked at together.
  private static let piece = 1024

  private static func isUsable(_ f: Float, _ inverse: Float, _ relative: Float) -> Bool {
    f > 0 && f.isFinite && inverse.isFinite && relative.isFinite
  }

  /// Writes the inverse of a response and its relative variance; true where all pixels are usable and ordinary.
  private static func invert(
    _ response: Span<Float>, _ variance: Span<Float>, into inverse: UnsafeMutableBufferPointer<Float>,
    _ relative: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(
      variance.count == response.count && inverse.count == response.count && relative.count == response.count,
      "planes must have one shape")
    var unusual: UInt32 = 0
    for x in 0..<response.count {
      let f = response[x]
      let one = 1 / f
      let other = variance[x] / (f * f)
      inverse[x] = one
      relative[x] = other
      // A positive inverse below 1e6 is that of a positive number, infinity not among them.
      unusual |= one > 0 ? 0 : 1
      unusual |= one < 1e6 ? 0 : 1
      unusual |= other.magnitude < 1e6 ? 0 : 1
    }
    return unusual == 0
  }
}

/// The calibration that is at hand; any part may be missing.
public struct Masters: Sendable {
  public var bias: Master?
  /// By exposure. Bias-subtracted where there is a zero level (`darksContainBias` false).
  public var darks: [Master]
  /// True where neither bias frames nor an overscan gave the zero level of the darks: they still contain it and serve
  /// only lights of the same exposure.
  public var darksContainBias: Bool
  /// By filter.
  public var flats: [String: FlatField]
  /// What the user knows of the pixels.
  public var badPixels: PixelGrid<PixelMask>?
  /// What all of them mark, where it was put together before: it is the same for all frames of an exposure and a filter.
  public var marks: PixelGrid<PixelMask>?

  public init(
    bias: Master? = nil, darks: [Master] = [], darksContainBias: Bool = false, flats: [String: FlatField] = [:],
    badPixels: PixelGrid<PixelMask>? = nil
  ) {
    self.badPixels = badPixels
    self.bias = bias
    self.darks = darks.sorted { $0.exposure < $1.exposure }
    self.darksContainBias = darksContainBias
    self.flats = flats
  }

  /// What bias, dark and flat of a frame and the user mark; nil for nothing, and where they have not one size.
  public func marks(of observation: Observation) -> PixelGrid<PixelMask>? {
    if let marks { return marks }
    let dark = dark(forExposure: observation.exposure)?.master
    let masks = [bias?.mask, dark?.mask, flats[observation.filter]?.mask, badPixels].compactMap { $0 }
    guard let first = masks.first, masks.allSatisfy({ $0.width == first.width && $0.height == first.height }) else {
      return nil
    }
    return masks.dropFirst().reduce(first) { $0.union($1) }
  }

  /// Size of the frames that they serve; nil where there are none.
  public var size: PixelSize? {
    let images = [bias?.image, darks.first?.image, flats.values.first?.inverse].compactMap { $0 }
    return images.first.map { PixelSize(width: $0.width, height: $0.height) }
      ?? badPixels.map { PixelSize(width: $0.width, height: $0.height) }
  }

  /// The dark for an exposure and the factor to scale it by: one whose exposure agrees to 1 per cent, else the longest,
  /// which is the least noisy. Nil when there is none that may serve.
  public func dark(forExposure exposure: Double) -> (master: Master, scale: Double)? {
    guard exposure > 0 else { return nil }
    if let match = darks.first(where: { abs($0.exposure - exposure) <= 0.01 * exposure }) { return (match, 1) }
    guard !darksContainBias, let longest = darks.last, longest.exposure > 0 else { return nil }
    return (longest, exposure / longest.exposure)
  }
}
