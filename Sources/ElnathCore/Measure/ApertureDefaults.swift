/// Radii and annulus for a filter whose stars have the median FWHM `fwhm`, where the user gives none.
public enum ApertureDefaults {
  /// In units of the FWHM: from below the radius of best signal to noise to where a star ends.
  static let factors = [0.6, 0.75, 0.9, 1.05, 1.25, 1.5, 1.8, 2.2, 2.7, 3.3]
  /// Below this FWHM (px) a small aperture depends on where in its pixel a star falls.
  public static let undersampled = 2.5

  /// Radii, ascending, rounded to 0.1 px; at least 1.5 px, and 1.25 FWHM where stars are undersampled; steps below
  /// 0.25 px are merged.
  public static func radii(fwhm: Double) -> [Double] {
    let least = fwhm < undersampled ? max(1.5, 1.25 * fwhm) : 1.5
    var radii: [Double] = []
    for factor in factors {
      // A limit between two tenths is met by the larger one.
      let radius = max((factor * fwhm * 10).rounded() / 10, (least * 10 - 1e-9).rounded(.up) / 10)
      // The difference of two tenths is no exact tenth.
      if let last = radii.last, radius - last < 0.25 - 1e-9 { continue }
      radii.append(radius)
    }
    return radii
  }

  /// The sky annulus: far enough out to be free of the star, and with so many pixels that the error of the sky level
  /// stays small beside the noise of the largest aperture: ten times its area, at least 400 px.
  ///
  /// That much is not asked of apertures of more than `enoughPixels` or where the annulus would reach farther than
  /// `farthest` (px), but always ten times the area of 1.5 FWHM.
  ///
  /// - Parameter largestArea: px; of a circle of `largestRadius` when nil.
  public static func annulus(
    fwhm: Double, largestRadius: Double, largestArea: Double? = nil, farthest: Double = .infinity
  ) -> AnnularAperture {
    let inner = max(4 * fwhm, largestRadius + fwhm, 8)
    let least = max(400, 10 * CircularAperture(radius: 1.5 * fwhm).area)
    let largest = largestArea ?? CircularAperture(radius: largestRadius).area
    let wanted = min(10 * largest, enoughPixels, max(0, farthest * farthest - inner * inner) * .pi)
    let pixels = max(least, wanted)
    let outer = max((inner * inner + pixels / .pi).squareRoot(), inner + max(2 * fwhm, 5))
    return AnnularAperture(inner: (inner * 10).rounded() / 10, outer: (outer * 10).rounded(.up) / 10)
  }

  /// What more pixels would add to the knowledge of the sky is lost to its unevenness over such a distance.
  static let enoughPixels = 20_000.0

  /// Three radii for an extended target: how its flux depends on them tells what of it is seeing.
  static let extendedFactors = [0.8, 1, 1.25]

  /// The one radius for extended targets, for all frames and filters: 2.5 x the FWHM of the poorest tenth of the
  /// frames, and 5 arcsec where the scale (arcsec/px) is known. In px, rounded up to 0.1.
  public static func extendedRadius(fwhm90: Double, pixelScale: Double) -> Double {
    let angular = pixelScale > 0 ? 5 / pixelScale : 0
    return (max(2.5 * fwhm90, angular) * 10).rounded(.up) / 10
  }
}
