/// Finds where an image lies on the sky from the patterns that its stars make, in a catalogue: any rotation, both
/// parities, a scale that may be unknown, and a pointing that may be off by a field.
///
/// Triangles of stars that look alike give a first guess (the ratios of their sides, as in `FrameMatcher`); a guess
/// counts when it brings many more stars together than chance does (`FieldProof`), all guesses that were tried included.
public struct FieldSolver: Sendable {
  /// Order of the polynomials at most: 1 for none, 3 for what telescopes do.
  public var highestOrder = 3

  public init() {}

  /// Stars of the image in one attempt, and the longest side of their triangles as a part of the image's diagonal. The
  /// catalogue takes part with as many stars for its area: of its brightest.
  private static let attempts = [(stars: 12, longest: 1.0), (stars: 25, longest: 0.6), (stars: 50, longest: 0.45)]
  /// `Triangle.pairs` finds sizes that differ by 15 per cent.
  private static let window = 1.3
  /// Beyond so many windows of scale the last attempt would take minutes.
  private static let mostWindows = 4

  /// Nil where nothing is proven.
  public func callAsFunction(_ image: FieldImage, _ catalog: [SkyStar], hint: FieldHint) -> FieldSolution? {
    guard image.places.count >= FieldProof.leastPairs, image.width > 1, image.height > 1 else { return nil }
    let scales = Self.scales(hint.scale)
    var trials = 0.0
    for (number, attempt) in Self.attempts.enumerated() {
      if number > 0, scales.count > Self.mostWindows, number == Self.attempts.count - 1 { break }
      // More stars than there are give the same triangles again.
      if number > 0, image.places.count <= Self.attempts[number - 1].stars { break }
      for scale in scales {
        guard let search = PatternSearch(image, catalog, hint: hint, scale: scale) else { continue }
        let found = search.solution(
          stars: attempt.stars, longest: attempt.longest, trials: &trials, highestOrder: highestOrder)
        if let found { return found }
      }
    }
    return nil
  }

  /// The coordinate system of a header held against the catalogue: where it agrees with the stars, give or take a shift,
  /// it is proven; as it stands where it fits as well as one fitted here. Nil where it is not proven.
  public func verify(_ projection: SkyProjection, _ image: FieldImage, _ catalog: [SkyStar]) -> FieldSolution? {
    guard let centre = projection.sky(at: image.centre),
      let scale = projection.orientation(at: image.centre)?.scale
    else { return nil }
    let nearby = PatternSearch.brightest(
      PatternSearch.near(catalog, centre, degrees: image.diagonal * scale / 3600), of: catalog)
    let match = FieldMatch(image, nearby.map { catalog[$0] }, radius: PatternSearch.radius(scale: scale))
    guard let model = Self.model(of: projection, image, at: centre) else { return nil }
    let asGiven = match.held(against: projection)
    var best = match.refined(model, free: 0, trials: 1, highest: highestOrder)
    if best?.proof.holds != true, let (moved, cells) = Self.shifted(model, match) {
      best = match.refined(moved, free: 1, trials: cells, highest: highestOrder)
    }
    var solution: FieldSolution
    if let best, best.proof.holds {
      solution = best.solution
      let fitsAsWell =
        asGiven.solution.fitted >= solution.fitted * 9 / 10
        && asGiven.solution.residual <= max(0.3, 1.2 * solution.residual)
      if fitsAsWell { solution = asGiven.solution }
    } else {
      guard asGiven.proof.holds else { return nil }
      solution = asGiven.solution
    }
    solution.pairs = solution.pairs.map { .init(image: $0.image, star: nearby[$0.star]) }
    return solution
  }

  /// Polynomials that do what a projection does over the image.
  private static func model(of projection: SkyProjection, _ image: FieldImage, at centre: SkyPoint) -> PlateModel? {
    let plane = TangentPlane(at: centre)
    var places: [PixelPoint] = []
    for j in 0...10 {
      for i in 0...10 {
        places.append(
          PixelPoint(x: Double(image.width - 1) * Double(i) / 10, y: Double(image.height - 1) * Double(j) / 10))
      }
    }
    let targets = projection.sky(at: places).map { $0.flatMap(plane.place) }
    let seen = places.indices.filter { targets[$0] != nil }
    guard seen.count > places.count / 2 else { return nil }
    return PlateModel(
      plane: plane, from: seen.map { places[$0] }, to: seen.compactMap { targets[$0] }, order: 3, centre: image.centre,
      unit: image.diagonal / 2)
  }

  /// The shift that brings most bright stars together, and the number of shifts that were tried.
  private static func shifted(_ model: PlateModel, _ match: FieldMatch) -> (PlateModel, cells: Double)? {
    let scale = model.scale
    guard scale > 0 else { return nil }
    let reach = 0.1 * match.image.diagonal
    let cell = match.radius
    let half = Int(reach / cell) + 1
    let size = 2 * half + 1
    var votes = [Int32](repeating: 0, count: size * size)
    let seen = match.image.places.prefix(100).map { place in model(place) }
    let there = match.stars.prefix(200).compactMap { model.plane.place(of: $0.sky) }
    for star in there {
      for place in seen {
        let (dx, dy) = ((star.x - place.x) / scale, (star.y - place.y) / scale)
        guard abs(dx) < reach, abs(dy) < reach else { continue }
        votes[(Int((dy / cell).rounded()) + half) * size + Int((dx / cell).rounded()) + half] += 1
      }
    }
    guard let most = votes.max(), most >= 3, let k = votes.firstIndex(of: most) else { return nil }
    let (dx, dy) = (Double(k % size - half) * cell * scale, Double(k / size - half) * cell * scale)
    return (model.moved(dx, dy), Double(size * size))
  }

  /// Middles of the windows that cover a range of scales, from its middle outwards.
  private static func scales(_ range: ClosedRange<Double>) -> [Double] {
    var edge = range.lowerBound
    var result: [Double] = []
    repeat {
      result.append(edge * window.squareRoot())
      edge *= window
    } while edge < range.upperBound
    if result.count == 1 { return [(range.lowerBound * range.upperBound).squareRoot()] }
    let middle = result.count / 2
    return result.indices.sorted { (abs($0 - middle), $0) < (abs($1 - middle), $1) }.map { result[$0] }
  }
}

/// The search for one scale, give or take 15 per cent.
private struct PatternSearch {
  let match: FieldMatch
  private let image: FieldImage
  private let plane: TangentPlane
  /// The catalogue's stars around the pointing, brightest first, in pixels of the wanted scale.
  private let points: [PixelPoint]
  private let given: [Int]
  /// Degrees per pixel.
  private let unit: Double
  /// Of the disc that was cut out of the catalogue, px^2.
  private let area: Double

  /// Two arcseconds, for proper motions and positions of old catalogues; 2 to 6 px.
  static func radius(scale: Double) -> Double { min(max(2 / scale, 2), 6) }

  /// Stars of a catalogue within an angle.
  static func near(_ catalog: [SkyStar], _ centre: SkyPoint, degrees: Double) -> [Int] {
    catalog.indices.filter {
      abs(catalog[$0].sky.declination - centre.declination) <= degrees
        && catalog[$0].sky.separation(from: centre) <= degrees
    }
  }

  /// More stars would only take time.
  private static let mostStars = 20_000

  static func brightest(_ near: [Int], of catalog: [SkyStar]) -> [Int] {
    guard near.count > mostStars else { return near }
    func key(_ k: Int) -> (Double, Int) { (catalog[k].magnitude.isNaN ? .infinity : catalog[k].magnitude, k) }
    return near.sorted { key($0) < key($1) }.prefix(mostStars).sorted()
  }

  init?(_ image: FieldImage, _ catalog: [SkyStar], hint: FieldHint, scale: Double) {
    self.image = image
    unit = scale / 3600
    let reach = hint.radius + 0.55 * image.diagonal * unit
    given = Self.brightest(Self.near(catalog, hint.centre, degrees: reach), of: catalog)
    guard given.count >= FieldProof.leastPairs else { return nil }
    let plane = TangentPlane(at: hint.centre)
    self.plane = plane
    match = FieldMatch(image, given.map { catalog[$0] }, radius: Self.radius(scale: scale))
    let unit = unit
    points = match.stars.compactMap { star in
      plane.place(of: star.sky).map { PixelPoint(x: $0.x / unit, y: $0.y / unit) }
    }
    guard points.count == match.stars.count else { return nil }
    // Where the catalogue ends before the search does, its stars lie closer than in the whole disc.
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    let box = ((xs.max() ?? 0) - (xs.min() ?? 0)) * ((ys.max() ?? 0) - (ys.min() ?? 0))
    area = max(image.area / 4, min(.pi * reach * reach / (unit * unit), box))
  }

  func solution(stars: Int, longest: Double, trials: inout Double, highestOrder: Int) -> FieldSolution? {
    let side = longest * image.diagonal
    let own = Triangle.all(of: image.places, count: stars).filter { Double($0.size) <= side }
    let depth = min(points.count, Int((Double(stars) * area / image.area).rounded(.up)) + stars / 2, 1200)
    let bright = Array(points.prefix(depth))
    let there = Triangle.local(of: bright, longest: 1.15 * side, like: TriangleShapes(of: own))
    let pairs = Triangle.pairs(own, there, limit: 300_000)
    let index = PointIndex(bright, reach: 2 * match.radius)
    let seen = Array(image.places.prefix(2 * stars))
    // The three stars of the triangle lie together for certain; so many more do by chance in 1 of 1000 cases only.
    let lambda = Double(seen.count) * Double(depth) * .pi * 4 * match.radius * match.radius / area
    var promising = 4
    while MatchProof.poissonTail(from: promising - 3, mean: lambda) > 1e-3 { promising += 1 }
    trials += Double(pairs.count)
    for pair in pairs {
      let (here, other) = (own[pair.here], there[pair.there])
      let similarity = SimilarityTransform.fit(
        from: [here.a, here.b, here.c].map { image.places[Int($0)] },
        to: [other.a, other.b, other.c].map { bright[Int($0)] }, weights: [1, 1, 1],
        mirrored: here.leftHanded != other.leftHanded)
      guard let similarity, together(seen, similarity, index, atLeast: promising) else { continue }
      let onPlane = SimilarityTransform(
        a: similarity.a * unit, b: similarity.b * unit, tx: similarity.tx * unit, ty: similarity.ty * unit,
        mirrored: similarity.mirrored)
      let start = PlateModel(
        plane: plane, similarity: onPlane, centre: image.centre, unit: image.diagonal / 2)
      guard let found = match.refined(start, free: 2, trials: trials, highest: highestOrder), found.proof.holds
      else { continue }
      var solution = found.solution
      solution.pairs = solution.pairs.map { .init(image: $0.image, star: given[$0.star]) }
      return solution
    }
    return nil
  }

  /// True where so many stars of the image lie by one of the catalogue.
  private func together(
    _ seen: [PixelPoint], _ similarity: SimilarityTransform, _ index: PointIndex, atLeast wanted: Int
  ) -> Bool {
    var found = 0
    for (k, place) in seen.enumerated() {
      if found + seen.count - k < wanted { return false }
      if index.nearest(to: similarity(place), within: 2 * match.radius) != nil {
        found += 1
        if found >= wanted { return true }
      }
    }
    return false
  }
}
