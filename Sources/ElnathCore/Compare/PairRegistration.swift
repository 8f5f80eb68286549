/// How one frame lies on another, from the stars that both show.
public struct PairRegistration: Sendable, Equatable {
  /// From the first frame to the second.
  public var transform: SimilarityTransform
  /// Stars that lie together, and their weighted rms distance along one axis, px.
  public var matched: Int
  public var residual: Double

  /// True where nothing but a shift was found.
  public var isShift: Bool { transform.a == 1 && transform.b == 0 && !transform.mirrored }

  /// Nil where the stars prove no transform. A rotation and a change of scale that the errors of the positions explain are
  /// left out: most pairs of frames only differ by a shift, and then pixels can be compared without turning them.
  public static func find(_ first: FrameSources, _ second: FrameSources) -> PairRegistration? {
    let (here, there) = (StarList(first), StarList(second))
    let matcher = FrameMatcher(reference: here)
    guard let match = matcher.nearby(.identity, to: there) ?? matcher.byPatterns(to: there), match.proof.holds else {
      return nil
    }
    let pairs = match.pairs.map { pair in
      (here.stars[pair.reference], there.stars[pair.frame])
    }
    let transform = shift(pairs, instead: match.transform.similarity) ?? match.transform.similarity
    return PairRegistration(transform: transform, matched: match.pairs.count, residual: match.residual)
  }

  /// No centroid is better than this, px.
  private static let floor = 0.003
  /// Two unknowns more lower chi^2 by so much in 1 of 20 000 cases.
  private static let significance = 20.0

  /// The weighted mean shift of the pairs, where rotation and scale explain no more than their errors do.
  private static func shift(
    _ pairs: [(first: StarList.Star, second: StarList.Star)], instead turned: SimilarityTransform
  ) -> SimilarityTransform? {
    guard !turned.mirrored, !pairs.isEmpty else { return nil }
    var (weight, x, y) = (0.0, 0.0, 0.0)
    func variance(_ pair: (first: StarList.Star, second: StarList.Star)) -> Double {
      let known = pair.first.variance + pair.second.variance
      return (known.isFinite ? known : 1) + floor * floor
    }
    for pair in pairs {
      let w = 1 / variance(pair)
      weight += w
      x += w * (pair.second.position.x - pair.first.position.x)
      y += w * (pair.second.position.y - pair.first.position.y)
    }
    let moved = SimilarityTransform(a: 1, b: 0, tx: x / weight, ty: y / weight)
    func chi2(_ transform: SimilarityTransform) -> Double {
      pairs.reduce(0) { sum, pair in
        let d = transform(pair.first.position).distance(to: pair.second.position)
        return sum + d * d / variance(pair)
      }
    }
    let (free, own) = (chi2(moved), chi2(turned))
    let scale = max(1, own / Double(max(1, 2 * pairs.count - 4)))
    return (free - own) / scale < significance ? moved : nil
  }
}
