/// Measures every star of a plan on one frame: position, sky, and the flux in each aperture with its error budget.
///
/// The frame is not resampled: the stars' places are mapped on it. F = sum(w d) - A s with exactly covered fractions w,
/// var(F) = sum(w^2 v) + A^2 var(s). Nothing depends on any other frame's pixels.
public struct AperturePhotometry: Sendable {
  public let plan: MeasurementPlan

  public init(plan: MeasurementPlan) { self.plan = plan }

  /// `registration` maps the reference frame to this one; `number` is the frame's in the series; `airmass` and `fwhm`
  /// (of the frame's stars, px) may be NaN. The plan must know the frame's filter. A star outside the frame has NaN for
  /// all values, and its bit.
  public func callAsFunction(
    _ frame: Frame, registration: Registration, number: Int, airmass: Double, fwhm: Double = .nan
  ) -> FrameMeasurements {
    measure(frame, registration: registration, number: number, airmass: airmass, fwhm: fwhm)
  }

  /// The same of a frame that is not reduced yet: no more of it is than the stars need.
  public func callAsFunction(
    _ reduction: FrameReduction, registration: Registration, number: Int, airmass: Double, fwhm: Double = .nan
  ) -> FrameMeasurements {
    if wantsWhole(reduction.observation, width: reduction.width, height: reduction.height, fwhm: fwhm) {
      let frame = reduction.frame()
      var marks = reduction.events?.cosmicRays == nil ? [] : frame.image.mask.pixels
      return marks.withUnsafeMutableBufferPointer { marks in
        measure(
          frame, events: reduction.events, marks: marks, registration: registration, number: number, airmass: airmass,
          fwhm: fwhm)
      }
    }
    let measured = reduction.withStarBoxes { boxes in
      measure(
        boxes, events: reduction.events, registration: registration, number: number, airmass: airmass, fwhm: fwhm)
    }
    return measured
      ?? measure(
        reduction.decoded, events: reduction.events, registration: registration, number: number, airmass: airmass,
        fwhm: fwhm)
  }

  /// True where boxes would overlap all over the frame, so that it is cheaper to reduce every pixel once.
  private func wantsWhole(_ observation: Observation, width: Int, height: Int, fwhm: Double) -> Bool {
    let side = side(filterPlan(observation), fwhm: fwhm)
    return plan.stars.count * side * side > width * height
  }

  /// Of the box of a typical star, px.
  private func side(_ filter: MeasurementPlan.FilterPlan, fwhm: Double) -> Int {
    let apertures = filter.shapes(fwhm).map(\.reach).max() ?? 0
    let reaches = plan.stars.indices.map { filter.reach(of: $0, apertures: apertures) }
    return 2 * Int(min(Median.of(reaches.isEmpty ? [0] : reaches), 1e6)) + 1
  }

  private func measure(
    _ source: some PixelSource, events: FrameEvents? = nil, marks: UnsafeMutableBufferPointer<PixelMask>? = nil,
    registration: Registration, number: Int, airmass: Double, fwhm: Double
  ) -> FrameMeasurements {
    let scintillation = Scintillation.relativeVariance(
      site: plan.site, exposure: source.observation.exposure, airmass: airmass)
    var loop = MeasuringLoop(
      plan: plan, filter: filterPlan(source.observation),
      noise: SeamNoise(frame: source.noise, outputs: source.amplifierNoise), registration: registration,
      fwhm: fwhm, scintillation: scintillation, pixels: source.width * source.height, events: events, marks: marks)
    return loop.measurements(of: source, number: number)
  }

  private func filterPlan(_ observation: Observation) -> MeasurementPlan.FilterPlan {
    guard let filter = plan.plan(for: observation.filter) else {
      preconditionFailure("the plan covers the filters of all frames")
    }
    return filter
  }
}
