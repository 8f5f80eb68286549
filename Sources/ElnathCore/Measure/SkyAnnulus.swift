#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Estimates the sky in an annulus from the pixels whose centres lie in it, without masked pixels, without the circles of
/// other stars and without excluded sectors. Holds the memory for one annulus, used again for every star of a frame.
struct SkyAnnulus {
  var annulus: AnnularAperture
  /// Of the annulus about the star at hand.
  var noise: NoiseModel
  let estimator: SkyEstimator
  /// What is being made at the moment: `estimator`, or a plane where that found the sky tilted.
  private var serving: SkyEstimator
  private var values: [Float]
  private var sorted: [Float]
  private var sectors: [UInt8]
  /// Of a surface: the pixels themselves, while `values` holds what it leaves of them, and their places.
  private var pixels: [Float] = []
  private var u: [Float] = []
  private var v: [Float] = []
  private var sort = BucketSort()

  /// `pixels`: of the frame; no annulus has more.
  init(
    largest annulus: AnnularAperture, noise: NoiseModel, estimator: SkyEstimator = .mean, pixels: Int = .max
  ) {
    self.annulus = annulus
    self.noise = noise
    self.estimator = estimator
    serving = estimator
    // No set of pixels with centres in a circle is larger than the circle of radius + 1/sqrt 2; one more to write past.
    let area = CircularAperture(radius: min(annulus.outer, Self.farthest) + 0.71).area
    let capacity = min(Int(area) + 1, pixels) + 1
    values = Array(repeating: 0, count: capacity)
    sorted = values
    sectors = Array(repeating: 0, count: capacity)
    if estimator.unknowns > 1 { makeRoomForPlaces() }
  }

  private mutating func makeRoomForPlaces() {
    pixels = values
    u = values
    v = values
  }

  init(_ annulus: AnnularAperture, noise: NoiseModel, estimator: SkyEstimator = .mean) {
    self.init(largest: annulus, noise: noise, estimator: estimator)
  }

  /// px; beyond any frame.
  private static let farthest = 1e6

  /// `others`: in the pixels of this frame; so are the directions of `excluded`.
  ///
  /// Where the sectors differ, and a plane leaves nothing of that, the sky is a plane: moonlight and scattered light are
  /// that over an annulus, and one level would take the tilt for noise. What is uneven otherwise, a halo or a nebula,
  /// has the median of the sectors and their scatter.
  mutating func estimate(
    _ planes: FramePlanes, around centre: PixelPoint, without others: [MaskedCircle], excluded: [SkySector] = []
  ) -> SkyEstimate {
    let uneven = estimate(estimator, planes, around: centre, without: others, excluded: excluded)
    guard uneven.gradient && estimator.unknowns == 1 else { return uneven }
    if u.isEmpty { makeRoomForPlaces() }
    var tilted = estimate(.plane, planes, around: centre, without: others, excluded: excluded)
    guard tilted.surface != nil && !tilted.gradient else { return uneven }
    tilted.gradient = true
    return tilted
  }

  private mutating func estimate(
    _ estimator: SkyEstimator, _ planes: FramePlanes, around centre: PixelPoint, without others: [MaskedCircle],
    excluded: [SkySector]
  ) -> SkyEstimate {
    serving = estimator
    var sky = SkyEstimate()
    let (count, inverseFlat) = gather(planes, centre, others, excluded.map(ExcludedDirection.init))
    guard count >= SkyEstimate.least else {
      sky.count = count
      return sky
    }
    sky.inverseFlat = inverseFlat
    let step = noise.gain * inverseFlat
    let clip = SigmaClip(limit: 3, rounds: 10, floor: step / 12.0.squareRoot(), step: step)
    var clipped = self.clip(clip, count)
    if estimator.unknowns > 1 {
      for i in 0..<count { pixels[i] = values[i] }
      sky.surface = fit(around: centre, clip, &clipped, count)
    }
    sky.count = clipped.kept
    guard clipped.kept >= SkyEstimate.least else {
      sky.surface = nil
      return sky
    }
    sky.sigma = clipped.normalSigma
    let estimator = estimator.serving(sigma: sky.sigma, step: step)
    sky.level = level(clipped, of: estimator) - shift(clipped, sky, of: estimator)
    sky.levelVariance = sky.sigma * sky.sigma * estimator.variance(sigma: sky.sigma, step: step) / Double(clipped.kept)
    if let surface = sky.surface {
      sky.level += surface.coefficients[0]
      sky.levelVariance = sky.sigma * sky.sigma * surface.covariance[0][0]
    }
    testSectors(&sky, clipped, count: count)
    return sky
  }

  private mutating func clip(_ clip: SigmaClip, _ count: Int) -> SigmaClip.Result {
    values.withUnsafeMutableBufferPointer { values in
      sorted.withUnsafeMutableBufferPointer { sorted in
        sort(values, count: count, into: sorted)
        return clip(sorted: UnsafeBufferPointer(rebasing: sorted[..<count]))
      }
    }
  }

  private func level(_ clipped: SigmaClip.Result, of estimator: SkyEstimator) -> Double {
    switch estimator {
    case .mean, .plane, .quadratic: clipped.mean
    case .median: clipped.median
    case .mode: 2.5 * clipped.median - 1.5 * clipped.mean
    }
  }

  /// Fits a surface to the pixels kept and clips what it leaves, in turn, until the same pixels are kept. `values` holds
  /// what the surface leaves in the end; nil, and all as it was, where it is not determined.
  private mutating func fit(
    around centre: PixelPoint, _ clip: SigmaClip, _ clipped: inout SigmaClip.Result, _ count: Int
  ) -> SkySurface? {
    var found: SkySurface?
    for _ in 0..<clip.rounds {
      var sums = SkySurfaceFit(unknowns: serving.unknowns)
      let window = Float(clipped.lower)...Float(clipped.upper)
      pixels.withUnsafeMutableBufferPointer { pixels in
        u.withUnsafeMutableBufferPointer { u in
          v.withUnsafeMutableBufferPointer { v in
            values.withUnsafeMutableBufferPointer {
              sums.add(pixels, u: u, v: v, residuals: $0, count: count, within: window)
            }
          }
        }
      }
      guard let surface = sums.solve(centre: centre, scale: annulus.outer) else { break }
      for i in 0..<count { values[i] = Float(Double(pixels[i]) - surface.value(Double(u[i]), Double(v[i]))) }
      let next = self.clip(clip, count)
      let isSettled = found != nil && next.kept == clipped.kept
      found = surface
      clipped = next
      if isSettled || clipped.kept < SkyEstimate.least { break }
    }
    return found
  }

  /// How far photons move the level, e-: their noise is skewed, so that clipping to both sides alike takes more of the
  /// upper tail than of the lower one, and a median lies below the mean. Some 0.05 and 0.2 e-, whatever the level: small,
  /// but the same in every pixel of an aperture.
  private func shift(_ clipped: SigmaClip.Result, _ sky: SkyEstimate, of estimator: SkyEstimator) -> Double {
    guard sky.sigma > 0 else { return 0 }
    let q = sky.inverseFlat
    let variance = sky.sigma * sky.sigma
    let photons = max(0, variance - q * q * (noise.constantVariance - noise.dark))
    let skewness = q * photons / (variance * sky.sigma)
    let limit = (clipped.upper - clipped.lower) / (2 * sky.sigma)
    let mean = TruncatedNormal.meanShift(limit: limit, skewness: skewness)
    switch estimator {
    case .mean, .plane, .quadratic: return mean * sky.sigma
    case .median: return TruncatedNormal.medianShift(limit: limit, skewness: skewness) * sky.sigma
    case .mode:
      return (2.5 * TruncatedNormal.medianShift(limit: limit, skewness: skewness) - 1.5 * mean) * sky.sigma
    }
  }

  /// Uneven sky: the means of the eight octants scatter more than their noise allows.
  private func testSectors(_ sky: inout SkyEstimate, _ clipped: SigmaClip.Result, count: Int) {
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
    sky.level = origin + Median.of(means) - shift(clipped, sky, of: .mean)
    if let surface = sky.surface { sky.level += surface.coefficients[0] }
    sky.levelVariance = max(sky.levelVariance, spread * spread * (.pi / 2) / n)
  }

  /// Copies the usable pixels; returns their count and their mean 1/flat.
  private mutating func gather(
    _ planes: FramePlanes, _ centre: PixelPoint, _ others: [MaskedCircle], _ excluded: [ExcludedDirection]
  ) -> (count: Int, inverseFlat: Double) {
    let outer = min(annulus.outer, Self.farthest)
    let inner = min(annulus.inner, outer)
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
          if excluded.isEmpty {
            append(planes, y, x, end, centre, dy, &count, &flats)
          } else {
            for x in x...max(x, end) where x <= end {
              let dx = Double(x) - centre.x
              if !excluded.contains(where: { $0.holds(dx, dy) }) { append(planes, y, x, x, centre, dy, &count, &flats) }
            }
          }
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
    if serving.unknowns > 1 { place(planes, row, from, to, centre, dy, count) }
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

  /// Notes where the pixels lie that are appended next.
  private mutating func place(
    _ planes: FramePlanes, _ row: Int, _ from: Int, _ to: Int, _ centre: PixelPoint, _ dy: Double, _ count: Int
  ) {
    var count = count
    for x in from...to {
      u[count] = Float((Double(x) - centre.x) / annulus.outer)
      v[count] = Float(dy / annulus.outer)
      count += planes.mask[row + x].isEmpty && planes.image[row + x].isFinite ? 1 : 0
    }
  }
}

/// A sector of an annulus by its middle.
private struct ExcludedDirection {
  private let x: Double
  private let y: Double
  private let cosine: Double

  init(_ sector: SkySector) {
    let half = min(max(sector.width / 2, 0), .pi)
    x = cos(sector.from + half)
    y = sin(sector.from + half)
    cosine = cos(half)
  }

  func holds(_ dx: Double, _ dy: Double) -> Bool {
    dx * x + dy * y >= cosine * (dx * dx + dy * dy).squareRoot()
  }
}
