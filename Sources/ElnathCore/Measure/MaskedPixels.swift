/// What bad and missing pixels, cosmic rays and satellite trails do to the flux of one star in one aperture.
struct MaskedPixels {
  static let unusable: PixelMask = [.bad, .noData]
  /// All that is asked about here.
  static let events: PixelMask = [.bad, .noData, .cosmicRay, .satellite]
  /// Within this many FWHM of the star a masked pixel spoils the flux.
  private static let core = 0.7
  /// As it does wherever it holds this fraction of the light.
  private static let share = 0.02

  let planes: FramePlanes
  let events: FrameEvents?
  let centre: PixelPoint
  let aperture: any Aperture
  /// e-, and its error; they may be NaN.
  let flux: Double
  let error: Double
  let sky: SkyEstimate
  /// Of the field's stars, px.
  let fwhm: Double
  let profile: StarProfile
  /// True for a target that is no star: its light does not stand in one core.
  let extended: Bool

  /// True where the flux is not good to 2 per cent. A bad or missing pixel spoils it in the core, where it would hold too
  /// much of a star's light, or where it differs from the sky by so much of the flux; a hot pixel by the charge that was
  /// taken from it, since a larger one is not known well enough, and a cosmic ray by the light it adds; a satellite also by
  /// more than the error of the flux. All else is a warning.
  func spoil(_ found: PixelMask) -> Bool {
    if !found.isDisjoint(with: [.bad, .noData, .cosmicRay]) && pixelsSpoil() { return true }
    return found.contains(.satellite) && trailsSpoil()
  }

  private func pixelsSpoil() -> Bool {
    // Of a circle only what is asked for is computed: few pixels are masked.
    let circle = (aperture as? CircularAperture)?.radius
    let covered = circle == nil ? aperture.weights(centeredAt: centre) : nil
    let reach = min(aperture.reach, PixelWeights.farthest) + 0.5
    let columns = Self.pixels(
      covered.map { $0.x..<($0.x + $0.width) } ?? Self.span(centre.x, reach), of: planes.width)
    let rows = Self.pixels(
      covered.map { $0.y..<($0.y + $0.height) } ?? Self.span(centre.y, reach), of: planes.height)
    // What hot pixels and cosmic rays add, or added, e-, and its noise from the sky, e-^2.
    var added = 0.0
    var variance = 0.0
    for y in rows {
      for x in columns {
        let i = planes.index(x, y)
        let mask = planes.mask[i]
        guard !mask.isDisjoint(with: [.bad, .noData, .cosmicRay]) else { continue }
        let dx = Double(x) - centre.x
        let dy = Double(y) - centre.y
        let w =
          covered.map { $0.fractions[(y - $0.y) * $0.width + x - $0.x] }
          ?? circle.map { CircleOverlap.fraction(dx: dx, dy: dy, radius: $0) } ?? 0
        guard w > 0 else { continue }
        if mask.isDisjoint(with: Self.unusable) {
          added += w * (Double(planes.image[i]) - surroundings(x, y))
          variance += w * w * sky.sigma * sky.sigma
        } else if let hot = events?.hotPixels.pixel(x, y), planes.image[i].isFinite {
          added += w * hot.charge
        } else if !isHarmless(i, x, y, w: w, distance: (dx * dx + dy * dy).squareRoot()) {
          return true
        }
      }
    }
    return abs(added) > Self.share * abs(flux) + 3 * variance.squareRoot()
  }

  /// Pixels along an axis that a circle about `place` can touch.
  private static func span(_ place: Double, _ reach: Double) -> Range<Int> {
    let first = Int((place - reach).rounded(.up))
    return first..<max(first, Int((place + reach).rounded(.down)) + 1)
  }

  /// Those that lie on the frame.
  private static func pixels(_ pixels: Range<Int>, of count: Int) -> Range<Int> { pixels.clamped(to: 0..<count) }

  private func isHarmless(_ i: Int, _ x: Int, _ y: Int, w: Double, distance: Double) -> Bool {
    let value = Double(planes.image[i])
    // NaN is not at most anything.
    let limit = Self.share * abs(flux) + 3 * w * sky.sigma
    if extended { return w * abs(value - surroundings(x, y)) <= limit }
    return distance > Self.core * fwhm && w * profile.surface(at: distance) < Self.share
      && w * abs(value - sky.level) <= limit
  }

  /// Median of the sound pixels around one; the sky where there is none.
  private func surroundings(_ x: Int, _ y: Int) -> Double {
    let box = planes.planes.box
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 24) { values in
      for reach in [1, 2] {
        var count = 0
        for v in max(box.y, y - reach)...min(box.y + box.height - 1, y + reach) {
          for u in max(box.x, x - reach)...min(box.x + box.width - 1, x + reach) {
            let i = planes.index(u, v)
            guard planes.mask[i].isDisjoint(with: Self.events), planes.image[i].isFinite else { continue }
            values[count] = Double(planes.image[i])
            count += 1
          }
        }
        if count >= 3 { return Median.of(values, count: count) }
      }
      return sky.level
    }
  }

  private func trailsSpoil() -> Bool {
    guard let trails = events?.trails, !trails.isEmpty else { return true }
    let light = trails.reduce(0) { $0 + $1.flux(within: aperture.radius, of: centre) }
    // Whatever is not finite is not harmless.
    return !(light <= Self.share * abs(flux) && light <= error)
  }
}
