/// The climb of a series up the ladder, for one choice of the reference frame.
struct SeriesRegistration {
  enum Outcome {
    case registered(Registration)
    case failed(String)
  }

  let sources: [FrameSources]
  let fixed: FixedPixels
  let times: [Double]
  let reference: Int
  let lists: [StarList]
  private(set) var outcomes: [Outcome]

  init(sources: [FrameSources], fixed: FixedPixels, times: [Double], reference: Int) {
    self.sources = sources
    self.fixed = fixed
    self.times = times
    self.reference = reference
    lists = sources.indices.map { StarList(sources[$0], excluding: fixed.sources[$0]) }
    outcomes = sources.map { _ in .failed("not tried") }
  }

  var registered: Int { registeredFrames.count }

  var registeredFrames: [Int] { outcomes.indices.filter { transform(of: $0) != nil } }

  func transform(of k: Int) -> SimilarityTransform? {
    if case .registered(let found) = outcomes[k] { return found.transform }
    return nil
  }

  mutating func run() {
    outcomes[reference] = .registered(
      Registration(
        transform: .identity, method: .reference, matched: lists[reference].stars.count { $0.fits }, residual: 0))
    againstReference()
    againstField()
    byPrediction()
  }

  /// Outwards in time from the reference, each frame with its neighbour's transform as first guess.
  private mutating func againstReference() {
    let matcher = FrameMatcher(reference: lists[reference])
    let later = Array((reference + 1)..<max(reference + 1, sources.count))
    let earlier = Array((0..<reference).reversed())
    for direction in [later, earlier] {
      var guess = SimilarityTransform.identity
      for k in direction {
        climb(k, matcher, guess: guess)
        guess = transform(of: k) ?? guess
      }
    }
  }

  private mutating func climb(_ k: Int, _ matcher: FrameMatcher, guess: SimilarityTransform) {
    let match = matcher.nearby(guess, to: lists[k]) ?? matcher.byPatterns(to: lists[k])
    if let match, match.proof.holds {
      accept(k, match, .stars)
    } else {
      outcomes[k] = .failed(Self.reason(stars: lists[k].stars.count, match))
    }
  }

  private mutating func accept(_ k: Int, _ match: StarMatch, _ method: Registration.Method) {
    outcomes[k] = .registered(
      Registration(
        transform: match.transform, method: method, matched: match.pairs.count, residual: match.residual))
  }

  private static func reason(stars: Int, _ best: StarMatch?) -> String {
    guard stars > 0 else { return "no stars" }
    let count = stars == 1 ? "1 star" : "\(stars) stars"
    guard let best else { return "\(count), no match" }
    if best.proof.pairs >= best.proof.needed {
      return "\(count), best match with residuals as large as chance gives"
    }
    return "\(count), best match \(best.proof.pairs) pairs of \(best.proof.needed) needed"
  }

  /// Frames that share too little with the reference, against the stars of all frames registered so far; repeated while
  /// that brings new ones.
  private mutating func againstField() {
    for _ in 0..<8 {
      let failed = outcomes.indices.filter { transform(of: $0) == nil && lists[$0].stars.count >= 5 }
      guard !failed.isEmpty, registered > 1 else { return }
      let matcher = FrameMatcher(reference: fieldSources().starList(fwhm: lists[reference].fwhm))
      let before = registered
      for k in failed { climb(k, matcher, guess: nearest(to: k) ?? .identity) }
      if registered == before { return }
    }
  }

  /// Frames with few stars: they need not tell where they lie, only agree with where they should.
  private mutating func byPrediction() {
    let failed = outcomes.indices.filter { transform(of: $0) == nil && !lists[$0].stars.isEmpty }
    guard !failed.isEmpty, registered > 1 else { return }
    let matcher = FrameMatcher(reference: fieldSources().starList(fwhm: lists[reference].fwhm))
    // From measured transforms alone, so that the order of the frames does not matter.
    let guesses = failed.map { predictions(for: $0) }
    for (k, guesses) in zip(failed, guesses) {
      for guess in guesses {
        guard let match = matcher.predicted(guess, to: lists[k], trials: guesses.count) else { continue }
        accept(k, match, .predicted)
        break
      }
    }
  }

  /// Linear in time between the registered frames before and after; then each of them as it is.
  private func predictions(for k: Int) -> [SimilarityTransform] {
    let before = (0..<k).last { transform(of: $0) != nil }
    let after = ((k + 1)..<max(k + 1, outcomes.count)).first { transform(of: $0) != nil }
    var result: [SimilarityTransform] = []
    if let before, let after, let from = transform(of: before), let to = transform(of: after),
      from.mirrored == to.mirrored, from.a * to.a + from.b * to.b > 0.9
    {
      let ordered = times[before] <= times[k] && times[k] <= times[after] && times[before] < times[after]
      let t =
        ordered
        ? (times[k] - times[before]) / (times[after] - times[before]) : Double(k - before) / Double(after - before)
      result.append(
        SimilarityTransform(
          a: from.a + t * (to.a - from.a), b: from.b + t * (to.b - from.b), tx: from.tx + t * (to.tx - from.tx),
          ty: from.ty + t * (to.ty - from.ty), mirrored: from.mirrored))
    }
    result += [before, after].compactMap { $0.flatMap(transform(of:)) }
    return result
  }

  private func nearest(to k: Int) -> SimilarityTransform? {
    registeredFrames.min { (abs($0 - k), $0) < (abs($1 - k), $1) }.flatMap(transform(of:))
  }

  func fieldSources() -> FieldSources {
    let kept = registeredFrames
    let exposures = kept.map { k in
      FieldSources.Exposure(
        sources: sources[k], excluded: fixed.sources[k], transform: transform(of: k) ?? .identity)
    }
    return FieldSources(exposures, reference: kept.firstIndex(of: reference) ?? 0)
  }
}
