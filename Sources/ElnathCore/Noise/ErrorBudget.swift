/// The variance of one flux, term by term, in e-^2; NaN for a term that does not apply
/// (with measured sky noise, `sky` holds what read noise, dark and digitisation would add).
public struct ErrorBudget: Sendable, Equatable {
  /// Photons of the star, never below 0.
  public var source = Double.nan
  /// Photons of the sky; with measured noise all that the sky pixels scatter by.
  public var sky = Double.nan
  /// Read noise, with the noise of the masters that were subtracted.
  public var readNoise = Double.nan
  public var dark = Double.nan
  /// Rounding to whole ADU; 0 where the read noise contains it.
  public var digitisation = Double.nan
  /// Systematic where the star does not move; not part of `flux`.
  public var flat = Double.nan
  /// The uncertain sky level, A^2 var(s).
  public var skyEstimate = Double.nan
  /// NaN where telescope, site, exposure or airmass are not known.
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
