#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the light of stars grows with the radius of the aperture on one frame, from bright isolated ones, and what an
/// aperture lacks: its aperture correction (Howell 1989, PASP 101, 616).
public struct GrowthCurve: Sendable, Equatable {
  /// One aperture of the curve.
  public struct Point: Sendable, Equatable {
    /// Number of the frame in the series.
    public var frame: Int
    /// From 0.
    public var aperture: Int
    /// px.
    public var radius: Double
    /// Stars that tell.
    public var stars = 0
    /// Flux over that in the widest aperture, and its error; NaN where no star tells.
    public var fraction = Double.nan
    public var fractionError = Double.nan

    /// To be added to a magnitude in this aperture so that it is one in the widest, and its error.
    public var correction: Double { fraction > 0 ? Magnitude.perRelative * log(fraction) : .nan }
    public var correctionError: Double { fraction > 0 ? Magnitude.perRelative * fractionError / fraction : .nan }
  }

  public var points: [Point]

  /// Least signal to noise in the widest aperture, and most light of neighbours there.
  static let leastSignalToNoise = 100.0
  static let contamination = 0.01
  private static let unfit: QualityFlags = [
    .saturated, .nonlinear, .maskedPixel, .cosmicRay, .pastEdge, .neighbour, .noSky, .skyGradient, .satellite, .outside,
    .maskedCore, .centroidRefused,
  ]

  /// Of one frame; `stars` are those of the measurements. Extended stars and those to avoid tell nothing.
  public init(_ frame: FrameMeasurements, stars: [Star]) {
    points = []
    let count = frame.radii
    guard count > 0 else { return }
    points = (0..<count).map { Point(frame: frame.frame, aperture: $0, radius: frame[0, $0].radius) }
    guard let widest = points.indices.max(by: { points[$0].radius < points[$1].radius }) else { return }
    let fit = stars.indices.filter { i in
      let wide = frame[i, widest]
      return !stars[i].extended && wide.flags.isDisjoint(with: Self.unfit)
        && !(wide.contamination > Self.contamination) && wide.flux > Self.leastSignalToNoise * wide.fluxError
        && (0..<count).allSatisfy { frame[i, $0].flux.isFinite }
    }
    guard !fit.isEmpty else { return }
    for k in 0..<count {
      points[k].stars = fit.count
      (points[k].fraction, points[k].fractionError) = Self.mean(fit.map { Self.ratio(frame[$0, k], frame[$0, widest]) })
    }
  }

  /// The fraction and its variance. The apertures share the light of the inner one: only what lies between them adds noise
  /// of its own, and scintillation none.
  private static func ratio(_ inner: ApertureMeasurement, _ wide: ApertureMeasurement) -> (Double, Double) {
    func noise(_ measured: ApertureMeasurement) -> Double {
      let twinkle = measured.budget.scintillation
      return measured.budget.flux - (twinkle.isNaN ? 0 : twinkle)
    }
    let fraction = inner.flux / wide.flux
    let (own, all) = (noise(inner), noise(wide))
    let variance = (1 - fraction) * (1 - fraction) * own + fraction * fraction * max(0, all - own)
    return (fraction, variance / (wide.flux * wide.flux))
  }

  /// Mean weighted by noise and by how stars differ from one another beyond it; far ones are down-weighted (Huber 1964).
  private static func mean(_ values: [(value: Double, variance: Double)]) -> (Double, Double) {
    let middle = Median.of(values.map(\.value))
    let scatter = values.count > 2 ? RobustScale.sigma(values.map(\.value)) : 0
    let extra = max(0, scatter * scatter - Median.of(values.map(\.variance)))
    var (sum, weights) = (0.0, 0.0)
    for (value, variance) in values where variance + extra > 0 {
      let own = variance + extra
      let weight = min(1, 2.5 * own.squareRoot() / max(abs(value - middle), 1e-300)) / own
      sum += weight * value
      weights += weight
    }
    return weights > 0 ? (sum / weights, (1 / weights).squareRoot()) : (middle, 0)
  }
}
