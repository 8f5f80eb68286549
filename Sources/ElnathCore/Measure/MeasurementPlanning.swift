extension MeasurementPlan {
  /// What the user may fix; nil or NaN leaves it to the rule.
  public struct Choices: Sendable, Equatable {
    public enum Centroid: String, Sendable, CaseIterable, Codable {
      /// Windowed where the star is bright and alone, else forced.
      case auto
      case windowed, forced
    }

    /// px, for all filters.
    public var radii: [Double]?
    public var annulus: AnnularAperture?
    public var centroid = Centroid.auto
    public var noise = NoiseSource.auto
    /// arcsec/px; NaN when unknown.
    public var pixelScale = Double.nan

    public init() {}
  }

  /// Plans the measuring of `stars` on the registered frames of `alignment`. `readNoise` in e-.
  public static func make(
    stars: [Star], alignment: Alignment, readNoise: Double, site: Site? = nil, choices: Choices = Choices()
  ) -> MeasurementPlan {
    let frames = alignment.frames.filter(\.isRegistered)
    let widths = frames.map(\.fwhm).filter { $0 > 0 }
    let field = FieldOfStars(stars: stars, alignment: alignment)
    var extended: Double?
    if stars.contains(where: \.extended) {
      let poorest = widths.isEmpty ? alignment.referenceFWHM : Median.percentile(widths, 0.9)
      extended = ApertureDefaults.extendedRadius(fwhm90: poorest, pixelScale: choices.pixelScale)
    }
    let filters = Set(frames.map(\.filter)).sorted().map { filter in
      let own = frames.filter { $0.filter == filter }
      let median = Median.of(own.map(\.fwhm).filter { $0 > 0 })
      let fwhm = median > 0 ? median : alignment.referenceFWHM
      let sky = Median.of(own.map(\.sky))
      let skySigma = ((sky > 0 ? sky : 0) + readNoise * readNoise).squareRoot()
      return FilterPlan(
        filter: filter, fwhm: fwhm, skySigma: skySigma, extended: extended, choices: choices, field: field)
    }
    let centroids = modes(
      stars: stars, frames: frames, field: field, filters: filters, choice: choices.centroid,
      prediction: SignalPrediction(alignment: alignment, readNoise: readNoise))
    return MeasurementPlan(stars: stars, centroids: centroids, filters: filters, noise: choices.noise, site: site)
  }

  /// A centroid on noise seeks the highest noise peak and makes faint stars too bright; so faint, blended and extended
  /// stars are measured where the transform puts them, on every frame alike.
  private static func modes(
    stars: [Star], frames: [FrameSummary], field: FieldOfStars, filters: [FilterPlan], choice: Choices.Centroid,
    prediction: SignalPrediction
  ) -> [CentroidMode] {
    stars.indices.map { i in
      if stars[i].extended || choice == .forced { return .forced }
      if choice == .windowed { return .windowed }
      guard let own = field.own[i], !frames.isEmpty else { return .forced }
      let bright = frames.filter {
        prediction.signalToNoise(flux: field.sources[own].flux, on: $0) > centroidSignalToNoise
      }
      guard Double(bright.count) >= 0.8 * Double(frames.count) else { return .forced }
      let alone = filters.allSatisfy { plan in
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
    filter: String, fwhm: Double, skySigma: Double, extended: Double?, choices: MeasurementPlan.Choices,
    field: FieldOfStars
  ) {
    self.filter = filter
    self.fwhm = fwhm
    var radii = choices.radii ?? ApertureDefaults.radii(fwhm: fwhm)
    if let extended { radii.append(extended) }
    radii = Set(radii).sorted()
    self.radii = radii
    // Automatic apertures beyond 3 FWHM only show where a star ends.
    let eligible = choices.radii == nil ? radii.filter { $0 <= 3 * fwhm || $0 == extended } : radii
    let annulus = choices.annulus ?? ApertureDefaults.annulus(fwhm: fwhm, largestRadius: eligible.last ?? 0)
    self.annulus = annulus
    let profile = StarProfile(fwhm: fwhm)
    let haloes = field.sources.map {
      max(2 * fwhm, profile.radius(flux: $0.flux, level: 0.1 * skySigma))
    }
    masked = field.own.indices.map { i in
      field.masked(around: i, haloes: haloes, annulus: annulus, least: 2 * fwhm)
    }
    contamination = []
    neighbour = []
    for i in field.own.indices {
      let neighbours = field.neighbours(of: i, within: radii.last ?? 0, profile: profile)
      for radius in radii {
        let light = neighbours.reduce(0) {
          $0 + $1.flux * profile.fraction(within: radius, offset: field.places[i].distance(to: $1.position))
        }
        if let own = field.own[i] {
          let ratio = light / (field.sources[own].flux * profile.enclosed(radius))
          contamination.append(DecimalRounding.decimals(ratio, 6))
          neighbour.append(ratio > Self.contaminationLimit)
        } else {
          contamination.append(.nan)
          neighbour.append(light > skySigma * CircularAperture(radius: radius).area.squareRoot())
        }
      }
    }
  }
}

/// Stars to measure and sources of the catalogue, on the reference frame.
struct FieldOfStars {
  let places: [PixelPoint]
  let sources: [CatalogSource]
  /// The source that is the star itself; nil where it was not detected.
  let own: [Int?]

  init(stars: [Star], alignment: Alignment) {
    places = stars.map(\.position)
    sources = alignment.sources
    let limit = max(0.5 * alignment.referenceFWHM, 2)
    var own = [Int?](repeating: nil, count: stars.count)
    for match in StarSelection.matches(of: stars, in: sources, within: limit) { own[match.star] = match.source }
    self.own = own
  }

  /// The other sources whose light within `radius` of star `i` can matter: above 0.0001 of its own, or one electron.
  func neighbours(of i: Int, within radius: Double, profile: StarProfile) -> [CatalogSource] {
    let area = CircularAperture(radius: radius).area
    let floor = own[i].map { 1e-4 * sources[$0].flux } ?? 1
    return sources.indices.filter { s in
      guard s != own[i] else { return false }
      let distance = places[i].distance(to: sources[s].position)
      return sources[s].flux * profile.surface(at: max(distance - radius, 0)) * area > floor
    }.map { sources[$0] }
  }

  /// The circles of other stars that reach into the annulus of star `i`. Where the haloes of bright stars would leave
  /// too few sky pixels they are made smaller, down to `least`: an uneven sky is found out by its sectors, no sky at all
  /// is worth nothing.
  func masked(around i: Int, haloes: [Double], annulus: AnnularAperture, least: Double) -> [MaskedCircle] {
    var circles: [MaskedCircle] = []
    for (s, source) in sources.enumerated() where s != own[i] {
      let distance = places[i].distance(to: source.position)
      if distance - haloes[s] < annulus.outer && distance + haloes[s] > annulus.inner {
        circles.append(MaskedCircle(centre: source.position, radius: haloes[s]))
      }
    }
    while circles.contains(where: { $0.radius > least })
      && openArea(around: places[i], annulus: annulus, circles: circles) < 1.5 * Double(SkyEstimate.unsure)
    {
      for c in circles.indices { circles[c].radius = max(least, 0.8 * circles[c].radius) }
    }
    return circles
  }

  /// Pixels of the annulus that no circle covers.
  private func openArea(around centre: PixelPoint, annulus: AnnularAperture, circles: [MaskedCircle]) -> Double {
    if circles.isEmpty { return annulus.area }
    let reach = Int(annulus.outer.rounded(.up))
    var open = 0.0
    for dy in -reach...reach {
      for dx in -reach...reach {
        let square = Double(dx * dx + dy * dy)
        guard square >= annulus.inner * annulus.inner && square <= annulus.outer * annulus.outer else { continue }
        let p = PixelPoint(x: centre.x + Double(dx), y: centre.y + Double(dy))
        if circles.allSatisfy({ p.distance(to: $0.centre) > $0.radius }) { open += 1 }
      }
    }
    return open
  }
}
