/// Measures every star of a plan on one frame: position, sky, and the flux in each aperture with its error budget.
///
/// The frame is not resampled: the stars' places are mapped on it. F = sum(w d) - A s with exactly covered fractions w,
/// var(F) = sum(w^2 v) + A^2 var(s). Nothing depends on any other frame's pixels.
public struct AperturePhotometry: Sendable {
  public let plan: MeasurementPlan

  public init(plan: MeasurementPlan) { self.plan = plan }

  /// `registration` maps the reference frame to this one; `number` is the frame's in the series; `airmass` may be NaN.
  /// The plan must know the frame's filter. A star outside the frame has NaN for all values, and its bit.
  public func callAsFunction(
    _ frame: Frame, registration: Registration, number: Int, airmass: Double
  ) -> FrameMeasurements {
    measure(frame, registration: registration, number: number, airmass: airmass)
  }

  /// The same of a frame that is not reduced yet: no more of it is than the stars need.
  public func callAsFunction(
    _ reduction: FrameReduction, registration: Registration, number: Int, airmass: Double
  ) -> FrameMeasurements {
    let side = 2 * Int(filterPlan(reduction).reach) + 1
    // Where boxes would overlap all over the frame it is cheaper to reduce every pixel once.
    if plan.stars.count * side * side > reduction.width * reduction.height {
      let frame = reduction.frame()
      var marks = reduction.events?.cosmicRays == nil ? [] : frame.image.mask.pixels
      return marks.withUnsafeMutableBufferPointer { marks in
        measure(
          frame, events: reduction.events, marks: marks, registration: registration, number: number, airmass: airmass)
      }
    }
    return measure(
      reduction, events: reduction.events, registration: registration, number: number, airmass: airmass)
  }

  private func measure(
    _ source: some PixelSource, events: FrameEvents? = nil, marks: UnsafeMutableBufferPointer<PixelMask>? = nil,
    registration: Registration, number: Int, airmass: Double
  ) -> FrameMeasurements {
    let scintillation = Scintillation.relativeVariance(
      site: plan.site, exposure: source.observation.exposure, airmass: airmass)
    var loop = MeasuringLoop(
      plan: plan, filter: filterPlan(source),
      noise: SeamNoise(frame: source.noise, outputs: source.amplifierNoise), transform: registration.transform,
      scintillation: scintillation, events: events, marks: marks)
    return loop.measurements(of: source, number: number)
  }

  private func filterPlan(_ source: some PixelSource) -> MeasurementPlan.FilterPlan {
    guard let filter = plan.plan(for: source.observation.filter) else {
      preconditionFailure("the plan covers the filters of all frames")
    }
    return filter
  }
}

/// One frame's pass over the stars, with the memory it uses again for each.
private struct MeasuringLoop {
  let plan: MeasurementPlan
  let filter: MeasurementPlan.FilterPlan
  let noise: SeamNoise
  let transform: SimilarityTransform
  let scintillation: Double
  let events: FrameEvents?
  /// A copy of the frame's mask for marks of cosmic rays; nil where each box has its own.
  let marks: UnsafeMutableBufferPointer<PixelMask>?
  let apertures: ConcentricApertures
  let profile: StarProfile
  var annulus: SkyAnnulus
  var shells: [ApertureSums]
  var sums: [ApertureSums]

  init(
    plan: MeasurementPlan, filter: MeasurementPlan.FilterPlan, noise: SeamNoise, transform: SimilarityTransform,
    scintillation: Double, events: FrameEvents?, marks: UnsafeMutableBufferPointer<PixelMask>?
  ) {
    self.events = events
    self.marks = marks
    self.plan = plan
    self.filter = filter
    self.noise = noise
    self.transform = transform
    self.scintillation = scintillation
    apertures = ConcentricApertures(radii: filter.radii, core: filter.fwhm)
    profile = StarProfile(fwhm: filter.fwhm)
    annulus = SkyAnnulus(filter.annulus, noise: noise.frame)
    shells = Array(repeating: ApertureSums(), count: filter.radii.count)
    sums = shells
  }

  mutating func measurements(of source: some PixelSource, number: Int) -> FrameMeasurements {
    var stars: [StarMeasurement] = []
    var measured: [ApertureMeasurement] = []
    stars.reserveCapacity(plan.stars.count)
    measured.reserveCapacity(plan.stars.count * filter.radii.count)
    for i in plan.stars.indices {
      let forced = transform(plan.stars[i].position).tabulated
      var star = StarMeasurement(position: forced, forced: forced, centroid: .forced)
      if filter.undersampled { star.flags.insert(.undersampled) }
      if forced.lies(inWidth: source.width, height: source.height) {
        let box = filter.box(around: forced, width: source.width, height: source.height)
        let output = noise.model(in: box)
        if let rays = events?.cosmicRays {
          let wide = filter.searchedBox(around: forced, width: source.width, height: source.height)
          source.withPlanes(in: wide) { planes in
            withMarks(of: rays, around: forced, planes) { measure(i, $0, of: output, &star, &measured) }
          }
        } else {
          source.withPlanes(in: box) { measure(i, $0, of: output, &star, &measured) }
        }
      } else {
        star.flags.formUnion([.outside, .forced])
        for radius in filter.radii {
          var aperture = ApertureMeasurement(radius: radius)
          aperture.flags = star.flags
          measured.append(aperture)
        }
      }
      stars.append(star)
    }
    return FrameMeasurements(frame: number, stars: stars, apertures: measured)
  }

  /// Marks cosmic rays on the pixels of apertures and windows. The sky around takes no harm from those beyond, since
  /// whatever stands out so far is clipped there.
  private func withMarks(
    of rays: CosmicRays, around place: PixelPoint, _ planes: FramePlanes, _ body: (FramePlanes) -> Void
  ) {
    let core = filter.core(around: place, width: planes.width, height: planes.height)
    if let marks {
      let hits = rays.mark(planes.planes, in: marks, within: core)
      body(planes.with(mask: UnsafeBufferPointer(marks)))
      // The next star must not know.
      for i in hits { marks[i] = planes.mask[i] }
    } else {
      withUnsafeTemporaryAllocation(of: PixelMask.self, capacity: planes.mask.count) { mask in
        _ = mask.initialize(fromContentsOf: planes.mask)
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
    let scale = transform.scale
    let others = filter.masked[i].map { MaskedCircle(centre: transform($0.centre), radius: $0.radius * scale) }
    annulus.noise = output ?? noise.model(planes, around: star.forced, annulus: annulus.annulus)
    let sky = annulus.estimate(planes, around: star.forced, without: others).tabulated
    if !(sky.count >= SkyEstimate.unsure) { star.flags.insert(.noSky) }
    if sky.gradient { star.flags.insert(.skyGradient) }
    star.sky = sky.level
    star.skySigma = sky.sigma
    star.skyCount = sky.count
    place(&star, planes, mode: plan.centroids[i], sky: sky.level)

    let useMeasured = usesScatter(sky, &star.flags)
    let peak = apertures(planes, around: star.position, shells: &shells, sums: &sums)
    star.peakADU = Double(peak)
    star.fwhm = DecimalRounding.decimals(
      SourceProfile.fwhm(in: planes, at: star.position, sky: sky, field: filter.fwhm), 3)
    for k in filter.radii.indices {
      let model = output ?? noise.model(planes, around: star.position, radius: filter.radii[k])
      measured.append(aperture(k, of: i, planes, star, sky, noise: useMeasured ? nil : model))
    }
  }

  /// Moves the star from its forced position to its centroid, where the plan says so and the step stays in its bound.
  private func place(_ star: inout StarMeasurement, _ planes: FramePlanes, mode: CentroidMode, sky: Double) {
    guard mode != .forced else {
      star.flags.insert(.forced)
      return
    }
    let centroid = Centroid.windowed(
      in: planes.planes, around: star.forced, sigma: filter.centroidSigma, sky: sky, maximumStep: filter.maximumStep)
    if centroid.refused {
      star.flags.formUnion([.centroidRefused, .forced])
    } else {
      star.position = centroid.position.tabulated
      star.centroid = mode
    }
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
    let sum = sums[k]
    let radius = filter.radii[k]
    var result = ApertureMeasurement(radius: radius)
    result.flags = star.flags
    result.flux = DecimalRounding.decimals(sum.flux - sum.area * sky.level, 3)
    result.area = DecimalRounding.decimals(sum.area, 4)
    result.contamination = filter.contamination[i * filter.radii.count + k]
    if filter.neighbour[i * filter.radii.count + k] { result.flags.insert(.neighbour) }

    let p = star.position
    let edge = min(p.x, p.y, Double(planes.width) - 1 - p.x, Double(planes.height) - 1 - p.y) + 0.5
    if edge < radius { result.flags.insert(.pastEdge) }
    if !sum.mask.isDisjoint(with: [.saturated, .bleed]) { result.flags.insert(.saturated) }
    if sum.mask.contains(.nonlinear) { result.flags.insert(.nonlinear) }
    if sum.mask.contains(.cosmicRay) { result.flags.insert(.cosmicRay) }
    if sum.mask.contains(.satellite) { result.flags.insert(.satellite) }
    if !sum.mask.isDisjoint(with: MaskedPixels.unusable) { result.flags.insert(.maskedPixel) }
    if result.flux.isFinite {
      result.budget = budget(sum, sky, flux: result.flux, planes, noise: noise)
    }
    if !sum.mask.isDisjoint(with: MaskedPixels.events) {
      let masked = MaskedPixels(
        planes: planes, events: events, centre: p, radius: radius, flux: result.flux, error: result.fluxError, sky: sky,
        fwhm: filter.fwhm, profile: profile, extended: plan.stars[i].extended)
      if masked.spoil(sum.mask) { result.flags.insert(.maskedCore) }
    }
    return result
  }

  private func budget(
    _ sum: ApertureSums, _ sky: SkyEstimate, flux: Double, _ planes: FramePlanes, noise: NoiseModel?
  ) -> ErrorBudget {
    var budget =
      noise.map { ErrorBudget(model: $0, sums: sum, sky: sky.level) }
      ?? ErrorBudget(measured: sky.sigma, sums: sum, sky: sky.level)
    if planes.flatVariance == nil { budget.flat = .nan }
    budget.skyEstimate = sum.area * sum.area * sky.levelVariance
    budget.scintillation = flux * flux * scintillation
    return budget.tabulated
  }
}
