/// The pixels that the measurement of one star reads.
struct StarRegion {
  /// Holds all of them; it lies on the frame.
  let box: PixelRectangle
  /// Where the star is supposed, and how far from there sky is looked for, px.
  let centre: PixelPoint
  let skyReach: Double
  /// Apertures and windows; only here variances are read.
  let core: PixelRectangle
  /// True where cosmic rays are looked for in the core, which needs pixels beyond it.
  let isSearched: Bool

  /// How far beyond the core values, and variances, are read: a hit lies within `CosmicRayPatch.reach` + 1 of it, its
  /// neighbours are looked at again, and each by a patch of its own; the variances of a pixel by 5 x 5.
  private static let values = 2 * CosmicRayPatch.reach + 2
  private static let variances = CosmicRayPatch.reach + 4

  /// Where values are read whatever the distance.
  var searched: PixelRectangle { isSearched ? grown(by: Self.values + 1) : core }

  /// Rows with variances.
  var rows: Range<Int> {
    let block = isSearched ? grown(by: Self.variances) : core
    return block.y..<(block.y + block.height)
  }

  /// Columns from which the variances of those that are read follow, `LightVariance.reach` to each side.
  func columns(width: Int) -> Range<Int> {
    let reach = (isSearched ? Self.variances : 0) + LightVariance.reach
    return max(0, core.x - reach)..<min(width, core.x + core.width + reach)
  }

  private func grown(by reach: Int) -> PixelRectangle {
    let wide = PixelRectangle(
      x: core.x - reach, y: core.y - reach, width: core.width + 2 * reach, height: core.height + 2 * reach)
    return wide.intersection(box) ?? core
  }

  /// Columns of row `y` whose values are read.
  func columns(ofRow y: Int) -> Range<Int> {
    let dy = Double(y) - centre.y
    let square = skyReach * skyReach - dy * dy
    let searched = searched
    let isNear = y >= searched.y && y < searched.y + searched.height
    var first = isNear ? searched.x : box.x + box.width
    var last = isNear ? searched.x + searched.width : box.x
    if square >= 0 {
      let half = min(square.squareRoot(), PixelWeights.farthest)
      first = min(first, Int((centre.x - half).rounded(.down)))
      last = max(last, Int((centre.x + half).rounded(.up)) + 1)
    }
    first = max(first, box.x)
    return first..<max(first, min(last, box.x + box.width))
  }
}
