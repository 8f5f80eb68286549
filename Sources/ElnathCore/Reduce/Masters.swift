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
    (isOrdinary, magnitude) = Self.extent(image, variance)
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

  /// The largest distance of a pixel from 0, ADU; NaN where one has no value.
  let magnitude: Float

  private static func extent(
    _ image: PixelGrid<Float>, _ variance: PixelGrid<Float>
  ) -> (isOrdinary: Bool, magnitude: Float) {
    let (image, variance) = (image.pixels.span, variance.pixels.span)
    let piece = 1024
    var isOrdinary = true
    var magnitude: Float = 0
    for start in stride(from: 0, to: image.count, by: piece) {
      let part = start..<min(start + piece, image.count)
      let here = RowScan.magnitude(image.extracting(part))
      if !(here <= magnitude) && !magnitude.isNaN { magnitude = here }
      if here < 1e12, RowScan.isBelow(1e12, variance.extracting(part)) { continue }
      for i in part where image[i].isFinite && !(abs(image[i]) < 1e12 && abs(variance[i]) < 1e12) {
        isOrdinary = false
      }
    }
    return (isOrdinary, magnitude)
  }

  private static func typicalMean(_ variance: PixelGrid<Float>) -> Double {
    let limit = min(Float(4 * variance.sampledMedian), .greatestFiniteMagnitude)
    let values = variance.pixels.span
    // So many sums at a time: one would wait for itself with every value.
    let lanes = 256
    var sums = [Double](repeating: 0, count: lanes)
    var counts = [Int32](repeating: 0, count: lanes)
    for start in stride(from: 0, to: values.count, by: lanes) {
      let part = values.extracting(start..<min(start + lanes, values.count))
      var sums = sums.mutableSpan
      var counts = counts.mutableSpan
      add(part, upTo: limit, to: &sums, counting: &counts)
    }
    let count = counts.reduce(0) { $0 + Int($1) }
    return count > 0 ? sums.reduce(0, +) / Double(count) : 0
  }

  private static func add(
    _ values: Span<Float>, upTo limit: Float, to sums: inout MutableSpan<Double>,
    counting counts: inout MutableSpan<Int32>
  ) {
    precondition(values.count <= sums.count && values.count <= counts.count, "a sum for each value")
    for x in 0..<values.count {
      // Nothing compares with NaN. Masks of bits, since a conditional would not vectorise.
      let keep: UInt32 = values[x] <= limit ? ~0 : 0
      sums[x] += Double(Float(bitPattern: values[x].bitPattern & keep))
      counts[x] &-= Int32(bitPattern: keep)
    }
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
  let highestInverse: Float

  /// - Parameter response: normalised to about 1.
  public init(response: consuming Master) {
    // In the place of the response, where nobody else needs it.
    var flat = response
    var unusable: [Int] = []
    var isOrdinary = true
    let count = flat.image.pixels.count
    flat.image.pixels.withUnsafeMutableBufferPointer { inverse in
      flat.variance.pixels.withUnsafeMutableBufferPointer { relative in
        for start in stride(from: 0, to: count, by: Self.piece) {
          let part = start..<min(start + Self.piece, count)
          let isOrdinaryPart = Self.invert(
            UnsafeMutableBufferPointer(rebasing: inverse[part]), UnsafeMutableBufferPointer(rebasing: relative[part]))
          if isOrdinaryPart { continue }
          for i in part {
            if !Self.isUsable(inverse[i], relative[i]) {
              unusable.append(i)
              (inverse[i], relative[i]) = (1, 0)
            }
            isOrdinary = isOrdinary && inverse[i] < 1e6 && relative[i] < 1e6
          }
        }
      }
    }
    for i in unusable { flat.mask.pixels[i].insert(.bad) }
    mask = flat.mask
    self.isOrdinary = isOrdinary
    highestInverse = RowScan.magnitude(flat.image.pixels.span)
    inverse = flat.image
    relativeVariance = flat.variance
  }

  /// Pixels that are looked at together.
  private static let piece = 1024

  /// The inverse of a positive number is positive; 0 is that of infinity, infinity that of 0.
  private static func isUsable(_ inverse: Float, _ relative: Float) -> Bool {
    inverse > 0 && inverse.isFinite && relative.isFinite
  }

  /// Puts its inverse in the place of a response and the relative variance in that of the variance; true where all pixels
  /// are usable and ordinary.
  private static func invert(
    _ response: UnsafeMutableBufferPointer<Float>, _ variance: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(variance.count == response.count, "planes must have one shape")
    var unusual: UInt32 = 0
    for x in 0..<response.count {
      let f = response[x]
      let one = 1 / f
      let other = variance[x] / (f * f)
      response[x] = one
      variance[x] = other
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
