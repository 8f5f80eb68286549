/// The variance of one flux, term by term, in e-^2; NaN for a term that does not apply
/// (with measured sky noise, `sky` holds what read noise, dark and digitisation would add).
public struct ErrorBudget: Sendable, Equatable {
  public var source = Double.nan
  public var sky = Double.nan
  public var readNoise = Double.nan
  public var dark = Double.nan
  public var digitisation = Double.nan
  /// Systematic where the star does not move; not part of `flux`.
  public var flat = Double.nan
  public var skyEstimate = Double.nan
  public var scintillation = Double.nan
  /// By where in its pixels the star falls, and by the error of its centre.
  public var position = Double.nan

  public init() {}

  /// Variance of the flux: every term that has a value, but the flat. NaN where there is no flux, hence no `source`.
  public var flux: Double {
    var sum = source
    for term in [sky, readNoise, dark, digitisation, skyEstimate, scintillation, position] where !term.isNaN {
      sum += term
    }
    return sum
  }
}
