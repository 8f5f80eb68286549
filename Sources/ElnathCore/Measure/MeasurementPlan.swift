/// Everything about the measuring that is fixed before the first pixel is read: the same for all frames of a filter, so
/// that nothing in a frame's measurement depends on another frame's pixels.
public struct MeasurementPlan: Sendable, Equatable {
  /// Where the noise of sky, read noise, dark and digitisation comes from.
  public enum NoiseSource: String, Sendable, CaseIterable, Codable {
    /// The model where it agrees with the scatter of the sky pixels and the zero level is known, else the scatter.
    case auto
    case model, measured
  }

  /// What is fixed for one filter.
  public struct FilterPlan: Sendable, Equatable {
    public var filter: String
    /// Median FWHM of the registered frames, px.
    public var fwhm: Double
    /// a1, a2, ... in tables, by radius.
    public private(set) var apertures: [PlannedAperture]
    /// Radii of the apertures for stars of `fwhm`, px.
    public private(set) var radii: [Double]
    /// Of all stars that have none of their own.
    public var annulus: AnnularAperture
    /// For each star; empty where `annulus` holds for all.
    public var annuli: [AnnularAperture]
    /// For each star the other stars to keep out of its annulus, in the pixels of the reference frame.
    public var masked: [[MaskedCircle]]
    /// Light of neighbours over the star's own, expected in each aperture, all radii of a star next to each other;
    /// NaN for a star of unknown flux.
    public var contamination: [Double]
    /// True where neighbours matter: above 2 per cent of the star's light, or for a star of unknown flux above the
    /// noise of the sky in the aperture; same layout.
    public var neighbour: [Bool]
    /// Nil leaves the term out of the errors.
    public var phase: PixelPhase?
    /// For each star how it moves on the pixels over the frames; empty where nothing is known of it.
    public var motions: [PixelMotion] = []

    public init(
      filter: String, fwhm: Double, apertures: [PlannedAperture], annulus: AnnularAperture,
      annuli: [AnnularAperture] = [], masked: [[MaskedCircle]], contamination: [Double], neighbour: [Bool],
      phase: PixelPhase? = nil
    ) {
      self.filter = filter
      self.fwhm = fwhm
      self.apertures = apertures
      radii = apertures.map { $0.shape(fwhm: fwhm).radius }
      self.annulus = annulus
      self.annuli = annuli
      self.masked = masked
      self.contamination = contamination
      self.neighbour = neighbour
      self.phase = phase
    }

    /// The same with circles of these radii, px.
    public init(
      filter: String, fwhm: Double, radii: [Double], annulus: AnnularAperture, masked: [[MaskedCircle]],
      contamination: [Double], neighbour: [Bool]
    ) {
      self.init(
        filter: filter, fwhm: fwhm, apertures: radii.map { PlannedAperture(circle: $0) }, annulus: annulus,
        masked: masked, contamination: contamination, neighbour: neighbour)
    }

    public var undersampled: Bool { fwhm < ApertureDefaults.undersampled }

    func motion(of star: Int) -> PixelMotion { motions.isEmpty ? .anywhere : motions[star] }

    func annulus(of star: Int) -> AnnularAperture { annuli.isEmpty ? annulus : annuli[star] }

    /// The apertures for a frame with stars of FWHM `width` (px; NaN when unknown), as they lie on the reference frame.
    ///
    /// Undersampled stars tell their width too badly for the apertures to follow it from frame to frame.
    public func shapes(_ width: Double) -> [any Aperture] {
      apertures.map { $0.shape(fwhm: width > 0 && !undersampled ? width : fwhm) }
    }
  }

  /// With their places on the reference frame.
  public var stars: [Star]
  /// One for each star and the whole run.
  public var centroids: [CentroidMode]
  /// Sorted by the name of the filter.
  public var filters: [FilterPlan]
  public var noise: NoiseSource
  public var sky: SkyEstimator
  /// For scintillation; nil when unknown.
  public var site: Site?

  public init(
    stars: [Star], centroids: [CentroidMode], filters: [FilterPlan], noise: NoiseSource = .auto,
    sky: SkyEstimator = .mean, site: Site? = nil
  ) {
    precondition(centroids.count == stars.count, "one centroid mode for each star")
    for plan in filters {
      precondition(
        plan.masked.count == stars.count && plan.contamination.count == stars.count * plan.radii.count
          && plan.neighbour.count == plan.contamination.count
          && (plan.annuli.isEmpty || plan.annuli.count == stars.count)
          && (plan.motions.isEmpty || plan.motions.count == stars.count), "every star is planned in every filter")
    }
    self.stars = stars
    self.centroids = centroids
    self.filters = filters
    self.noise = noise
    self.sky = sky
    self.site = site
  }

  public func plan(for filter: String) -> FilterPlan? { filters.first { $0.filter == filter } }
}
