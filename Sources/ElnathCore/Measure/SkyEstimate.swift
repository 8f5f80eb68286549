/// What the sky level is made of: the pixels of an annulus that clipping keeps.
///
/// A median of whole numbers is biased where they scatter by less than `steps` of them; there median and mode give way to
/// the mean.
public enum SkyEstimator: String, Sendable, CaseIterable, Codable {
  case mean, median
  /// 2.5 x median - 1.5 x mean (Da Costa 1992, ASPC 23, 90), for crowded fields.
  case mode
  /// A plane, or a surface of second order, that is fitted to the annulus and read off under the aperture.
  case plane, quadratic

  /// Least scatter of the pixels for median and mode, in steps of their digitisation.
  static let steps = 3.0

  /// What serves for pixels that scatter by `sigma` and are multiples of `step`.
  func serving(sigma: Double, step: Double) -> SkyEstimator {
    (self == .median || self == .mode) && sigma < Self.steps * step ? .mean : self
  }

  /// Variance of the level in units of sigma^2/n, for normal noise of pixels that stand for intervals of `step`.
  ///
  /// A median is pi/2; less by 2/3 of the density in one step at its place, over which it is interpolated. The mode's
  /// follows from that and from the covariance of median and mean, 1.
  func variance(sigma: Double, step: Double) -> Double {
    let inStep = sigma > 0 ? step / (sigma * (2 * Double.pi).squareRoot()) : 0
    let median = Double.pi / 2 * (1 - 2.0 / 3 * min(inStep, 0.5))
    switch self {
    case .mean, .plane, .quadratic: return 1
    case .median: return median
    case .mode: return 2.5 * 2.5 * median + 1.5 * 1.5 - 2 * 2.5 * 1.5
    }
  }

  /// Unknowns of the surface that is fitted; 1 where none is.
  var unknowns: Int {
    switch self {
    case .mean, .median, .mode: 1
    case .plane: 3
    case .quadratic: 6
    }
  }
}

/// The sky around one star. NaN where there is no value.
public struct SkyEstimate: Sendable, Equatable {
  /// e-/px, at the middle of the annulus.
  public var level = Double.nan
  /// Variance of `level`, (e-/px)^2.
  public var levelVariance = Double.nan
  /// Scatter of the pixels, e-, freed from what clipping takes away from a normal distribution.
  public var sigma = Double.nan
  /// Pixels kept.
  public var count = 0
  /// The sky is uneven: a plane is fitted, and where that does not explain it the level is the median of the
  /// sectors.
  public var gradient = false
  /// Mean 1/flat of the annulus.
  public var inverseFlat = 1.0
  /// What was fitted; nil for one level.
  var surface: SkySurface?

  /// Fewer pixels than this leave the level unsure; fewer than `least` leave no level.
  public static let unsure = 100
  public static let least = 30

  /// Mean level under an aperture of these moments at `place`, and its variance.
  func level(at place: PixelPoint, under moments: ApertureMoments) -> (value: Double, variance: Double) {
    surface.map { $0.level(at: place, under: moments, from: self) } ?? (level, levelVariance)
  }
}

/// A circle in whose pixels another star's light stands above the sky.
public struct MaskedCircle: Sendable, Equatable {
  public var centre: PixelPoint
  /// px.
  public var radius: Double

  public init(centre: PixelPoint, radius: Double) {
    self.centre = centre
    self.radius = radius
  }
}
