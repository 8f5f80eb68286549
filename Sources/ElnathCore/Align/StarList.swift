/// The stars of one frame (or of the whole field), brightest first, ready to be matched.
struct StarList: Sendable {
  struct Star: Sendable {
    var position: PixelPoint
    /// Along one axis, px^2.
    var variance: Double
    var flux: Double
    /// False for saturated or damaged ones: they help to recognise the field but have no say in the fit.
    var fits: Bool
    /// Index in the frame's sources.
    var source: Int
    /// px; NaN where unknown.
    var fwhm = Double.nan

    /// True unless its width is far from that of stars: no cosmic ray, no piece of a trail.
    func isLike(_ typical: Double) -> Bool { fits && fwhm > 0.5 * typical && fwhm < 3 * typical }
  }

  let stars: [Star]
  /// The area that was searched for stars, px.
  let low: PixelPoint
  let high: PixelPoint
  /// Typical FWHM, px.
  let fwhm: Double
  let index: PointIndex
  /// The brightest, for patterns and votes.
  let bright: ArraySlice<Star>
  let brightIndex: PointIndex

  /// So many bright stars recognise a field: enough to survive different filters and partial overlap.
  static let brightCount = 60

  init(_ stars: [Star], low: PixelPoint, high: PixelPoint, fwhm: Double) {
    self.stars = stars
    self.low = low
    self.high = high
    self.fwhm = fwhm
    index = PointIndex(stars.map(\.position), reach: 4)
    bright = stars.prefix(Self.brightCount)
    brightIndex = PointIndex(bright.map(\.position), reach: 6)
  }

  /// The sources of a frame, but those at the places that `excluding` names.
  init(_ frame: FrameSources, excluding: Set<Int> = []) {
    let damaged: PixelMask = [.saturated, .bleed, .bad, .noData, .cosmicRay, .satellite, .nonlinear]
    var stars: [Star] = []
    stars.reserveCapacity(frame.sources.count)
    for (i, source) in frame.sources.enumerated() where !excluding.contains(i) {
      stars.append(
        Star(
          position: source.position, variance: source.positionVariance, flux: source.flux,
          fits: source.mask.isDisjoint(with: damaged) && source.positionVariance.isFinite, source: i,
          fwhm: source.fwhm))
    }
    self.init(
      stars, low: PixelPoint(x: -0.5, y: -0.5),
      high: PixelPoint(x: Double(frame.width) - 0.5, y: Double(frame.height) - 0.5),
      fwhm: frame.fwhm.isFinite ? frame.fwhm : 3)
  }

  func covers(_ p: PixelPoint) -> Bool { p.x >= low.x && p.x <= high.x && p.y >= low.y && p.y <= high.y }

  /// Of the area that was searched, px.
  var width: Int { Int((high.x - low.x).rounded()) }
  var height: Int { Int((high.y - low.y).rounded()) }

  var area: Double { (high.x - low.x) * (high.y - low.y) }
}
