/// One frame's pass over the stars of a plan, with the memory it uses again for each.
struct MeasuringLoop {
  private let plan: MeasurementPlan
  private let filter: MeasurementPlan.FilterPlan
  private let noise: SeamNoise
  private let registration: Registration
  /// True where too few stars are seen to be centred on.
  private var isPredicted: Bool { registration.method == .predicted }
  /// Of the frame's stars, px.
  private let width: Double
  private let scintillation: Double
  private let events: FrameEvents?
  /// A copy of the frame's mask for marks of cosmic rays; nil where each box has its own.
  private let marks: UnsafeMutableBufferPointer<PixelMask>?
  private let profile: StarProfile
  private let turn: FrameTurn
  /// How far any aperture reaches, px.
  private let reach: Double
  private var apertures: FrameApertures
  private var annulus: SkyAnnulus

  /// `fwhm`: of the frame's stars, px; NaN when unknown. `pixels`: of the frame.
  init(
    plan: MeasurementPlan, filter: MeasurementPlan.FilterPlan, noise: SeamNoise, registration: Registration,
    fwhm: Double, scintillation: Double, pixels: Int, events: FrameEvents?,
    marks: UnsafeMutableBufferPointer<PixelMask>?
  ) {
    self.events = events
    self.marks = marks
    self.plan = plan
    self.filter = filter
    self.noise = noise
    self.registration = registration
    self.scintillation = scintillation
    width = fwhm > 0 ? fwhm : filter.fwhm
    profile = StarProfile(fwhm: filter.fwhm)
    let turn = FrameTurn(registration.transform)
    self.turn = turn
    let shapes = filter.shapes(fwhm).map { turn($0) }
    reach = shapes.map(\.reach).max() ?? 0
    apertures = FrameApertures(shapes, core: filter.fwhm)
    let largest = filter.annuli.max { $0.outer < $1.outer } ?? filter.annulus
    annulus = SkyAnnulus(largest: largest, noise: noise.frame, estimator: plan.sky, pixels: pixels)
  }

  mutating func measurements(of source: some PixelSource, number: Int) -> FrameMeasurements {
    let places = plan.stars.map { registration.transform($0.position).tabulated }
    var stars = places.map { StarMeasurement(position: $0, forced: $0, centroid: .forced) }
    let radii = apertures.shapes.count
    var all = [ApertureMeasurement](repeating: ApertureMeasurement(radius: .nan), count: stars.count * radii)
    var measured: [ApertureMeasurement] = []
    measured.reserveCapacity(radii)
    var copy: [PixelMask] = []
    let rays = events?.cosmicRays
    // From the first row to the last: neighbours find the rows that they share where the processor has them at hand.
    let order = places.indices.sorted { (places[$0].y, $0) < (places[$1].y, $1) }
    let regions = order.map { i in
      places[i].lies(inWidth: source.width, height: source.height)
        ? filter.region(
          of: i, around: places[i], apertures: reach, width: source.width, height: source.height,
          searched: rays != nil) : nil
    }
    for (n, i) in order.enumerated() {
      let forced = places[i]
      var star = stars[i]
      measured.removeAll(keepingCapacity: true)
      if filter.undersampled { star.flags.insert(.undersampled) }
      if let region = regions[n] {
        let box = filter.box(
          of: i, around: forced, apertures: reach, width: source.width, height: source.height)
        let output = noise.model(in: box)
        source.expect(n + 1 < regions.count ? regions[n + 1] : nil)
        source.withPlanes(of: region) { planes in
          if let rays {
            Self.withMarks(of: rays, in: region.core, planes, marks, &copy) {
              measure(i, $0, of: output, &star, &measured)
            }
          } else {
            measure(i, planes, of: output, &star, &measured)
          }
        }
      } else {
        star.flags.formUnion([.outside, .forced])
        for shape in apertures.shapes {
          var aperture = ApertureMeasurement(radius: shape.radius.tabulatedRadius)
          aperture.flags = star.flags
          measured.append(aperture)
        }
      }
      stars[i] = star
      for k in 0..<radii { all[i * radii + k] = measured[k] }
    }
    return FrameMeasurements(frame: number, stars: stars, apertures: all)
  }

  /// Marks cosmic rays on the pixels of apertures and windows. The sky around takes no harm from those beyond, since
  /// whatever stands out so far is clipped there.
  ///
  /// Static, for the body changes the loop: as a method of the loop it would have to be called on a copy of all its memory.
  private static func withMarks(
    of rays: CosmicRays, in core: PixelRectangle, _ planes: FramePlanes,
    _ marks: UnsafeMutableBufferPointer<PixelMask>?, _ copy: inout [PixelMask], _ body: (FramePlanes) -> Void
  ) {
    if let marks {
      let hits = rays.mark(planes.planes, in: marks, within: core)
      body(planes.with(mask: UnsafeBufferPointer(marks)))
      // The next star must not know.
      for i in hits { marks[i] = planes.mask[i] }
    } else {
      let count = planes.mask.count
      if copy.count < count { copy = Array(repeating: [], count: count) }
      copy.withUnsafeMutableBufferPointer { copy in
        let mask = UnsafeMutableBufferPointer(rebasing: copy[..<count])
        _ = mask.update(fromContentsOf: planes.mask)
        _ = rays.mark(planes.planes, in: mask, within: core)
        body(planes.with(mask: UnsafeBufferPointer(mask)))
      }
    }
  }

  /// `output`: the noise of all pixels that have to do with the star; nil where they were read through several outputs.
  private mutating func measure(
    _ i: Int, _ planes: FramePlanes, of output: NoiseModel?, _ star: inout StarMeasurement,
    _ measured: inout [ApertureMeasurement]
  ) {
    annulus.annulus = filter.annulus(of: i)
    annulus.noise = output ?? noise.model(planes, around: star.forced, annulus: annulus.annulus)
    let sky = annulus.estimate(
      planes, around: star.forced, without: filter.masked[i].compactMap { turn($0) },
      excluded: plan.stars[i].own.excludedSectors.map { turn($0) }
    ).tabulated
    if !(sky.count >= SkyEstimate.unsure) { star.flags.insert(.noSky) }
    if sky.gradient { star.flags.insert(.skyGradient) }
    star.sky = sky.level
    star.skySigma = sky.sigma
    star.skyCount = sky.count
    place(&star, planes, mode: isPredicted ? .forced : plan.centroids[i], sky: sky.level)

    let useMeasured = usesScatter(sky, &star.flags)
    let peak = apertures.measure(planes, around: star.position)
    star.peakADU = Double(peak)
    star.fwhm = DecimalRounding.decimals(
      SourceProfile.fwhm(in: planes, at: star.position, sky: sky, field: filter.fwhm), 3)
    for k in apertures.shapes.indices {
      let model = output ?? noise.model(planes, around: star.position, aperture: apertures.shapes[k])
      measured.append(aperture(k, of: i, planes, star, sky, noise: useMeasured ? nil : model))
    }
  }

  /// Moves the star from its forced position to its centroid, where the plan says so and the step stays in its bound.
  private func place(_ star: inout StarMeasurement, _ planes: FramePlanes, mode: CentroidMode, sky: Double) {
    guard mode != .forced else {
      star.flags.insert(.forced)
      star.positionError = forcedError(at: star.forced, planes)
      return
    }
    let (sigma, bound) = (filter.centroidSigma, filter.maximumStep)
    let centroid =
      mode == .gaussian
      ? Centroid.gaussian(in: planes.planes, around: star.forced, sigma: sigma, sky: sky, maximumStep: bound)
      : Centroid.windowed(in: planes.planes, around: star.forced, sigma: sigma, sky: sky, maximumStep: bound)
    if centroid.refused {
      star.flags.formUnion([.centroidRefused, .forced])
      star.positionError = forcedError(at: star.forced, planes)
    } else {
      star.position = centroid.position.tabulated
      star.positionError = DecimalRounding.significant(centroid.variance.squareRoot(), 4)
      star.centroid = mode
    }
  }

  /// Of the place where the transform puts a star, px: between that of the middle of the frame and that of its corners.
  private func forcedError(at place: PixelPoint, _ planes: FramePlanes) -> Double {
    let (middle, corner) = (registration.centreError, registration.cornerError)
    guard middle.isFinite, corner.isFinite else {
      // Of a mean over the pairs that the transform was fitted to.
      return registration.matched > 0
        ? DecimalRounding.significant(registration.residual / Double(registration.matched).squareRoot(), 4) : .nan
    }
    let x = 2 * place.x / Double(planes.width) - 1
    let y = 2 * place.y / Double(planes.height) - 1
    let growth = max(0, corner * corner - middle * middle) * (x * x + y * y) / 2
    return DecimalRounding.significant((middle * middle + growth).squareRoot(), 4)
  }

  /// Whether the scatter of the sky pixels stands for the noise of the sky, rather than the model: never both.
  private func usesScatter(_ sky: SkyEstimate, _ flags: inout QualityFlags) -> Bool {
    switch plan.noise {
    case .measured: return true
    case .model: return false
    case .auto:
      // Without a zero level the model cannot tell the photons of the sky from the pedestal.
      guard annulus.noise.pedestalKnown else { return true }
      guard sky.sigma.isFinite else { return false }
      let contradicts = annulus.noise.contradicts(
        sigma: sky.sigma, count: sky.count, level: sky.level, inverseFlat: sky.inverseFlat)
      if contradicts { flags.insert(.noiseModel) }
      return contradicts
    }
  }

  /// `noise`: of the aperture; nil where the scatter of the sky stands for it.
  private func aperture(
    _ k: Int, of i: Int, _ planes: FramePlanes, _ star: StarMeasurement, _ sky: SkyEstimate, noise: NoiseModel?
  ) -> ApertureMeasurement {
    let sum = apertures.sums[k]
    let shape = apertures.shapes[k]
    let level = sky.level(at: star.position, under: shape.moments)
    var result = ApertureMeasurement(radius: shape.radius.tabulatedRadius)
    result.flags = star.flags
    result.flux = DecimalRounding.decimals(sum.flux - sum.area * level.value, 3)
    result.area = DecimalRounding.decimals(sum.area, 4)
    result.contamination = filter.contamination[i * filter.radii.count + k]
    if filter.neighbour[i * filter.radii.count + k] { result.flags.insert(.neighbour) }

    let p = star.position
    let edge = min(p.x, p.y, Double(planes.width) - 1 - p.x, Double(planes.height) - 1 - p.y) + 0.5
    if edge < shape.reach { result.flags.insert(.pastEdge) }
    if !sum.mask.isDisjoint(with: [.saturated, .bleed]) { result.flags.insert(.saturated) }
    if sum.mask.contains(.nonlinear) { result.flags.insert(.nonlinear) }
    if sum.mask.contains(.cosmicRay) { result.flags.insert(.cosmicRay) }
    if sum.mask.contains(.satellite) { result.flags.insert(.satellite) }
    if !sum.mask.isDisjoint(with: MaskedPixels.unusable) { result.flags.insert(.maskedPixel) }
    if result.flux.isFinite {
      result.budget = budget(k, of: i, star, sky, level, flux: result.flux, planes, noise: noise)
    }
    if !sum.mask.isDisjoint(with: MaskedPixels.events) {
      let masked = MaskedPixels(
        planes: planes, events: events, centre: p, aperture: shape, flux: result.flux, error: result.fluxError,
        sky: sky,
        fwhm: filter.fwhm, profile: profile, extended: plan.stars[i].extended)
      if masked.spoil(sum.mask) { result.flags.insert(.maskedCore) }
    }
    return result
  }

  private func budget(
    _ k: Int, of i: Int, _ star: StarMeasurement, _ sky: SkyEstimate, _ level: (value: Double, variance: Double),
    flux: Double, _ planes: FramePlanes, noise: NoiseModel?
  ) -> ErrorBudget {
    let sum = apertures.sums[k]
    var budget =
      noise.map { ErrorBudget(model: $0, sums: sum, sky: level.value) }
      ?? ErrorBudget(measured: sky.sigma, sums: sum, sky: level.value)
    if planes.flatVariance == nil { budget.flat = .nan }
    if sum.mask.contains(.bad), let hot = events?.hotPixels, !hot.isEmpty {
      budget.add(darkVariance: hot.variance(under: apertures.shapes[k].weights(centeredAt: star.position)))
    }
    budget.skyEstimate = sum.area * sum.area * level.variance
    budget.scintillation = flux * flux * scintillation
    // What is no star has no known profile.
    if let phase = filter.phase, !plan.stars[i].extended {
      let error = star.positionError.isNaN ? 0 : star.positionError
      let loss = PixelPhase.lossVariance(
        radius: apertures.shapes[k].radius, fwhm: width, positionVariance: error * error)
      budget.position = flux * flux * (phase.variance(of: k, fwhm: width, motion: filter.motion(of: i)) + loss)
    }
    return budget.tabulated
  }
}
