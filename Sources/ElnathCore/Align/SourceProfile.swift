/// What a star shows under round Gaussian windows of standard deviation s, 2 s and 4 s.
///
/// A Gaussian star of variance v and flux N gives N s^2 / (s^2 + v), so the ratio of two windows tells v, linearly in
/// the pixels (hence without noise bias) and from the light itself rather than from far wings.
struct SourceProfile {
  /// Standard deviation s of the narrowest window, px.
  let inner: Double
  /// Light under the three windows, e-.
  var light = (0.0, 0.0, 0.0)
  /// Second moments under the middle window, not yet divided by its light.
  var xx = 0.0
  var xy = 0.0
  var yy = 0.0
  /// Variance of the light under the middle window, e-^2: photons of the star, and with the sky.
  var photons = 0.0
  var noise = 0.0

  init(inner: Double) {
    self.inner = inner
  }

  /// FWHM of a Gaussian in units of its standard deviation.
  static let fwhmPerSigma = 2.3548200450309493
  /// Variance of a pixel's own width, px^2.
  static let pixelVariance = 1.0 / 12

  /// Variance of the narrowest star there is, px^2, pixel included: FWHM 1 px. Two hot pixels side by side have half.
  static let leastStarVariance = 0.25

  /// The narrowest window that suits stars of this FWHM (as the pixels see them): half their sigma, and never so narrow
  /// that its light depends on where in its pixel the star lies.
  static func innerSigma(fwhm: Double) -> Double { max(0.5 * fwhm / fwhmPerSigma, 0.65) }

  /// Signal-to-noise ratio under the middle window.
  var significance: Double { noise > 0 ? light.1 / noise.squareRoot() : 0 }

  /// Variance of the Gaussian (px^2, pixel included) that gives the light under windows s and `2 s`, or 2 s and 4 s;
  /// NaN where no Gaussian does.
  private func variance(_ narrow: Double, _ broad: Double, s: Double) -> Double {
    guard narrow > 0 && broad > 0 else { return .nan }
    let ratio = 4 * narrow / broad
    guard ratio > 1 && ratio < 4 else { return .nan }
    return s * s * (4 - ratio) / (ratio - 1)
  }

  /// From the windows s and 2 s: the core.
  var coreVariance: Double { variance(light.0, light.1, s: inner) }
  /// From the windows 2 s and 4 s: larger than the core's where the star has wings.
  var wingVariance: Double { variance(light.1, light.2, s: 2 * inner) }

  /// By how much the FWHM of `coreVariance` exceeds the true one, for stars whose FWHM from the wings is `ratio` times
  /// that from the core. The line is exact for a Gaussian (1) and good to 1 per cent for Moffat profiles of beta 2.2 to
  /// 5 with s between 0.5 and 1.2 times the star's sigma (from numerical integration).
  static func excess(wingRatio ratio: Double, inner: Double, coreSigma: Double) -> Double {
    let slope = 0.567 + 2.37 * (min(max(inner / coreSigma, 0.4), 1.2) - 0.5)
    return 1 + slope * (ratio - 1)
  }

  /// Flux of the star, e-, when its profile is as wide as a Gaussian of variance `v`.
  func flux(variance v: Double) -> Double { light.1 * fluxFactor(v) }
  func fluxError(variance v: Double) -> Double { noise.squareRoot() * fluxFactor(v) }
  private func fluxFactor(_ v: Double) -> Double { (4 * inner * inner + v) / (4 * inner * inner) }

  /// Axis ratio and direction of the star, the window's own shape and the pixel's taken out: the inverse of the measured
  /// matrix is that of the star's plus that of the window's. The ratio is at most 10.
  func shape() -> (elongation: Double, angleCosine: Double, angleSine: Double)? {
    guard light.1 > 0 else { return nil }
    let window = 4 * inner * inner
    let mean = (xx + yy) / (2 * light.1)
    let difference = (xx - yy) / (2 * light.1)
    let cross = xy / light.1
    let half = (difference * difference + cross * cross).squareRoot()
    func starVariance(_ measured: Double) -> Double? {
      guard measured > 0 else { return nil }
      let inverse = 1 / measured - 1 / window
      // A star much longer than the window.
      guard inverse > 0.01 / window else { return 100 * window }
      return max(1 / inverse - Self.pixelVariance, 0.02)
    }
    guard let major = starVariance(mean + half), let minor = starVariance(mean - half) else { return nil }
    // Direction of the long axis, from twice its angle.
    var cosine = 1.0
    var sine = 0.0
    if half > 0 {
      cosine = ((1 + difference / half) / 2).squareRoot()
      sine = ((1 - difference / half) / 2).squareRoot() * (cross < 0 ? -1 : 1)
    }
    return (min((major / minor).squareRoot(), 10), cosine, sine)
  }
}
