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
    /// px, ascending; a1, a2, ... in tables.
    public var radii: [Double]
    public var annulus: AnnularAperture
    /// For each star the other stars to keep out of its annulus, in the pixels of the reference frame.
    public var masked: [[MaskedCircle]]
    /// Light of neighbours over the star's own, expected in each aperture, all radii of a star next to each other;
    /// NaN for a star of unknown flux.
    public var contamination: [Double]
    /// True where neighbours matter: above 2 per cent of the star's light, or for a star of unknown flux above the
    /// noise of the sky in the aperture; same layout.
    public var neighbour: [Bool]

    public init(
      filter: String, fwhm: Double, radii: [Double], annulus: AnnularAperture, masked: [[MaskedCircle]],
      contamination: [Double], neighbour: [Bool]
    ) {
      self.filter = filter
      self.fwhm = fwhm
      self.radii = radii
      self.annulus = annulus
      self.masked = masked
      self.contamination = contamination
      self.neighbour = neighbour
    }

    public var undersampled: Bool { fwhm < ApertureDefaults.undersampled }
  }

  /// With their places on the reference frame.
  public var stars: [Star]
  /// `windowed` or `forced`, one for each star and the whole run.
  public var centroids: [CentroidMode]
  /// Sorted by the name of the filter.
  public var filters: [FilterPlan]
  public var noise: NoiseSource
  /// For scintillation; nil when unknown.
  public var site: Site?

  public init(
    stars: [Star], centroids: [CentroidMode], filters: [FilterPlan], noise: NoiseSource = .auto, site: Site? = nil
  ) {
    precondition(centroids.count == stars.count, "one centroid mode for each star")
    for plan in filters {
      precondition(
        plan.masked.count == stars.count && plan.contamination.count == stars.count * plan.radii.count
          && plan.neighbour.count == plan.contamination.count, "every star is planned in every filter")
    }
    self.stars = stars
    self.centroids = centroids
    self.filters = filters
    self.noise = noise
    self.site = site
  }

  public func plan(for filter: String) -> FilterPlan? { filters.first { $0.filter == filter } }
}
