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
  let choice: TransformChoice
  let lists: [StarList]
  private(set) var outcomes: [Outcome]

  init(
    sources: [FrameSources], fixed: FixedPixels, times: [Double], reference: Int, choice: TransformChoice = .auto
  ) {
    self.sources = sources
    self.fixed = fixed
    self.times = times
    self.reference = reference
    self.choice = choice
    lists = sources.indices.map { StarList(sources[$0], excluding: fixed.sources[$0]) }
    outcomes = sources.map { _ in .failed("not tried") }
  }

  var registered: Int { registeredFrames.count }

  var registeredFrames: [Int] { outcomes.indices.filter { transform(of: $0) != nil } }

  func transform(of k: Int) -> FrameTransform? {
    if case .registered(let found) = outcomes[k] { return found.transform }
    return nil
  }

  private func similarity(of k: Int) -> SimilarityTransform? { transform(of: k)?.similarity }

  /// Middle of the reference frame.
  var centre: PixelPoint {
    PixelPoint(x: Double(sources[reference].width - 1) / 2, y: Double(sources[reference].height - 1) / 2)
  }

  mutating func run() {
    var own = Registration(
      transform: FrameTransform.identity, method: .reference, matched: lists[reference].stars.count { $0.fits },
      residual: 0)
    (own.centreError, own.cornerError) = (0, 0)
    outcomes[reference] = .registered(own)
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
        guess = similarity(of: k) ?? guess
      }
    }
  }

  private mutating func climb(_ k: Int, _ matcher: FrameMatcher, guess: SimilarityTransform) {
    if let sky = foretold(k), let match = matcher.nearby(sky, to: lists[k]) {
      accept(k, matcher.completed(match, to: lists[k], choice), .wcs)
      return
    }
    let match = matcher.nearby(guess, to: lists[k]) ?? matcher.byPatterns(to: lists[k])
    if let match, match.proof.holds {
      accept(k, matcher.completed(match, to: lists[k], choice), .stars)
    } else {
      outcomes[k] = .failed(Self.reason(stars: lists[k].stars.count, match))
    }
  }

  /// What the headers of the frame and of the reference say.
  private func foretold(_ k: Int) -> SimilarityTransform? {
    guard let here = sources[reference].observation.projection, let there = sources[k].observation.projection else {
      return nil
    }
    return SimilarityTransform.predicted(
      from: here, to: there, width: sources[reference].width, height: sources[reference].height)?.transform
  }

  private mutating func accept(_ k: Int, _ match: StarMatch, _ method: Registration.Method) {
    var found = Registration(
      transform: match.transform, method: method, matched: match.pairs.count, residual: match.residual)
    found.centreError = match.errors(centre)
    found.cornerError = match.errors.atCorners(width: sources[reference].width, height: sources[reference].height)
    found.disagreement = disagreement(k, match.transform)
    outcomes[k] = .registered(found)
  }

  /// What the images say to the transform that the stars gave.
  private func disagreement(_ k: Int, _ transform: FrameTransform) -> Double? {
    guard let here = sources[reference].thumbnail, let there = sources[k].thumbnail else { return nil }
    return here.disagreement(with: there, under: transform)
  }

  /// Takes the answer of a rung that looked at pixels, refined by the stars that stand where it says.
  mutating func accept(_ k: Int, _ found: Registration) {
    let matcher = FrameMatcher(reference: fieldStars())
    if let match = matcher.predicted(found.transform.similarity, to: lists[k], trials: 1) {
      accept(k, matcher.completed(match, to: lists[k], choice), found.method)
    } else {
      outcomes[k] = .registered(found)
    }
  }

  mutating func fail(_ k: Int, also reason: String) {
    if case .failed(let known) = outcomes[k] { outcomes[k] = .failed("\(known); \(reason)") }
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
      let matcher = FrameMatcher(reference: fieldStars())
      let before = registered
      for k in failed { climb(k, matcher, guess: nearest(to: k) ?? .identity) }
      if registered == before { return }
    }
  }

  /// Frames with few stars: they need not tell where they lie, only agree with where they should.
  mutating func byPrediction() {
    let failed = outcomes.indices.filter { transform(of: $0) == nil && !lists[$0].stars.isEmpty }
    guard !failed.isEmpty, registered > 1 else { return }
    let matcher = FrameMatcher(reference: fieldStars())
    // From measured transforms alone, so that the order of the frames does not matter.
    let foretold = failed.map { predictions(for: $0) }
    for (k, drifts) in zip(failed, foretold) {
      let list = lists[k]
      let places = drifts.map(\.transform) + neighbours(of: k, reach: 1).map(\.transform)
      let match =
        places.lazy.compactMap { matcher.predicted($0, to: list, trials: places.count) }.first
        ?? drifts.lazy.compactMap { matcher.agreeing(with: $0, in: list) }.first
      if let match { accept(k, match, .predicted) }
    }
  }

  /// The drift of the neighbours in time; two where the tube changed sides between them.
  private func predictions(for k: Int) -> [DriftPrediction] {
    var groups: [[DriftPrediction.Neighbour]] = []
    for one in neighbours(of: k, reach: DriftPrediction.reach) {
      let place = groups.firstIndex { group in
        let (a, b) = (group[0].transform, one.transform)
        return a.mirrored == b.mirrored && a.a * b.a + a.b * b.b > 0.9 * a.scale * b.scale
      }
      if let place { groups[place].append(one) } else { groups.append([one]) }
    }
    return groups.compactMap { DriftPrediction($0, time: time(of: k), centre: centre) }
      .sorted { $0.error < $1.error }
  }

  /// Registered frames before and after, `reach` of each at most, not farther away in time than a pointing lasts.
  private func neighbours(of k: Int, reach: Int) -> [DriftPrediction.Neighbour] {
    let before = (0..<k).filter { transform(of: $0) != nil }.suffix(reach)
    let after = ((k + 1)..<max(k + 1, outcomes.count)).filter { transform(of: $0) != nil }.prefix(reach)
    return (before + after).compactMap { n in
      guard let similarity = similarity(of: n), abs(time(of: n) - time(of: k)) < 0.4 else { return nil }
      return DriftPrediction.Neighbour(time: time(of: n), transform: similarity)
    }
  }

  /// Days; where not all frames have a time, as if they had been taken one a minute.
  private func time(of k: Int) -> Double {
    hasTimes ? times[k] : Double(k) / 1440
  }

  private var hasTimes: Bool { times.allSatisfy(\.isFinite) && Set(times).count == times.count }

  private func nearest(to k: Int) -> SimilarityTransform? {
    registeredFrames.min { (abs($0 - k), $0) < (abs($1 - k), $1) }.flatMap(similarity(of:))
  }

  private func fieldStars() -> StarList { fieldSources().starList(fwhm: lists[reference].fwhm) }

  func fieldSources() -> FieldSources {
    let kept = registeredFrames
    let exposures = kept.map { k in
      FieldSources.Exposure(
        sources: sources[k], excluded: fixed.sources[k], transform: transform(of: k) ?? .identity)
    }
    return FieldSources(exposures, reference: kept.firstIndex(of: reference) ?? 0)
  }
}
