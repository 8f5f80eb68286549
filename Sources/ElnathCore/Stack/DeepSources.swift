/// The stars of a field from its stack: fainter ones than any single frame shows, and the places of all of them from all
/// the light there is.
public struct DeepSources: Sendable {
  /// Least part of the frames that must cover a place: where few do the noise is larger than the boxes of the background
  /// tell. Stars that only single frames show come from those.
  public var leastCoverage = 2.0 / 3.0

  public init() {}

  /// Brightest first, named anew.
  ///
  /// Stars that were found on the single frames but not on the stack stay: those on ground that few frames cover, beyond
  /// the edges of the reference frame, or beside a saturated star.
  ///
  /// - Parameters:
  ///   - stack: on the grid of the reference frame, without sky.
  ///   - found: those of the single frames; a saturated one keeps its place there, where its wings told it.
  ///   - light: of an exposure in which fluxes are to be told, in units of that to which the stack was scaled.
  public func callAsFunction(
    in stack: Stack, observation: Observation, found: [CatalogSource], light: Double
  ) -> [CatalogSource] {
    let detected = SourceDetection()(image(stack), of: observation)
    let fwhm = detected.fwhm.isFinite ? detected.fwhm : 3
    let blown = found.filter { $0.saturated > 0.5 }
    let saturated = PointIndex(blown.map(\.position), reach: 8 * fwhm)
    // Of earlier detections; what only a stack has shown is decided by this one.
    let single = found.filter { $0.detected > 0 }
    let known = PointIndex(single.map(\.position), reach: 2 * fwhm)
    let least = least(stack)
    var result: [CatalogSource] = []
    var seen = Set<Int>()
    for source in detected.sources {
      let match = known.nearest(to: source.position, within: max(0.5 * fwhm, 1))
      if let match { seen.insert(match.0) }
      // Pieces of a star without a core.
      if match == nil, source.mask.contains(.saturated), saturated.nearest(to: source.position, within: 4 * fwhm) != nil
      {
        continue
      }
      if match == nil, isWing(source.position, width: fwhm, stack, least: least) { continue }
      var star = CatalogSource(
        name: "", position: source.position, flux: source.flux * light, fwhm: source.fwhm, detected: 0, saturated: 0)
      if let own = match.map({ single[$0.0] }) {
        if own.saturated > 0.5 { star = own }
        (star.detected, star.saturated) = (own.detected, own.saturated)
      }
      result.append(star)
    }
    let deep = PointIndex(result.map(\.position), reach: 2 * fwhm)
    for (k, source) in single.enumerated() where !seen.contains(k) {
      if deep.nearest(to: source.position, within: max(0.5 * fwhm, 1)) == nil { result.append(source) }
    }
    return CatalogSource.named(result)
  }

  /// True for light at the edge of what is searched that grows beyond it: the wing of a star outside. The brightest pixel
  /// within half a width lies outside itself, or nothing is known of one beside it.
  private func isWing(_ place: PixelPoint, width fwhm: Double, _ stack: Stack, least: UInt16) -> Bool {
    let (x, y, reach) = (Int(place.x.rounded()), Int(place.y.rounded()), max(1, Int((0.5 * fwhm).rounded(.up))))
    func coverage(_ x: Int, _ y: Int) -> UInt16 {
      let isInside = x >= 0 && y >= 0 && x < stack.image.width && y < stack.image.height
      return isInside && !stack.image[x, y].isNaN ? stack.coverage[x, y] : 0
    }
    var isAtEdge = false
    var best = (x: x, y: y, value: -Float.infinity)
    for j in (y - reach - 1)...(y + reach + 1) {
      for i in (x - reach - 1)...(x + reach + 1) {
        let covered = coverage(i, j)
        isAtEdge = isAtEdge || covered < least
        guard covered > 0, abs(i - x) <= reach, abs(j - y) <= reach, stack.image[i, j] > best.value else { continue }
        best = (i, j, stack.image[i, j])
      }
    }
    guard isAtEdge else { return false }
    if coverage(best.x, best.y) < least { return true }
    for j in (best.y - 1)...(best.y + 1) {
      for i in (best.x - 1)...(best.x + 1) where coverage(i, j) == 0 { return true }
    }
    return false
  }

  /// Frames that must cover a place.
  private func least(_ stack: Stack) -> UInt16 {
    max(1, UInt16((leastCoverage * Double(stack.coverage.pixels.max() ?? 0)).rounded(.up)))
  }

  /// The stack as detection takes a frame.
  private func image(_ stack: Stack) -> MaskedImage {
    let most = stack.coverage.pixels.max() ?? 0
    let least = least(stack)
    var (pixels, variances) = (stack.image.pixels, stack.variance.pixels)
    let mask = pixels.indices.map { i -> PixelMask in
      var mask: PixelMask = stack.coverage.pixels[i] < least ? .noData : []
      if 2 * Int(stack.saturated.pixels[i]) > Int(most) { mask = [mask, .saturated] }
      if pixels[i].isNaN || !variances[i].isFinite {
        (pixels[i], variances[i]) = (0, 0)
        mask.insert(.noData)
      }
      return mask
    }
    return MaskedImage(
      image: PixelGrid(width: stack.image.width, height: stack.image.height, pixels: pixels),
      variance: PixelGrid(width: stack.image.width, height: stack.image.height, pixels: variances),
      mask: PixelGrid(width: stack.image.width, height: stack.image.height, pixels: mask))
  }
}

extension CatalogSource {
  /// Brightest first, `S0001` and so on.
  static func named(_ sources: [CatalogSource]) -> [CatalogSource] {
    var sources = sources.sorted {
      ($0.flux, $1.position.y, $1.position.x) > ($1.flux, $0.position.y, $0.position.x)
    }
    for i in sources.indices { sources[i].name = FieldSources.name(i + 1) }
    return sources
  }
}
