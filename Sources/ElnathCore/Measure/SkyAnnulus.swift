/// Estimates the sky in an annulus from the pixels whose centres lie in it, without masked pixels, without the circles of
/// other stars and without excluded sectors. Holds the memory for one annulus, used again for every star of a frame.
struct SkyAnnulus {
  var annulus: AnnularAperture
  /// Of the annulus about the star at hand.
  var noise: NoiseModel
  let estimator: SkyEstimator
  /// What is being made at the moment: `estimator`, or a plane where that found the sky tilted.
  private var serving: SkyEstimator
  private var gathered: AnnulusPixels
  private var ordered = BucketedValues()
  /// Of a surface: the pixels themselves, while those gathered hold what it leaves of them.
  private var pixels: [Float] = []

  /// `pixels`: of the frame; no annulus has more.
  init(
    largest annulus: AnnularAperture, noise: NoiseModel, estimator: SkyEstimator = .mean, pixels: Int = .max
  ) {
    self.annulus = annulus
    self.noise = noise
    self.estimator = estimator
    serving = estimator
    gathered = AnnulusPixels(largest: annulus, pixels: pixels)
  }

  init(_ annulus: AnnularAperture, noise: NoiseModel, estimator: SkyEstimator = .mean) {
    self.init(largest: annulus, noise: noise, estimator: estimator)
  }

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
    if estimator.unknowns > 1 && pixels.isEmpty {
      pixels = gathered.values
      gathered.makeRoomForPlaces()
    }
    gathered.gather(
      planes, in: annulus, around: centre, without: others, excluded.map(ExcludedDirection.init),
      places: estimator.unknowns > 1)
    let (count, inverseFlat) = (gathered.count, gathered.inverseFlat)
    guard count >= SkyEstimate.least else {
      sky.count = count
      return sky
    }
    sky.inverseFlat = inverseFlat
    let step = noise.gain * inverseFlat
    let clip = SigmaClip(limit: 3, rounds: 10, floor: step / 12.0.squareRoot(), step: step)
    var clipped = self.clip(clip, count)
    if estimator.unknowns > 1 {
      for i in 0..<count { pixels[i] = gathered.values[i] }
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
    testSectors(&sky, clipped)
    return sky
  }

  private mutating func clip(_ clip: SigmaClip, _ count: Int) -> SigmaClip.Result {
    gathered.values.withUnsafeMutableBufferPointer { ordered.fill($0, count: count) }
    return clip(&ordered)
  }

  private func level(_ clipped: SigmaClip.Result, of estimator: SkyEstimator) -> Double {
    switch estimator {
    case .mean, .plane, .quadratic: clipped.mean
    case .median: clipped.median
    case .mode: 2.5 * clipped.median - 1.5 * clipped.mean
    }
  }

  /// Fits a surface to the pixels kept and clips what it leaves, in turn, until the same pixels are kept. The pixels
  /// gathered are what the surface leaves in the end; nil, and all as it was, where it is not determined.
  private mutating func fit(
    around centre: PixelPoint, _ clip: SigmaClip, _ clipped: inout SigmaClip.Result, _ count: Int
  ) -> SkySurface? {
    var found: SkySurface?
    for _ in 0..<clip.rounds {
      var sums = SkySurfaceFit(unknowns: serving.unknowns)
      let window = Float(clipped.lower)...Float(clipped.upper)
      sums.add(
        pixels.span, u: gathered.u.span, v: gathered.v.span, residuals: gathered.values.span, count: count,
        within: window)
      guard let surface = sums.solve(centre: centre, scale: annulus.outer) else { break }
      for i in 0..<count {
        gathered.values[i] = Float(
          Double(pixels[i]) - surface.value(Double(gathered.u[i]), Double(gathered.v[i])))
      }
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
  private func testSectors(_ sky: inout SkyEstimate, _ clipped: SigmaClip.Result) {
    let lower = Float(clipped.lower)
    let upper = Float(clipped.upper)
    let origin = clipped.mean
    var (sums, counts) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { memory in
      memory.initialize(repeating: 0)
      gathered.values.withUnsafeBufferPointer { values in
        var start = 0
        for run in gathered.octants {
          let (sum, kept) = Self.sum(UnsafeBufferPointer(rebasing: values[start..<run.end]), lower...upper)
          memory[run.octant] += sum
          memory[8 + run.octant] += Double(kept)
          start = run.end
        }
      }
      for s in 0..<8 { (sums[s], counts[s]) = (memory[s], memory[8 + s]) }
    }
    // A sector with a handful of pixels says nothing.
    let valid = (0..<8).filter { counts[$0] >= 8 }
    guard valid.count >= 5 else { return }
    let means = valid.map { sums[$0] / counts[$0] - origin }
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

  /// Sum and number of the values of a window: what lies beyond counts as 0, four at a time. Sums of floats as doubles
  /// are as good as exact, so that none has to be taken less the mean.
  private static func sum(_ values: UnsafeBufferPointer<Float>, _ window: ClosedRange<Float>) -> (Double, kept: Int) {
    var sums = SIMD4<Double>.zero
    var beyond = SIMD4<Int32>.zero
    let whole = values.count / 4 * 4
    for i in stride(from: 0, to: whole, by: 4) {
      var four = SIMD4<Float>(values[i], values[i + 1], values[i + 2], values[i + 3])
      let out = (four .< window.lowerBound) .| (four .> window.upperBound)
      four.replace(with: 0, where: out)
      beyond.replace(with: beyond &+ 1, where: out)
      sums += SIMD4<Double>(Double(four[0]), Double(four[1]), Double(four[2]), Double(four[3]))
    }
    var kept = whole - Int(beyond.wrappedSum())
    for i in whole..<values.count where window.contains(values[i]) {
      sums[0] += Double(values[i])
      kept += 1
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3]), kept)
  }
}
