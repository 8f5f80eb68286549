/// The sky around one star. NaN where there is no value.
public struct SkyEstimate: Sendable, Equatable {
  /// e-/px.
  public var level = Double.nan
  /// Variance of `level`, (e-/px)^2.
  public var levelVariance = Double.nan
  /// Scatter of the pixels, e-, freed from what clipping takes away from a normal distribution.
  public var sigma = Double.nan
  /// Pixels kept.
  public var count = 0
  /// The sky is uneven: the level is then the median of the sectors.
  public var gradient = false
  /// Mean 1/flat of the annulus.
  public var inverseFlat = 1.0

  /// Fewer pixels than this leave the level unsure; fewer than `least` leave no level.
  public static let unsure = 100
  public static let least = 30
}

/// A circle in whose pixels another star's light stands above the sky.
public struct MaskedCircle: Sendable, Equatable {
  public var centre: PixelPoint
  /// px.
  public var radius: Double

  public init(centre: PixelPoint, radius: Double) {
    self.centre = centre
    self.radius = radius
  }
}

/// Estimates the sky in an annulus: clipped mean of the pixels whose centres lie in it, without masked pixels and
/// without the circles of other stars. Holds the memory for one annulus, used again for every star of a frame.
struct SkyAnnulus {
  let annulus: AnnularAperture
  /// Of the annulus about the star at hand.
  var noise: NoiseModel
  private var values: [Float]
  private var sorted: [Float]
  private var sectors: [UInt8]
  private var sort = BucketSort()
  private var rows: [ClosedRange<Int>] = []

  init(_ annulus: AnnularAperture, noise: NoiseModel) {
    self.annulus = annulus
    self.noise = noise
    // No set of pixels with centres in a circle is larger than the circle of radius + 1/sqrt 2; one more to write past.
    let capacity = Int(CircularAperture(radius: annulus.outer + 0.71).area) + 2
    values = Array(repeating: 0, count: capacity)
    sorted = values
    sectors = Array(repeating: 0, count: capacity)
  }

  /// `others`: in the pixels of this frame.
  mutating func estimate(_ planes: FramePlanes, around centre: PixelPoint, without others: [MaskedCircle])
    -> SkyEstimate
  {
    var sky = SkyEstimate()
    let (count, inverseFlat) = gather(planes, centre, others)
    guard count >= SkyEstimate.least else {
      sky.count = count
      return sky
    }
    sky.inverseFlat = inverseFlat
    let step = noise.gain * inverseFlat
    let clip = SigmaClip(limit: 3, rounds: 10, floor: step / 12.0.squareRoot(), step: step)
    let clipped = values.withUnsafeMutableBufferPointer { values in
      sorted.withUnsafeMutableBufferPointer { sorted in
        sort(values, count: count, into: sorted)
        return clip(sorted: UnsafeBufferPointer(rebasing: sorted[..<count]))
      }
    }
    sky.count = clipped.kept
    guard clipped.kept >= SkyEstimate.least else { return sky }
    sky.sigma = clipped.normalSigma
    let shift = clippingShift(clipped, sky)
    sky.level = clipped.mean - shift
    sky.levelVariance = sky.sigma * sky.sigma / Double(clipped.kept)
    testSectors(&sky, clipped, count: count, shift: shift)
    return sky
  }

  /// How far clipping moved the mean, e-. Photons make the upper tail longer than the lower one, so clipping to both
  /// sides alike takes more of it: some 0.05 e-, whatever the level. Small, but the same in every pixel of an aperture.
  private func clippingShift(_ clipped: SigmaClip.Result, _ sky: SkyEstimate) -> Double {
    guard sky.sigma > 0 else { return 0 }
    let q = sky.inverseFlat
    let variance = sky.sigma * sky.sigma
    let photons = max(0, variance - q * q * (noise.constantVariance - noise.dark))
    let skewness = q * photons / (variance * sky.sigma)
    let limit = (clipped.upper - clipped.lower) / (2 * sky.sigma)
    return TruncatedNormal.meanShift(limit: limit, skewness: skewness) * sky.sigma
  }

  /// Uneven sky: the means of the eight octants scatter more than their noise allows.
  private func testSectors(_ sky: inout SkyEstimate, _ clipped: SigmaClip.Result, count: Int, shift: Double) {
    var sums = [Double](repeating: 0, count: 8)
    var counts = [Double](repeating: 0, count: 8)
    let lower = Float(clipped.lower)
    let upper = Float(clipped.upper)
    let origin = clipped.mean
    for i in 0..<count where values[i] >= lower && values[i] <= upper {
      let s = Int(sectors[i])
      sums[s] += Double(values[i]) - origin
      counts[s] += 1
    }
    // A sector with a handful of pixels says nothing.
    let valid = (0..<8).filter { counts[$0] >= 8 }
    guard valid.count >= 5 else { return }
    let means = valid.map { sums[$0] / counts[$0] }
    let n = Double(means.count)
    let mean = means.reduce(0, +) / n
    let spread = (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    let expected = sky.sigma * (valid.reduce(0) { $0 + 1 / counts[$1] } / n).squareRoot()
    guard spread > 3 * expected && spread > 0.2 * sky.sigma else { return }
    sky.gradient = true
    sky.level = origin + Median.of(means) - shift
    sky.levelVariance = spread * spread * (.pi / 2) / n
  }

  /// Copies the usable pixels; returns their count and their mean 1/flat.
  private mutating func gather(
    _ planes: FramePlanes, _ centre: PixelPoint, _ others: [MaskedCircle]
  ) -> (count: Int, inverseFlat: Double) {
    let inner = annulus.inner
    let outer = annulus.outer
    let first = max(0, Int((centre.y - outer).rounded(.up)))
    let last = min(planes.height - 1, Int((centre.y + outer).rounded(.down)))
    guard first <= last else { return (0, 1) }
    var count = 0
    var flats = 0.0
    for y in first...last {
      let dy = Double(y) - centre.y
      // A row that only touches the circle may lie a rounding error outside.
      let half = max(0, outer * outer - dy * dy).squareRoot()
      let left = Int((centre.x - half).rounded(.up))
      let right = Int((centre.x + half).rounded(.down))
      func take(_ from: Int, _ to: Int) {
        let to = min(to, planes.width - 1)
        var x = max(from, 0)
        while x <= to {
          // Up to the next circle of another star, or past the one that covers x.
          var end = to
          var next = x
          for other in others {
            let oy = Double(y) - other.centre.y
            let square = other.radius * other.radius - oy * oy
            guard square >= 0 else { continue }
            let reach = square.squareRoot()
            let from = Int((other.centre.x - reach).rounded(.up))
            let to = Int((other.centre.x + reach).rounded(.down))
            if from <= x && to >= x { next = max(next, to + 1) } else if from > x { end = min(end, from - 1) }
          }
          if next > x {
            x = next
            continue
          }
          append(planes, y, x, end, centre, dy, &count, &flats)
          x = end + 1
        }
      }
      if abs(dy) < inner {
        let hole = (inner * inner - dy * dy).squareRoot()
        take(left, Int((centre.x - hole).rounded(.down)))
        take(Int((centre.x + hole).rounded(.up)), right)
      } else {
        take(left, right)
      }
    }
    return (count, count > 0 && planes.inverseFlat != nil ? flats / Double(count) : 1)
  }

  @inline(__always)
  private mutating func append(
    _ planes: FramePlanes, _ y: Int, _ from: Int, _ to: Int, _ centre: PixelPoint, _ dy: Double, _ count: inout Int,
    _ flats: inout Double
  ) {
    guard from <= to else { return }
    let row = planes.index(0, y)
    let up: UInt8 = dy >= 0 ? 4 : 0
    let steep = abs(dy)
    values.withUnsafeMutableBufferPointer { values in
      sectors.withUnsafeMutableBufferPointer { sectors in
        // A pixel that is not kept is overwritten by the next one: no branch in the loop.
        for x in from...to {
          let value = planes.image[row + x]
          let dx = Double(x) - centre.x
          values[count] = value
          sectors[count] = up | (dx >= 0 ? 2 : 0) | (abs(dx) > steep ? 1 : 0)
          count += planes.mask[row + x].isEmpty && value.isFinite ? 1 : 0
        }
      }
    }
    if let inverseFlat = planes.inverseFlat {
      for x in from...to where planes.mask[row + x].isEmpty && planes.image[row + x].isFinite {
        flats += Double(inverseFlat[row + x])
      }
    }
  }
}
