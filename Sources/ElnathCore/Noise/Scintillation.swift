#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Intensity noise by turbulence high above the telescope: Young (1967, AJ 72, 747) as restated by
/// Osborn et al. (2015, MNRAS 452, 1707, eq. 7). Taken as independent for each star.
public enum Scintillation {
  /// Osborn's empirical C_Y for a site that was not measured.
  public static let typicalCoefficient = 1.5

  /// Relative variance of a star's flux, (sigma/F)^2:
  /// 1e-5 C^2 D^(-4/3) t^-1 sec(z)^3 exp(-2 h/8000 m), sec z no larger than 3.
  ///
  /// NaN unless the free aperture, the height of the site, the exposure (s) and the airmass are known.
  public static func relativeVariance(
    site: Site?, exposure: Double, airmass: Double, coefficient: Double = typicalCoefficient
  ) -> Double {
    guard let site, site.aperture > 0, site.altitude.isFinite, exposure > 0, airmass >= 1 else { return .nan }
    let secant = min(airmass, 3)
    return 1e-5 * coefficient * coefficient * pow(site.aperture, -4.0 / 3) / exposure * secant * secant * secant
      * exp(-2 * site.altitude / 8000)
  }
}
