import ElnathCore

/// A frame and how it lies on the reference frame: what can be measured. It is reduced only where there are stars.
public struct RegisteredFrame: Sendable {
  public var frame: FrameReduction
  public var registration: Registration
  /// Number in the series, from 1.
  public var number: Int
  /// Of the middle of the field; NaN when unknown.
  public var airmass: Double
  /// Of its stars, px; NaN when unknown.
  public var fwhm: Double

  public init(
    frame: FrameReduction, registration: Registration, number: Int, airmass: Double, fwhm: Double = .nan
  ) {
    self.fwhm = fwhm
    self.frame = frame
    self.registration = registration
    self.number = number
    self.airmass = airmass
  }
}

/// Fluxes of all stars of the plan on one frame. Each frame is measured alone, so frames may come in any order, or be
/// shared out among machines.
public struct MeasureStage: Stage {
  public static let name = "measure"

  public let settings: MeasureSettings
  private let photometry: AperturePhotometry

  public init(_ settings: MeasureSettings, plan: MeasurementPlan) {
    self.settings = settings
    photometry = AperturePhotometry(plan: plan)
  }

  /// Stars to measure and the plan for them, from the aligned series.
  ///
  /// `userStars`: on the reference frame. `readNoise` in e-; `pixelScale` in arcsec/px, NaN when unknown. `allStars`:
  /// every star of the field is measured, however faint.
  init(
    _ settings: MeasureSettings, userStars: [Star], alignment: Alignment, readNoise: Double, site: Site?,
    pixelScale: Double, allStars: Bool = false, sky: SkyPlacement? = nil
  ) throws(PipelineError) {
    let selection = allStars ? StarSelection(candidates: .max, leastSignalToNoise: 0) : try settings.selection()
    let selected = selection(userStars: userStars, alignment: alignment, readNoise: readNoise)
    let stars = (sky?.located(selected) ?? selected).map(\.asWritten)
    var choices = try settings.choices()
    choices.pixelScale = pixelScale
    let plan = MeasurementPlan.make(
      stars: stars, alignment: alignment, readNoise: readNoise, site: site, choices: choices)
    self.init(settings, plan: plan)
  }

  public var plan: MeasurementPlan { photometry.plan }
  public var stars: [Star] { plan.stars }

  public func callAsFunction(_ input: RegisteredFrame) throws(StageError) -> FrameMeasurements {
    let filter = input.frame.observation.filter
    guard plan.plan(for: filter) != nil else {
      throw StageError([], "no frame of filter '\(filter)' was registered when the measuring was planned")
    }
    return photometry(
      input.frame, registration: input.registration, number: input.number, airmass: input.airmass,
      fwhm: input.fwhm)
  }
}
