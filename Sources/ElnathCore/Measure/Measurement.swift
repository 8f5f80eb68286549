/// Where a star's aperture was centred.
public enum CentroidMode: String, Sendable, CaseIterable, Codable {
  case windowed, gaussian, forced
}

/// What was measured of one star on one frame whatever the aperture. NaN where there is no value.
public struct StarMeasurement: Sendable, Equatable {
  /// Where the apertures were centred.
  public var position: PixelPoint
  /// Where the transform puts the star.
  public var forced: PixelPoint
  public var centroid: CentroidMode
  /// Standard error of the position along one axis, px: of the centroid, or of a forced place by its transform.
  public var positionError = Double.nan
  /// Sky level, e-/px; scatter of its pixels, e-; number of pixels kept.
  public var sky = Double.nan
  public var skySigma = Double.nan
  public var skyCount = 0
  /// Highest raw ADU within the smallest aperture that reaches the FWHM, bias included.
  public var peakADU = Double.nan
  /// Full width at half maximum, px.
  public var fwhm = Double.nan
  /// Flags that hold for every aperture of the star.
  public var flags: QualityFlags = []

  public init(position: PixelPoint, forced: PixelPoint, centroid: CentroidMode) {
    self.position = position
    self.forced = forced
    self.centroid = centroid
  }
}

/// The flux of one star on one frame in one aperture. NaN where there is no value.
public struct ApertureMeasurement: Sendable, Equatable {
  /// px.
  public var radius: Double
  /// e- per exposure, sky subtracted.
  public var flux = Double.nan
  /// Covered area, px.
  public var area = Double.nan
  /// Flux of neighbours within the aperture over the star's own; NaN when not known.
  public var contamination = Double.nan
  public var budget = ErrorBudget()
  /// All flags of this aperture, those of the star included.
  public var flags: QualityFlags = []

  public init(radius: Double) { self.radius = radius }

  /// One sigma, e-.
  public var fluxError: Double { budget.flux.squareRoot() }
}

/// Everything measured on one frame: for each star one `StarMeasurement`, and one `ApertureMeasurement` for each
/// aperture, all apertures of a star next to each other.
public struct FrameMeasurements: Sendable, Equatable {
  /// Number of the frame in the series, from 1.
  public var frame: Int
  public var stars: [StarMeasurement]
  public var apertures: [ApertureMeasurement]

  public init(frame: Int, stars: [StarMeasurement], apertures: [ApertureMeasurement]) {
    precondition(stars.isEmpty || apertures.count % stars.count == 0, "every star has the same apertures")
    self.frame = frame
    self.stars = stars
    self.apertures = apertures
  }

  public var radii: Int { stars.isEmpty ? 0 : apertures.count / stars.count }

  /// The measurement of star `star` in aperture `aperture`, both from 0.
  public subscript(star: Int, aperture: Int) -> ApertureMeasurement {
    get { apertures[star * radii + aperture] }
    set { apertures[star * radii + aperture] = newValue }
  }
}
