/// What bad and missing pixels do to the flux of one star.
struct MaskedPixels {
  static let unusable: PixelMask = [.bad, .noData]
  /// Within this many FWHM of the star a masked pixel spoils the flux.
  private static let core = 0.7
  /// As it does wherever it holds this fraction of the light.
  private static let share = 0.02

  /// True where a bad or missing pixel within `radius` spoils the flux: it lies in the core, would hold too much of a
  /// star's light, or differs from the sky by so much of the flux. Otherwise the flux is good to 2 per cent, and the
  /// pixel is a warning.
  static func spoil(
    _ planes: FramePlanes, around centre: PixelPoint, radius: Double, flux: Double, sky: SkyEstimate, fwhm: Double,
    profile: StarProfile
  ) -> Bool {
    let reach = radius + 0.5
    let columns = max(0, Int((centre.x - reach).rounded(.up)))...max(0, Int((centre.x + reach).rounded(.down)))
    let rows = max(0, Int((centre.y - reach).rounded(.up)))...max(0, Int((centre.y + reach).rounded(.down)))
    for y in rows where y < planes.height {
      for x in columns where x < planes.width {
        let i = planes.index(x, y)
        guard !planes.mask[i].isDisjoint(with: unusable) else { continue }
        let dx = Double(x) - centre.x
        let dy = Double(y) - centre.y
        let w = CircleOverlap.fraction(dx: dx, dy: dy, radius: radius)
        guard w > 0 else { continue }
        let distance = (dx * dx + dy * dy).squareRoot()
        let excess = w * abs(Double(planes.image[i]) - sky.level)
        // NaN is not at most anything.
        let harmless =
          distance > core * fwhm && w * profile.surface(at: distance) < share
          && excess <= share * abs(flux) + 3 * w * sky.sigma
        if !harmless { return true }
      }
    }
    return false
  }
}
