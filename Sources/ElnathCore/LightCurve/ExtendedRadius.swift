/// The curve of an extended target in one of three radii, and what it comes to: what changes with the radius is not the
/// target alone but the seeing that moves the light of its nebula in and out.
public struct ExtendedRadius: Sendable, Equatable {
  public var target: String
  public var filter: String
  /// From 0.
  public var aperture: Int
  /// px.
  public var radius: Double
  /// True for the radius of the light curve itself.
  public var isChosen: Bool
  /// One point for each light frame of the filter; magnitudes from the median of this radius.
  public var points: [LightCurvePoint]
  /// Of this curve within nights, against everything that slopes are taken against.
  public var slopes: [CurveSlope]

  /// Of one target in one filter, by radius; empty for a target that is not extended.
  static func all(
    of target: Int, _ ensemble: FilterEnsemble, frames: [FrameSummary], context: LightCurveContext
  ) -> [ExtendedRadius] {
    let series = ensemble.series
    let star = series.stars[target]
    guard star.extended, let chosen = ensemble.apertures[target], let differential = ensemble.differentials[chosen]
    else { return [] }
    let wanted = ApertureDefaults.extendedFactors.map { series.aperture(nearest: $0 * series.radii[chosen]) }
    return Set(wanted + [chosen]).sorted().map { aperture in
      let other =
        aperture == chosen
        ? ensemble
        : ensemble.with(differential.method, comparisons: ensemble.comparisons, aperture: aperture, of: target)
      let points = TargetSeries(target, of: other, context: context).points(frames)
      return ExtendedRadius(
        target: star.name, filter: series.filter, aperture: aperture, radius: series.radii[aperture],
        isChosen: aperture == chosen, points: points, slopes: CurveSlope.slopes(of: star, points))
    }
  }

  private var used: [LightCurvePoint] { points.filter { $0.used && $0.deltaMagnitude.isFinite } }

  /// Used points.
  public var count: Int { used.count }
  /// e-, median of the used points.
  public var flux: Double { Median.of(used.map(\.flux)) }
  /// mag, median of the used points.
  public var error: Double { Median.of(used.map(\.deltaMagnitudeError)) }
  /// Robust standard deviation, mag.
  public var scatter: Double { RobustScale.sigma(used.map(\.deltaMagnitude)) }
  /// Between the faintest and the brightest used point, mag.
  public var range: Double {
    let values = used.map(\.deltaMagnitude)
    return (values.max() ?? .nan) - (values.min() ?? .nan)
  }

  /// The slope whatever else went with the quantity.
  public func slope(against quantity: CurveSlope.Quantity) -> CurveSlope.Value {
    slopes.first { $0.quantity == quantity }?.alone ?? CurveSlope.Value()
  }
}
