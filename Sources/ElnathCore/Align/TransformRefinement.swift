extension FrameMatcher {
  /// An improvement counts from so many standard deviations on: once in three million frames by chance.
  private static let significance = 5.0
  /// And where what it moves over the frame is so many times what is doubtful about it.
  private static let worth = 2.0

  /// The proven match once more over all stars that lie together, with more freedom than a similarity where the residuals
  /// ask for it and the stars allow it; else as it was.
  func completed(_ match: StarMatch, to frame: StarList, _ choice: TransformChoice) -> StarMatch {
    guard match.proof.holds, let most = choice.candidates.last(where: { match.pairs.count >= $0.leastStars }),
      let terms = most.terms
    else { return match }
    // From the whole radius of the search, since what a similarity cannot follow is largest where it was cut off.
    var found = weighted(pairs(match.transform, frame, radius: Self.radius), match.transform, frame)
    guard found.count >= choice.candidates[0].leastStars else { return match }
    let fit = fitted(found, about: match.transform.similarity, terms: terms, frame)
    guard let kind = kind(of: fit, choice, frame), var best = fit.solution(kind) else { return match }
    var squares = 0.0
    for _ in 0..<6 {
      let typical = Median.of(found.map { $0.pair.distanceSquared }).squareRoot()
      let radius = min(Self.radius, max(1, 6 * typical))
      let next = weighted(pairs(best.transform, frame, radius: radius), best.transform, frame)
      guard next.count >= kind.leastStars else { return match }
      let again = fitted(next, about: match.transform.similarity, terms: kind.terms ?? 3, frame)
      guard let solution = again.solution(kind) else { return match }
      let change = solution.transform.departure(from: best.transform, width: reference.width, height: reference.height)
      (found, best, squares) = (next, solution, solution.squares)
      if change < 1e-5 { break }
    }
    let freedom = max(2 * Double(found.count) - Double(kind.freedom), 1)
    let weight = found.reduce(0) { $0 + $1.weight }
    var result = match
    result.transform = best.transform
    result.pairs = found.map { ($0.pair.reference, $0.pair.frame) }
    result.residual = (squares / weight * Double(found.count) / freedom).squareRoot()
    result.errors = best.errors.scaled(by: max(1, squares / freedom))
    return result
  }

  private typealias WeightedPair = (pair: Pair, weight: Double)

  /// Pairs of undamaged stars no farther apart than three times what is expected, with their weights.
  private func weighted(_ found: [Pair], _ transform: FrameTransform, _ frame: StarList) -> [WeightedPair] {
    let usable = found.filter { reference.stars[$0.reference].fits && frame.stars[$0.frame].fits }
    let scale = transform.scale
    let floor = Self.excess(usable, reference, frame, scale: scale)
    return usable.compactMap { pair in
      let variance =
        reference.stars[pair.reference].variance * scale * scale + frame.stars[pair.frame].variance + floor * floor
      return pair.distanceSquared <= 9 * variance ? (pair, 1 / variance) : nil
    }
  }

  private func fitted(
    _ found: [WeightedPair], about similarity: SimilarityTransform, terms: Int, _ frame: StarList
  ) -> PolynomialFit {
    var fit = PolynomialFit(about: similarity, terms: terms, low: reference.low, high: reference.high)
    for (pair, weight) in found {
      fit.add(
        from: reference.stars[pair.reference].position, to: frame.stars[pair.frame].position, weight: weight)
    }
    return fit
  }

  /// The least freedom that explains the residuals; nil where a similarity does.
  private func kind(of fit: PolynomialFit, _ choice: TransformChoice, _ frame: StarList) -> FrameTransform.Kind? {
    guard choice == .auto else { return choice.candidates.first }
    var chosen: FrameTransform.Kind?
    var (squares, freedom) = (fit.squares, FrameTransform.Kind.similarity.freedom)
    for kind in choice.candidates where fit.stars >= kind.leastStars {
      guard let solution = fit.solution(kind) else { continue }
      let left = 2 * fit.stars - kind.freedom
      let gain = PolynomialFit.significance(
        squares: squares, less: solution.squares, terms: kind.freedom - freedom, freedom: left)
      guard gain > Self.significance, isWorthIt(solution, fit, left: left, frame) else { continue }
      (chosen, squares, freedom) = (kind, solution.squares, kind.freedom)
    }
    return chosen
  }

  /// True when the polynomial moves the places of the common area by more than it may be wrong there.
  private func isWorthIt(
    _ solution: PolynomialFit.Solution, _ fit: PolynomialFit, left: Int, _ frame: StarList
  ) -> Bool {
    let errors = solution.errors.scaled(by: max(1, solution.squares / Double(max(left, 1))))
    var (moved, doubtful) = (0.0, 0.0)
    let steps = 6
    for j in 0...steps {
      for i in 0...steps {
        let place = PixelPoint(
          x: reference.low.x + (reference.high.x - reference.low.x) * Double(i) / Double(steps),
          y: reference.low.y + (reference.high.y - reference.low.y) * Double(j) / Double(steps))
        guard frame.covers(fit.similarity(place)) else { continue }
        let step = solution.correction(place)
        moved += step.x * step.x + step.y * step.y
        let error = errors(place)
        doubtful += 2 * error * error
      }
    }
    return moved > Self.worth * Self.worth * doubtful
  }
}
