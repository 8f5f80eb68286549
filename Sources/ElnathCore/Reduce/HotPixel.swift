/// A pixel of the detector that collects charge of its own.
public struct HotPixel: Sendable, Equatable, Hashable {
  /// Column and row of the trimmed frame, from 0.
  public var x: Int
  public var y: Int
  /// e-/s above its neighbours.
  public var rate: Double
  /// How much the rate scatters from frame to frame, all noise included, e-/s; NaN when unknown.
  public var scatter: Double

  public init(x: Int, y: Int, rate: Double, scatter: Double = .nan) {
    self.x = x
    self.y = y
    self.rate = rate
    self.scatter = scatter
  }
}

/// The charge of hot pixels in one frame, as the series of frames has told it. It is subtracted as that of a dark frame
/// would be; the pixels stay marked.
struct HotPixelCharge: Sendable, Equatable {
  struct Pixel: Sendable, Equatable {
    var x: Int
    var y: Int
    /// e-.
    var charge: Double
    /// Of what is left after the subtraction, e-^2: the photon noise of the charge, or what the pixel was seen to scatter
    /// by where that is more.
    var variance: Double
  }

  /// By row and column; each place once.
  private(set) var pixels: [Pixel] = []

  var isEmpty: Bool { pixels.isEmpty }

  init() {}

  /// What lies beyond the frame is left out. `exposure`: s.
  init(_ hot: [HotPixel], exposure: Double, width: Int, height: Int) {
    var known: Set<Int> = []
    for pixel in hot where pixel.x >= 0 && pixel.y >= 0 && pixel.x < width && pixel.y < height {
      let charge = pixel.rate * exposure
      guard charge.isFinite, known.insert(pixel.y * width + pixel.x).inserted else { continue }
      let scatter = pixel.scatter.isFinite ? pixel.scatter * exposure : 0
      pixels.append(Pixel(x: pixel.x, y: pixel.y, charge: charge, variance: max(abs(charge), scatter * scatter)))
    }
    pixels.sort { ($0.y, $0.x) < ($1.y, $1.x) }
  }

  /// The pixels of these rows.
  private func rows(_ rows: Range<Int>) -> ArraySlice<Pixel> {
    pixels[first(atOrAbove: rows.lowerBound)..<first(atOrAbove: rows.upperBound)]
  }

  private func first(atOrAbove row: Int) -> Int {
    var (low, high) = (0, pixels.count)
    while low < high {
      let middle = (low + high) / 2
      if pixels[middle].y < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func pixel(_ x: Int, _ y: Int) -> Pixel? { rows(y..<(y + 1)).first { $0.x == x } }

  /// Takes the charge from `image`, which holds the pixels of `box` row after row, and adds to `variance` what the
  /// photons of the charge do not account for: their noise stands there already.
  func subtract(
    from image: UnsafeMutableBufferPointer<Float>, variance: UnsafeMutableBufferPointer<Float>, in box: PixelRectangle
  ) {
    for pixel in rows(box.y..<(box.y + box.height)) where pixel.x >= box.x && pixel.x < box.x + box.width {
      let i = (pixel.y - box.y) * box.width + pixel.x - box.x
      image[i] -= Float(pixel.charge)
      variance[i] += Float(max(0, pixel.variance - abs(pixel.charge)))
    }
  }

  /// The sum of w^2 times the variance left by the charges under an aperture, e-^2.
  func variance(under covered: PixelWeights) -> Double {
    rows(covered.y..<(covered.y + covered.height)).reduce(0) { sum, pixel in
      guard pixel.x >= covered.x, pixel.x < covered.x + covered.width else { return sum }
      let w = covered.fractions[(pixel.y - covered.y) * covered.width + pixel.x - covered.x]
      return sum + w * w * pixel.variance
    }
  }
}
