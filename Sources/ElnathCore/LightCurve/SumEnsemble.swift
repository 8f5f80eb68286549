/// The sum of comparison stars on one frame, and fluxes relative to it: the arithmetic of AstroImageJ (Collins et al.
/// 2017, AJ 153, 77, eqs. 1-3). A comparison star is left out of its own sum.
public struct SumEnsemble: Sendable, Equatable {
  /// Sum of the fluxes and of their variances.
  public private(set) var flux = 0.0
  public private(set) var variance = 0.0
  public private(set) var count = 0

  public init() {}

  /// Fluxes without a value are left out.
  public init(_ stars: [(flux: Double, error: Double)]) {
    for star in stars where !star.flux.isNaN && !star.error.isNaN {
      flux += star.flux
      variance += star.error * star.error
      count += 1
    }
  }

  /// One sigma of the sum.
  public var error: Double { variance.squareRoot() }

  /// Relative variance of the sum; NaN without stars.
  public var relativeVariance: Double { count > 0 ? variance / (flux * flux) : .nan }

  /// The sum without one of its stars.
  public func without(flux: Double, error: Double) -> SumEnsemble {
    var rest = self
    rest.flux -= flux
    rest.variance -= error * error
    rest.count -= 1
    return rest
  }

  /// Flux relative to the sum and its error; NaN without comparison stars. A flux of 0 has the error of its own photons.
  public func relative(flux star: Double, error: Double) -> (value: Double, error: Double) {
    guard count > 0 else { return (.nan, .nan) }
    let own = error / flux
    let ratio = star / flux
    return (ratio, (own * own + ratio * ratio * relativeVariance).squareRoot())
  }
}
