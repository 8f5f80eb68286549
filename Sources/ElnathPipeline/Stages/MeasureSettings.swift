import ElnathCore

/// Table [measure] of the project file.
public struct MeasureSettings: Codable, Sendable, Equatable {
  /// Radii in px, for all filters and frames. Left out: ten radii from 0.6 to 3.3 times the median FWHM of each filter,
  /// of which the light curve takes the best.
  public var radii: [Double]?
  /// In place of `radii`: apertures of any kind, in px or in units of the FWHM.
  public var apertures: [ApertureSettings]?
  /// The sky annulus. Left out: from 4 times the median FWHM outwards, with ten times the pixels of an aperture; from 3
  /// times for a star that is crowded by others.
  public var sky: ApertureSettings?
  /// What the sky level is made of. The clipped mean has the least error and no steps; median and mode suffer less from
  /// unseen stars; plane and quadratic follow a nebula or a gradient.
  public var skyLevel = SkyEstimator.mean
  /// How stars are centred. windowed: SExtractor's windowed centroid; gaussian: a fit; forced: where the transform puts the
  /// star. auto: windowed for stars that are bright and alone on most frames, forced for all others. A centroid on a faint
  /// star finds the highest noise peak and makes the star too bright.
  public var centroid = MeasurementPlan.Choices.Centroid.auto
  /// Where the noise of the sky comes from. model: photons, read noise and dark current. measured: the scatter of the sky
  /// pixels. auto: the model where it agrees with that scatter, the scatter elsewhere; never both.
  public var noise = MeasurementPlan.NoiseSource.auto
  /// Detected stars that are measured beside those of the project: more than any choice of comparison stars needs.
  public var candidates = 200

  enum CodingKeys: String, CodingKey {
    case radii, apertures, sky
    case skyLevel = "sky_level"
    case centroid, noise, candidates
  }

  public init() {}
}

extension MeasureSettings {
  /// The settings as the plan of the measuring takes them; what makes no sense is refused.
  public func choices() throws(PipelineError) -> MeasurementPlan.Choices {
    var choices = MeasurementPlan.Choices()
    choices.centroid = centroid
    choices.noise = noise
    choices.sky = skyLevel
    choices.apertures = try chosenApertures()
    choices.annulus = try chosenAnnulus()
    choices.annulusUnit = sky?.unit ?? .px
    return choices
  }

  /// Which stars are measured.
  public func selection() throws(PipelineError) -> StarSelection {
    guard candidates >= 0 else {
      throw Self.refused("candidates", "\(candidates) stars cannot be measured; give 0 or more")
    }
    return StarSelection(candidates: candidates)
  }

  private func chosenApertures() throws(PipelineError) -> [PlannedAperture]? {
    guard radii == nil || apertures == nil else {
      throw Self.refused("apertures", "stands beside measure.radii; give one of them")
    }
    let key = radii == nil ? "apertures" : "radii"
    guard let given = apertures ?? radii?.map({ ApertureSettings(radius: $0) }) else { return nil }
    guard !given.isEmpty else {
      throw Self.refused(key, "is empty; give at least one radius in px, or leave the key out")
    }
    var planned: [PlannedAperture] = []
    for settings in given {
      switch settings.planned() {
      case .success(let aperture): planned.append(aperture)
      case .failure(let refusal): throw Self.refused(key, refusal.reason)
      }
    }
    return planned
  }

  private func chosenAnnulus() throws(PipelineError) -> AnnularAperture? {
    guard let sky else { return nil }
    guard sky.kind == .annulus else {
      throw Self.refused("sky", "the sky is measured in an annulus, not in kind '\(sky.kind.rawValue)'")
    }
    switch sky.planned() {
    case .success(let planned): return AnnularAperture(inner: planned.values[0], outer: planned.values[1])
    case .failure(let refusal): throw Self.refused("sky", refusal.reason)
    }
  }

  private static func refused(_ key: String, _ message: String) -> PipelineError {
    PipelineError(.configuration, "measure.\(key)", message)
  }
}
