extension SourceDetection {
  /// A long exposure may hold more cosmic rays than stars. Most hits cover one or two pixels and are left out for that;
  /// where the rest still seems to be what the frame is made of, the brightest sources tell: no hit is brighter than
  /// the stars are.
  ///
  /// Sources narrower than 2 px (as the pixels see them) that are outshone by others more than twice as broad lose their
  /// say in the width of the frame's stars.
  static func judged(_ found: [Measured]) -> [Measured] {
    func width(_ star: Measured) -> Double { SourceProfile.fwhmPerSigma * star.profile.coreVariance.squareRoot() }
    let clean = found.filter {
      $0.mask.isEmpty && !$0.blown && $0.profile.significance > 10 && $0.profile.coreVariance.isFinite
    }
    let typical = Median.of(clean.map(width))
    guard clean.count >= 10, typical < 2 else { return found }
    let brightest = clean.sorted {
      ($0.profile.light.1, $1.position.y, $1.position.x) > ($1.profile.light.1, $0.position.y, $0.position.x)
    }.prefix(5)
    guard brightest.count(where: { width($0) > 2 * typical }) >= 3 else { return found }
    return found.map { star in
      var star = star
      star.starLike = !(width(star) <= 1.6 * typical)
      return star
    }
  }
}
