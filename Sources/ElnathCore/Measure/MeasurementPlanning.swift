extension MeasurementPlan {
  /// What the user may fix; nil or NaN leaves it to the rule.
  public struct Choices: Sendable, Equatable {
    /// How stars are centred.
    public enum Centroid: String, Sendable, CaseIterable, Codable {
      /// Windowed where the star is bright and alone, else forced.
      case auto
      case windowed, gaussian, forced
    }

    /// Of all stars, in all filters.
    public var apertures: [PlannedAperture]?
    public var annulus: AnnularAperture?
    /// Of `annulus`: the FWHM is the median one of each filter.
    public var annulusUnit = PlannedAperture.Unit.px
    public var centroid = Centroid.auto
    public var noise = NoiseSource.auto
    public var sky = SkyEstimator.mean
    /// arcsec/px; NaN when unknown.
    public var pixelScale = Double.nan

    public init() {}

    /// Radii of the apertures, in their units; set, they are circles in px.
    public var radii: [Double]? {
      get { apertures?.map { $0.shape(fwhm: 1).radius } }
      set { apertures = newValue?.map { PlannedAperture(circle: $0) } }
    }
  }

  /// Plans the measuring of `stars` on the registered frames of `alignment`. `readNoise` in e-.
  public static func make(
    stars: [Star], alignment: Alignment, readNoise: Double, site: Site? = nil, choices: Choices = Choices()
  ) -> MeasurementPlan {
    let frames = alignment.frames.filter(\.isRegistered)
    let widths = frames.map(\.fwhm).filter { $0 > 0 }
    let field = FieldOfStars(stars: stars, alignment: alignment)
    let poorest = widths.isEmpty ? alignment.referenceFWHM : Median.percentile(widths, 0.9)
    let own = OwnApertures(
      of: stars, extended: ApertureDefaults.extendedRadius(fwhm90: poorest, pixelScale: choices.pixelScale))
    let stars = own.stars
    let filters = Set(frames.map(\.filter)).sorted().map { filter in
      let series = frames.filter { $0.filter == filter }
      let median = Median.of(series.map(\.fwhm).filter { $0 > 0 })
      let fwhm = median > 0 ? median : alignment.referenceFWHM
      let sky = Median.of(series.map(\.sky))
      let skySigma = ((sky > 0 ? sky : 0) + readNoise * readNoise).squareRoot()
      var plan = FilterPlan(
        filter: filter, fwhm: fwhm, skySigma: skySigma, own: own, choices: choices, field: field)
      plan.motions = stars.map { star in
        PixelMotion(places: series.compactMap { $0.registration?.transform(star.position) })
      }
      return plan
    }
    let centroids = modes(
      stars: stars, frames: frames, field: field, filters: filters, choice: choices.centroid,
      prediction: SignalPrediction(alignment: alignment, readNoise: readNoise))
    return MeasurementPlan(
      stars: stars, centroids: centroids, filters: filters, noise: choices.noise, sky: choices.sky, site: site)
  }

  /// A centroid on noise seeks the highest noise peak and makes faint stars too bright; so faint, blended and extended
  /// stars are measured where the transform puts them, on every frame alike.
  private static func modes(
    stars: [Star], frames: [FrameSummary], field: FieldOfStars, filters: [FilterPlan], choice: Choices.Centroid,
    prediction: SignalPrediction
  ) -> [CentroidMode] {
    stars.indices.map { i in
      switch stars[i].own.centroid ?? (stars[i].extended ? .forced : choice) {
      case .forced: return .forced
      case .windowed: return .windowed
      case .gaussian: return .gaussian
      case .auto: break
      }
      guard !stars[i].extended, let own = field.own[i], !frames.isEmpty else { return .forced }
      let bright = frames.filter {
        prediction.signalToNoise(flux: field.sources[own].flux, on: $0) > centroidSignalToNoise
      }
      guard Double(bright.count) >= 0.8 * Double(frames.count) else { return .forced }
      let alone = filters.allSatisfy { plan in
        guard !field.isBlended(i, fwhm: plan.fwhm) else { return false }
        // At the aperture of about the best signal to noise.
        let k = plan.radii.firstIndex { $0 >= 1.25 * plan.fwhm } ?? plan.radii.count - 1
        return plan.contamination[i * plan.radii.count + k] < FilterPlan.contaminationLimit
      }
      return alone ? .windowed : .forced
    }
  }

  static let centroidSignalToNoise = 20.0
}

extension MeasurementPlan.FilterPlan {
  /// Above this a neighbour is said to disturb.
  static let contaminationLimit = 0.02

  init(
    filter: String, fwhm: Double, skySigma: Double, own: OwnApertures, choices: MeasurementPlan.Choices,
    field: FieldOfStars
  ) {
    let usual = choices.apertures ?? ApertureDefaults.radii(fwhm: fwhm).map { PlannedAperture(circle: $0) }
    // Automatic apertures beyond 3 FWHM only show where a star ends.
    let eligible = choices.apertures == nil ? usual.filter { $0.shape(fwhm: fwhm).radius <= 3 * fwhm } : usual
    // The curve of a star is made within some two FWHM, where only nebulae are not whole.
    let shared = choices.apertures == nil ? eligible.filter { $0.shape(fwhm: fwhm).radius <= 2.25 * fwhm } : eligible
    let reach = (eligible + own.apertures).map { $0.shape(fwhm: fwhm).reach }.max() ?? 0
    let given = choices.annulus.map { choices.annulusUnit == .px ? $0 : $0.scaled(by: fwhm) }
    func annulusHolding(_ apertures: [PlannedAperture]) -> AnnularAperture {
      given
        ?? ApertureDefaults.annulus(
          fwhm: fwhm, largestRadius: reach, largestArea: apertures.map { $0.shape(fwhm: fwhm).area }.max(),
          farthest: field.farthest)
    }
    let annulus = annulusHolding(shared)
    let wide = own.apertures.isEmpty ? annulus : annulusHolding(eligible + own.apertures)
    let profile = StarProfile(fwhm: fwhm)
    let haloes = field.sources.map {
      min(max(2 * fwhm, profile.radius(flux: $0.flux, level: 0.1 * skySigma)), PixelWeights.farthest)
    }
    let annuli = own.stars.indices.map { i in
      if let own = own.stars[i].own.annulus { return own }
      if own.stars[i].extended { return wide }
      if given != nil { return annulus }
      return field.annulus(around: i, usual: annulus, fwhm: fwhm, haloes: haloes)
    }
    self.init(
      filter: filter, fwhm: fwhm, apertures: (usual + own.apertures).inOrder(fwhm: fwhm), annulus: annulus,
      annuli: annuli.allSatisfy { $0 == annulus } ? [] : annuli,
      masked: field.own.indices.map { i in
        field.masked(around: i, haloes: haloes, annulus: annuli[i], least: 2 * fwhm)
      }, contamination: [], neighbour: [])
    phase = PixelPhase(fwhm: fwhm) { self.shapes($0) }
    expectNeighbours(field, profile, skySigma: skySigma)
  }

  /// What neighbours add to every star in every aperture; shapes that are not round count as round ones of their area.
  private mutating func expectNeighbours(_ field: FieldOfStars, _ profile: StarProfile, skySigma: Double) {
    let shapes = apertures.map { aperture in
      let shape = aperture.shape(fwhm: fwhm)
      let hole = (shape.radius * shape.radius - shape.area / .pi) / (shape.radius * shape.radius)
      return (radius: shape.radius, hole: hole > 1e-9 ? shape.radius * hole.squareRoot() : 0, area: shape.area)
    }
    let largest = shapes.map(\.radius).max() ?? 0
    for i in field.own.indices {
      let neighbours = field.neighbours(of: i, within: largest, profile: profile)
      let isBlended = field.isBlended(i, fwhm: fwhm)
      for shape in shapes {
        let light = neighbours.reduce(0) { sum, source in
          let offset = field.places[i].distance(to: source.position)
          let hole = shape.hole > 0 ? profile.fraction(within: shape.hole, offset: offset) : 0
          return sum + source.flux * (profile.fraction(within: shape.radius, offset: offset) - hole)
        }
        if let own = field.own[i] {
          let enclosed = profile.enclosed(shape.radius) - (shape.hole > 0 ? profile.enclosed(shape.hole) : 0)
          let ratio = light / (field.sources[own].flux * enclosed)
          contamination.append(DecimalRounding.decimals(ratio, 6))
          neighbour.append(ratio > Self.contaminationLimit || isBlended)
        } else {
          contamination.append(.nan)
          neighbour.append(light > skySigma * shape.area.squareRoot())
        }
      }
    }
  }
}

extension [PlannedAperture] {
  /// By radius for stars of this FWHM, each once.
  fileprivate func inOrder(fwhm: Double) -> [PlannedAperture] {
    let kinds = ApertureKind.allCases
    func rank(_ a: PlannedAperture) -> (Double, Int) {
      (a.shape(fwhm: fwhm).radius, kinds.firstIndex(of: a.kind) ?? 0)
    }
    return reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.sorted { rank($0) < rank($1) }
  }
}

/// Stars with the apertures that single ones ask for, which all are measured in.
struct OwnApertures {
  let stars: [Star]
  let apertures: [PlannedAperture]

  /// `extended`: radius for extended stars that ask for none, px. They are measured in a smaller and a larger one too:
  /// how a nebula's light depends on the radius tells what of it is seeing.
  init(of stars: [Star], extended: Double) {
    var stars = stars
    var apertures = stars.compactMap(\.own.aperture)
    for i in stars.indices {
      if let own = stars[i].own.aperture {
        stars[i].radius = own.shape(fwhm: 1).radius
      } else if stars[i].extended {
        stars[i].radius = extended
        apertures += ApertureDefaults.extendedFactors.map {
          PlannedAperture(circle: max((extended * $0 * 10).rounded() / 10, 0.1))
        }
      }
    }
    self.stars = stars
    self.apertures = apertures
  }
}
