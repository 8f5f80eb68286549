/// The noise of one raw pixel, in electrons: the only home of the noise equation
/// (Merline & Howell 1995, Exp. Astron. 6, 163, eq. 25, without the sky-estimate term).
///
/// With q = 1/flat of the pixel, raw electrons N = d/q + dark, the variance of the reduced pixel d is
/// q^2 (N + R^2 + g^2/12 + masters) + d^2 (sigma_f/f)^2.
public struct NoiseModel: Sendable, Equatable {
  /// e-/ADU.
  public var gain: Double
  /// Electrons.
  public var readNoise: Double
  /// Dark current collected in this exposure, e-/px; it was subtracted but its shot noise stays.
  public var dark: Double
  /// Variance that the masters add to every pixel (bias and scaled dark), e-^2.
  public var masters: Double
  /// Variance of rounding to whole ADU, g^2/12, or 0 where the read noise already contains it.
  public var digitisation: Double
  /// True where the zero level is known, so that the electrons of the sky are sky: without it the photon noise must
  /// come from measured scatter.
  public var pedestalKnown: Bool

  public init(
    gain: Double, readNoise: Double, dark: Double = 0, masters: Double = 0, digitisation: Double = 0,
    pedestalKnown: Bool = true
  ) {
    self.gain = gain
    self.readNoise = readNoise
    self.dark = dark
    self.masters = masters
    self.digitisation = digitisation
    self.pedestalKnown = pedestalKnown
  }

  /// Variance of a reduced pixel that holds `electrons` (e-^2). Electrons below zero count as no light.
  ///
  /// - Parameters:
  ///   - inverseFlat: q, by which the pixel was multiplied.
  ///   - relativeFlatVariance: (sigma_f/f)^2.
  ///   - constantVariance: `constantVariance` of the frame's model.
  @inlinable
  public static func variance(
    electrons: Float, inverseFlat q: Float, relativeFlatVariance: Float, constantVariance: Float
  ) -> Float {
    q * max(electrons, 0) + q * q * constantVariance + electrons * electrons * relativeFlatVariance
  }

  /// What every raw pixel has whatever light falls on it: read noise, dark, digitisation and masters, e-^2.
  public var constantVariance: Double { readNoise * readNoise + dark + digitisation + masters }
}
