/// An image held against a catalogue: pairs, fit and proof for a first guess of where it lies.
struct FieldMatch {
  let image: FieldImage
  /// Brightest first, with their places in the list that was given.
  let stars: [SkyStar]
  let order: [Int]
  private let index: PointIndex

  /// Stars closer than this belong together, px: centroids of saturated stars, proper motions, small distortions.
  let radius: Double

  init(_ image: FieldImage, _ catalog: [SkyStar], radius: Double) {
    self.image = image
    self.radius = radius
    // Unknown magnitudes last.
    order = catalog.indices.sorted {
      let (a, b) = (catalog[$0].magnitude, catalog[$1].magnitude)
      return (a.isNaN ? .infinity : a, $0) < (b.isNaN ? .infinity : b, $1)
    }
    stars = order.map { catalog[$0] }
    index = PointIndex(image.places, reach: radius)
  }

  /// Rank of the image's star and of the catalogue's, and the square of their distance, px^2.
  private struct Pair {
    var image: Int
    var star: Int
    var distanceSquared: Double
  }

  /// Stars of the catalogue on the image as a model places them; the model must be near its own inverse.
  private struct Placed {
    var star: Int
    var place: PixelPoint
  }

  /// The model undone by Newton's method on its linear part: catalogue stars in pixels, those on the image.
  private func placed(_ model: PlateModel) -> [Placed] {
    let (centre, step) = (image.centre, 0.5)
    let middle = model(centre)
    let right = model(PixelPoint(x: centre.x + step, y: centre.y))
    let above = model(PixelPoint(x: centre.x, y: centre.y + step))
    let (a, b) = ((right.x - middle.x) / step, (above.x - middle.x) / step)
    let (c, d) = ((right.y - middle.y) / step, (above.y - middle.y) / step)
    let determinant = a * d - b * c
    guard determinant != 0 else { return [] }
    let reach = 1.5 * image.diagonal
    var result: [Placed] = []
    for (k, star) in stars.enumerated() {
      guard let target = model.plane.place(of: star.sky) else { continue }
      var place = centre
      for round in 0..<(model.order > 1 ? 6 : 1) {
        let seen = round == 0 ? middle : model(place)
        let (dx, dy) = (target.x - seen.x, target.y - seen.y)
        place.x += (d * dx - b * dy) / determinant
        place.y += (a * dy - c * dx) / determinant
        guard place.distance(to: centre) < reach else { break }
      }
      if image.covers(place) { result.append(Placed(star: k, place: place)) }
    }
    return result
  }

  /// Mutual nearest neighbours.
  private func pairs(_ placed: [Placed], radius: Double) -> [Pair] {
    var best = [Pair?](repeating: nil, count: image.places.count)
    for star in placed {
      guard let (k, d2) = index.nearest(to: star.place, within: radius) else { continue }
      if let known = best[k], known.distanceSquared <= d2 { continue }
      best[k] = Pair(image: k, star: star.star, distanceSquared: d2)
    }
    return best.compactMap { $0 }
  }

  /// Chance pairs over what random places give: the placed stars moved aside in eight directions.
  private func density(_ placed: [Placed], radius: Double) -> Double {
    let random = Double(placed.count * image.places.count) * .pi * radius * radius / image.area
    guard random > 0 else { return 1 }
    var found = 0
    for (k, direction) in [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)].enumerated() {
      let step = radius * Double(8 + 3 * k)
      let moved = placed.map {
        Placed(
          star: $0.star,
          place: PixelPoint(x: $0.place.x + step * Double(direction.0), y: $0.place.y + step * Double(direction.1)))
      }
      found += pairs(moved, radius: radius).count
    }
    // A handful of chance pairs says nothing of a density.
    return found < 16 ? 1 : max(1, Double(found) / 8 / random)
  }

  /// Fit and pairs repeated until they agree, with the proof; nil where nothing is left to fit.
  ///
  /// - Parameters:
  ///   - free: pairs that the first guess has for certain.
  ///   - highest: order of the polynomials at most.
  func refined(_ start: PlateModel, free: Int, trials: Double, highest: Int) -> (
    solution: FieldSolution, proof: FieldProof
  )? {
    var model = start
    var reach = 2 * radius
    var kept: [Pair] = []
    var order = 1
    for round in 0..<14 {
      let found = pairs(placed(model), radius: reach)
      guard found.count >= max(3, free) else { return nil }
      kept = Self.withoutOutliers(found)
      // The tangent point goes to the middle of the image, where headers have it.
      let plane = TangentPlane(at: model.skyAt(image.centre))
      if round >= 4 { order = warranted(kept, plane, highest: highest, current: order) }
      guard let next = fit(kept, plane, order: order), next.isPlausible else { return nil }
      let change = next.sky.separation(from: model.skyAt(image.centre)) / next.scale
      model = next
      reach = max(radius, reach * 0.8)
      if round >= 6, change < 1e-6 { break }
    }
    let stars = placed(model)
    let last = pairs(stars, radius: radius)
    guard last.count >= 3 else { return nil }
    let proof = proof(last, stars, free: max(free, PlateModel.terms(order: order)), trials: trials)
    let centred = TangentPlane(at: model.skyAt(image.centre))
    guard let final = fit(kept, centred, order: order), let projection = centredProjection(final, kept, order) else {
      return nil
    }
    let freedom = Double(2 * kept.count - 2 * PlateModel.terms(order: order))
    let squares = kept.reduce(0) { $0 + squared($1, projection) }
    let residual = freedom > 0 ? (squares / freedom).squareRoot() : 0
    let solution = FieldSolution(
      projection: projection, pairs: last.map { .init(image: $0.image, star: self.order[$0.star]) },
      residual: residual, residualArcsec: residual * final.scale * 3600, fitted: kept.count,
      falseMatch: proof.falseMatch, order: order)
    return (solution, proof)
  }

  /// How a coordinate system fits as it is, with nothing fitted: only for a good one are there five pairs or more.
  func held(against projection: SkyProjection) -> (solution: FieldSolution, proof: FieldProof) {
    let places = projection.places(of: stars.map(\.sky))
    let placed = places.enumerated().compactMap { k, place in
      place.flatMap { image.covers($0) ? Placed(star: k, place: $0) : nil }
    }
    let found = pairs(placed, radius: radius)
    let proof = proof(found, placed, free: 0, trials: 1)
    let kept = Self.withoutOutliers(found)
    let squares = kept.reduce(0) { $0 + $1.distanceSquared }
    let residual = (squares / Double(2 * max(kept.count, 1))).squareRoot()
    let scale = projection.orientation(at: image.centre)?.scale ?? .nan
    let solution = FieldSolution(
      projection: projection, pairs: found.map { .init(image: $0.image, star: order[$0.star]) }, residual: residual,
      residualArcsec: residual * scale, fitted: kept.count, falseMatch: proof.falseMatch, order: 1)
    return (solution, proof)
  }

  private func proof(_ pairs: [Pair], _ placed: [Placed], free: Int, trials: Double) -> FieldProof {
    let ranks = Dictionary(uniqueKeysWithValues: placed.enumerated().map { ($1.star, $0) })
    return FieldProof(
      pairs: pairs.compactMap { pair in ranks[pair.star].map { (pair.image, $0) } },
      counts: (image.places.count, placed.count), radius: radius, area: image.area, free: free,
      density: density(placed, radius: radius), trials: trials)
  }

  private func squared(_ pair: Pair, _ projection: SkyProjection) -> Double {
    guard let place = projection.place(of: stars[pair.star].sky) else { return 0 }
    let distance = place.distance(to: image.places[pair.image])
    return distance * distance
  }

  /// The tangent point brought to where the model says that the middle of the image is.
  private func centredProjection(_ model: PlateModel, _ kept: [Pair], _ order: Int) -> SkyProjection? {
    var model = model
    for _ in 0..<3 {
      guard let next = fit(kept, TangentPlane(at: model.sky), order: order) else { return nil }
      model = next
    }
    return model.projection
  }

  private func fit(_ pairs: [Pair], _ plane: TangentPlane, order: Int) -> PlateModel? {
    var (from, to): ([PixelPoint], [PixelPoint]) = ([], [])
    for pair in pairs {
      guard let target = plane.place(of: stars[pair.star].sky) else { continue }
      from.append(image.places[pair.image])
      to.append(target)
    }
    // Few stars tell a similarity: six numbers from three stars prove nothing.
    if from.count < 6 {
      return [false, true].compactMap { mirrored in
        SimilarityTransform.fit(
          from: from, to: to, weights: [Double](repeating: 1, count: from.count), mirrored: mirrored)
      }.min { Self.squares($0, from, to) < Self.squares($1, from, to) }.map {
        PlateModel(plane: plane, similarity: $0, centre: image.centre, unit: image.diagonal / 2)
      }
    }
    return PlateModel(plane: plane, from: from, to: to, order: order, centre: image.centre, unit: image.diagonal / 2)
  }

  private static func squares(_ transform: SimilarityTransform, _ from: [PixelPoint], _ to: [PixelPoint]) -> Double {
    zip(from, to).reduce(0) {
      let d = transform($1.0).distance(to: $1.1)
      return $0 + d * d
    }
  }

  /// The order that the residuals ask for and the stars allow: each order must shrink them beyond what its terms do by
  /// themselves (F above 5: 1 in 10^4 by chance).
  private func warranted(_ pairs: [Pair], _ plane: TangentPlane, highest: Int, current: Int) -> Int {
    func chiSquared(_ order: Int) -> Double? {
      guard let model = fit(pairs, plane, order: order) else { return nil }
      return pairs.reduce(0) { sum, pair in
        guard let target = plane.place(of: stars[pair.star].sky) else { return sum }
        let d = model(image.places[pair.image]).distance(to: target)
        return sum + d * d
      }
    }
    var best = 1
    guard highest > 1, var least = chiSquared(1) else { return best }
    for order in 2...highest {
      let (own, before) = (PlateModel.terms(order: order), PlateModel.terms(order: best))
      guard pairs.count >= 5 * own / 2, let next = chiSquared(order) else { break }
      let freedom = Double(2 * pairs.count - 2 * own)
      let gain = (least - next) / Double(2 * (own - before))
      if gain > 5 * next / freedom {
        best = order
        least = next
      }
    }
    return best
  }

  /// Without pairs beyond three times the distance of the better half, which are chance.
  private static func withoutOutliers(_ pairs: [Pair]) -> [Pair] {
    guard pairs.count >= 6 else { return pairs }
    // Half of all distances lie within sqrt(2 ln 2) sigma; 1 per cent of true pairs beyond 3 sigma.
    let variance = Median.of(pairs.map(\.distanceSquared)) / 1.3863
    let kept = pairs.filter { $0.distanceSquared <= max(9.2 * variance, 1e-6) }
    return kept.count >= 3 ? kept : pairs
  }
}

extension PlateModel {
  func skyAt(_ place: PixelPoint) -> SkyPoint { plane.sky(at: self(place)) }
}
