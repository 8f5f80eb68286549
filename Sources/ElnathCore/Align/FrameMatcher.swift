/// A transform between two star lists and what speaks for it.
struct StarMatch {
  /// From the first list (reference) to the second (frame).
  var transform: FrameTransform
  var proof: MatchProof
  /// Indices into the two lists, of the pairs that took part in the fit, and their weighted rms along one axis, px.
  var pairs: [(reference: Int, frame: Int)]
  var residual: Double
  var errors: TransformErrors
}

/// Finds and proves the transforms from one list of stars to others.
struct FrameMatcher {
  let reference: StarList
  private let triangles: [[Triangle]]

  /// Stars that lie together to this many px belong together, before the transform is refined: centroids of saturated
  /// stars and small distortions need some room.
  static let radius = 4.0

  init(reference: StarList) {
    self.reference = reference
    let points = reference.bright.map(\.position)
    triangles = Triangle.attempts.map { Triangle.all(of: points, count: $0) }
  }

  // MARK: Rungs

  /// The transform near a known one, when only a shift was added: the shift that brings most bright stars together.
  func nearby(_ guess: SimilarityTransform, to frame: StarList) -> StarMatch? {
    let extent = 0.1 * (frame.area).squareRoot()
    let reach = max(60, min(extent, 400))
    let cell = Self.radius
    let half = Int(reach / cell) + 1
    let size = 2 * half + 1
    var votes = [Int16](repeating: 0, count: size * size)
    let mapped = reference.bright.map { guess($0.position) }
    func cellOf(_ dx: Double, _ dy: Double) -> (Int, Int)? {
      guard abs(dx) < reach && abs(dy) < reach else { return nil }
      return (Int((dx / cell).rounded()) + half, Int((dy / cell).rounded()) + half)
    }
    for p in mapped {
      for star in frame.bright {
        if let (i, j) = cellOf(star.position.x - p.x, star.position.y - p.y) { votes[j * size + i] += 1 }
      }
    }
    // A peak may be split between cells: look at squares of 2 x 2.
    var best = (votes: 0, x: 0, y: 0)
    for j in 0..<(size - 1) {
      for i in 0..<(size - 1) {
        let k = j * size + i
        let sum = Int(votes[k]) + Int(votes[k + 1]) + Int(votes[k + size]) + Int(votes[k + size + 1])
        if sum > best.votes { best = (sum, i, j) }
      }
    }
    guard best.votes >= 3 else { return nil }
    var shiftX: [Double] = []
    var shiftY: [Double] = []
    for p in mapped {
      for star in frame.bright {
        let dx = star.position.x - p.x
        let dy = star.position.y - p.y
        if let (i, j) = cellOf(dx, dy), i == best.x || i == best.x + 1, j == best.y || j == best.y + 1 {
          shiftX.append(dx)
          shiftY.append(dy)
        }
      }
    }
    var moved = guess
    moved.tx += Median.inPlace(&shiftX)
    moved.ty += Median.inPlace(&shiftY)
    let match = refined(moved, to: frame, free: 1, trials: Double(size * size))
    return match.flatMap { $0.proof.holds ? $0 : nil }
  }

  /// The transform that the star patterns tell, whatever shift, rotation, reflection and a change of scale up to 15 per
  /// cent; or the best that was found, with a proof that does not hold.
  func byPatterns(to frame: StarList) -> StarMatch? {
    let bright = frame.bright.map(\.position)
    var best: StarMatch?
    var trials = 0.0
    // The three stars of the triangle lie together for certain; so many more do by chance in 1 of 1000 cases only.
    let lambda =
      Double(reference.bright.count * frame.bright.count) * .pi * Self.radius * Self.radius / max(frame.area, 1)
    var promising = 4
    while MatchProof.poissonTail(from: promising - 3, mean: lambda) > 1e-3 { promising += 1 }
    for (attempt, count) in Triangle.attempts.enumerated() {
      // More stars than there are give the same triangles again.
      if attempt > 0, max(bright.count, reference.bright.count) <= Triangle.attempts[attempt - 1] { break }
      let own = Triangle.all(of: bright, count: count)
      let there = triangles[attempt]
      let pairs = Triangle.pairs(own, there, limit: 4000)
      for pair in pairs {
        let (here, other) = (own[pair.here], there[pair.there])
        trials += 1
        guard
          let candidate = SimilarityTransform.fit(
            from: [other.a, other.b, other.c].map { reference.bright[Int($0)].position },
            to: [here.a, here.b, here.c].map { bright[Int($0)] }, weights: [1, 1, 1],
            mirrored: here.leftHanded != other.leftHanded)
        else { continue }
        guard brightTogether(candidate, frame) >= promising else { continue }
        guard let match = refined(candidate, to: frame, free: 2, trials: Double(pairs.count)) else { continue }
        if match.proof.holds { return match }
        if match.proof.pairs > best?.proof.pairs ?? 0 { best = match }
      }
    }
    return best
  }

  /// A transform that is known beforehand, one of `trials`, held against whatever stars there are.
  func predicted(_ guess: SimilarityTransform, to frame: StarList, trials: Int) -> StarMatch? {
    let match = refined(guess, to: frame, free: 0, trials: Double(trials), shiftBelow: 8)
    return match.flatMap { $0.proof.holds ? $0 : nil }
  }

  /// A transform that the drift of the neighbours foretells to some px, held against a handful of stars: those that come
  /// through a cloud are among the brightest of the field, and stand where they should. The shift between is the mean of
  /// both, each with its error.
  ///
  /// Nil where chance would do as well: the place of the frame is known already, so one case in a thousand is enough
  /// (a star list that has to tell the place needs one in 10^8).
  func agreeing(with prediction: DriftPrediction, in frame: StarList) -> StarMatch? {
    guard prediction.error <= Self.surePrediction else { return nil }
    let own = frame.stars.filter { $0.isLike(reference.fwhm) }
    guard !own.isEmpty else { return nil }
    let transform = FrameTransform(prediction.transform)
    var expected: [(star: StarList.Star, place: PixelPoint)] = []
    for star in reference.stars {
      let place = transform(star.position)
      if frame.covers(place) { expected.append((star, place)) }
      if expected.count >= 3 * own.count + 5 { break }
    }
    let radius = max(2, 3 * prediction.error)
    let index = PointIndex(own.map(\.position), reach: radius)
    var pairs: [(reference: Int, frame: Int)] = []
    var taken: Set<Int> = []
    let prior = 1 / (prediction.error * prediction.error)
    var (weight, dx, dy, squares) = (prior, 0.0, 0.0, 0.0)
    for (k, (star, place)) in expected.enumerated() {
      guard let (i, d2) = index.nearest(to: place, within: radius), taken.insert(i).inserted else { continue }
      let w = 1 / (star.variance + own[i].variance + 0.01)
      weight += w
      dx += w * (own[i].position.x - place.x)
      dy += w * (own[i].position.y - place.y)
      squares += d2
      pairs.append((k, i))
    }
    let needed = max(1, (own.count + 1) / 2)
    let mean = Double(expected.count * own.count) * .pi * radius * radius / max(frame.area, 1)
    guard pairs.count >= needed, MatchProof.poissonTail(from: pairs.count, mean: mean) < 1e-3 else { return nil }
    var moved = prediction.transform
    moved.tx += dx / weight
    moved.ty += dy / weight
    let rms = (squares / Double(pairs.count)).squareRoot()
    return StarMatch(
      transform: FrameTransform(moved),
      proof: MatchProof(
        pairs: pairs.count, rms: rms, radius: radius, here: expected.count, there: own.count, area: frame.area, free: 0,
        trials: 1),
      pairs: pairs, residual: pairs.count > 1 ? rms / 2.0.squareRoot() : .nan,
      errors: TransformErrors(shiftWeight: weight))
  }

  /// px; what is less sure has to be told by the stars.
  private static let surePrediction = 2.5

  // MARK: Pairs

  /// Number of bright stars that lie together under a transform.
  private func brightTogether(_ transform: SimilarityTransform, _ frame: StarList) -> Int {
    var together = 0
    for star in reference.bright {
      if frame.brightIndex.nearest(to: transform(star.position), within: Self.radius) != nil { together += 1 }
    }
    return together
  }

  struct Pair {
    var reference: Int
    var frame: Int
    var distanceSquared: Double
  }

  /// Each star with its nearest on the other frame, where the choice is mutual.
  func pairs(_ transform: FrameTransform, _ frame: StarList, radius: Double) -> [Pair] {
    var nearest = [Pair?](repeating: nil, count: frame.stars.count)
    for (i, star) in reference.stars.enumerated() {
      let place = transform(star.position)
      guard let (k, d2) = frame.index.nearest(to: place, within: radius) else { continue }
      if let known = nearest[k], known.distanceSquared <= d2 { continue }
      nearest[k] = Pair(reference: i, frame: k, distanceSquared: d2)
    }
    return nearest.compactMap { $0 }
  }

  /// Stars of both lists in the common area, and that area in pixels of the frame.
  private func common(
    _ transform: SimilarityTransform, _ frame: StarList
  ) -> (reference: Int, frame: Int, area: Double) {
    let back = transform.inverted
    let here = reference.stars.reduce(0) { $0 + (frame.covers(transform($1.position)) ? 1 : 0) }
    let there = frame.stars.reduce(0) { $0 + (reference.covers(back($1.position)) ? 1 : 0) }
    // The area is sampled; a per cent is plenty.
    let steps = 32
    var inside = 0
    for j in 0..<steps {
      for i in 0..<steps {
        let p = PixelPoint(
          x: frame.low.x + (frame.high.x - frame.low.x) * (Double(i) + 0.5) / Double(steps),
          y: frame.low.y + (frame.high.y - frame.low.y) * (Double(j) + 0.5) / Double(steps))
        if reference.covers(back(p)) { inside += 1 }
      }
    }
    return (here, there, frame.area * Double(inside) / Double(steps * steps))
  }

  /// Weighted least squares over mutual nearest pairs, iterated: pairs beyond three times their expected distance go,
  /// and the radius shrinks to what the residuals need. The proof is taken at the end. With fewer than `shiftBelow` pairs
  /// rotation and scale stay as they are. Nil where nothing is left to fit.
  private func refined(
    _ start: SimilarityTransform, to frame: StarList, free: Int, trials: Double, shiftBelow: Int = 0
  ) -> StarMatch? {
    var transform = start
    var radius = Self.radius
    var floor = 0.1
    var kept: [Pair] = []
    var residual = Double.nan
    var errors = TransformErrors(shiftWeight: 1)
    for _ in 0..<12 {
      let found = pairs(FrameTransform(transform), frame, radius: radius)
      guard found.count >= max(free, 2) else { return nil }
      let scale = transform.scale
      guard scale > 0.85 && scale < 1.15 else { return nil }
      floor = Self.excess(found, reference, frame, scale: scale)
      let usable = found.filter { reference.stars[$0.reference].fits && frame.stars[$0.frame].fits }
      // With too few good stars the saturated ones must help.
      let chosen = usable.count >= 3 ? usable : found
      func variance(_ pair: Pair) -> Double {
        reference.stars[pair.reference].variance * scale * scale + frame.stars[pair.frame].variance + floor * floor
      }
      // Three standard deviations along an axis: 1 per cent of good pairs lie further off in the plane.
      kept = chosen.filter { $0.distanceSquared <= 9 * variance($0) }
      if kept.count < max(3, chosen.count / 2) { kept = chosen }
      let weights = kept.map { 1 / variance($0) }
      let next = Self.fit(
        from: kept.map { reference.stars[$0.reference].position }, to: kept.map { frame.stars[$0.frame].position },
        weights: weights, near: transform, shiftOnly: kept.count < shiftBelow)
      guard let next else { return nil }
      let change = next.departure(
        from: transform, width: Int(frame.high.x - frame.low.x), height: Int(frame.high.y - frame.low.y))
      transform = next
      var squares = 0.0
      for (pair, weight) in zip(kept, weights) {
        let d = transform(reference.stars[pair.reference].position).distance(to: frame.stars[pair.frame].position)
        squares += weight * d * d
      }
      let freedom = max(2 * Double(kept.count) - 4, 1)
      residual = (squares / weights.reduce(0, +) * Double(kept.count) / freedom).squareRoot()
      errors = errorsOf(kept, weights, shiftOnly: kept.count < shiftBelow).scaled(by: max(1, squares / freedom))
      var distances = found.map { $0.distanceSquared }
      let typical = Median.inPlace(&distances).squareRoot()
      let previous = radius
      radius = min(radius, max(1, 6 * typical))
      if change < 1e-5 && radius > 0.99 * previous { break }
    }
    let last = pairs(FrameTransform(transform), frame, radius: radius)
    let shared = common(transform, frame)
    let rms = (last.reduce(0) { $0 + $1.distanceSquared } / Double(max(last.count, 1))).squareRoot()
    let proof = MatchProof(
      pairs: last.count, rms: rms, radius: radius, here: shared.reference, there: shared.frame, area: shared.area,
      free: free, trials: trials)
    return StarMatch(
      transform: FrameTransform(transform), proof: proof, pairs: kept.map { ($0.reference, $0.frame) },
      residual: residual, errors: errors)
  }

  private func errorsOf(_ kept: [Pair], _ weights: [Double], shiftOnly: Bool) -> TransformErrors {
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for (pair, weight) in zip(kept, weights) {
      let place = reference.stars[pair.reference].position
      sum += weight
      x += weight * place.x
      y += weight * place.y
    }
    let centre = PixelPoint(x: x / sum, y: y / sum)
    var spread = 0.0
    for (pair, weight) in zip(kept, weights) {
      let d = reference.stars[pair.reference].position.distance(to: centre)
      spread += weight * d * d
    }
    guard !shiftOnly, spread > 0 else { return TransformErrors(shiftWeight: sum) }
    return TransformErrors(similarityWeight: sum, spread: spread, centre: centre)
  }

  private static func fit(
    from: [PixelPoint], to: [PixelPoint], weights: [Double], near known: SimilarityTransform, shiftOnly: Bool
  ) -> SimilarityTransform? {
    guard shiftOnly else {
      return SimilarityTransform.fit(from: from, to: to, weights: weights, mirrored: known.mirrored)
    }
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return nil }
    var moved = known
    for i in from.indices {
      let place = known(from[i])
      moved.tx += weights[i] / sum * (to[i].x - place.x)
      moved.ty += weights[i] / sum * (to[i].y - place.y)
    }
    return moved
  }

  /// What the distances of the better half of the pairs show beyond the centroid errors, along one axis, px: sampling,
  /// blends, air. From the median, which wrong pairs do not move: half of all distances lie within sqrt(2 ln 2) sigma.
  static func excess(
    _ pairs: [Pair], _ reference: StarList, _ frame: StarList, scale: Double
  ) -> Double {
    // Below this no weight should rely on the centroid errors alone.
    let least = 0.003
    var known = pairs.compactMap { pair -> (variance: Double, d2: Double)? in
      let (a, b) = (reference.stars[pair.reference], frame.stars[pair.frame])
      return a.fits && b.fits ? (a.variance * scale * scale + b.variance, pair.distanceSquared) : nil
    }
    guard known.count >= 4 else { return 0.1 }
    known.sort { $0.variance < $1.variance }
    let half = known.prefix((known.count + 1) / 2)
    let typical = Median.of(half.map(\.d2)) / 1.3863
    let expected = Median.of(half.map(\.variance))
    return max(least * least, typical - expected).squareRoot()
  }
}
