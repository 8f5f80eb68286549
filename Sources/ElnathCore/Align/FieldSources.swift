/// The stars of the field, from the detections of all registered frames brought to the reference frame.
struct FieldSources {
  /// One frame's part.
  struct Exposure {
    var sources: FrameSources
    /// Sources that are no stars.
    var excluded: Set<Int>
    /// From the reference frame to this one.
    var transform: FrameTransform
  }

  /// A place of the reference frame and what was seen there.
  struct Object {
    var position: PixelPoint
    var variance: Double
    /// Exposure and index of its source.
    var sightings: [(exposure: Int, source: Int)]
  }

  private(set) var objects: [Object] = []
  let exposures: [Exposure]

  /// Gathers detections, those of `exposures[reference]` first. An object is what at least 20 per cent of the frames (and
  /// three) show, or the reference frame and 5 per cent (and two) of all. Below five frames the reference alone is enough.
  init(_ exposures: [Exposure], reference: Int) {
    self.exposures = exposures
    var seeds: [PixelPoint] = []
    var gathered: [[(exposure: Int, source: Int)]] = []
    var open = exposures.indices.filter { $0 != reference }
    if exposures.indices.contains(reference) { open.insert(reference, at: 0) }
    var index = PointIndex([], reach: 2)
    var indexed = 0
    for k in open {
      let exposure = exposures[k]
      let back = exposure.transform.inverse
      // Closer than two stars that detection could tell apart, wider than the centroid errors of all but blown stars.
      let usual = max(1, 0.4 * (exposure.sources.fwhm.isFinite ? exposure.sources.fwhm : 2))
      if seeds.count > indexed {
        index = PointIndex(seeds, reach: 2)
        indexed = seeds.count
      }
      for (i, source) in exposure.sources.sources.enumerated() where !exposure.excluded.contains(i) {
        let place = back(source.position)
        let radius = max(usual, min(4 * source.positionVariance.squareRoot(), 3 * usual))
        if let (object, _) = index.nearest(to: place, within: radius) {
          if gathered[object].last?.exposure != k { gathered[object].append((k, i)) }
        } else {
          seeds.append(place)
          gathered.append([(k, i)])
        }
      }
    }
    let enough = max(3, Int((0.2 * Double(exposures.count)).rounded(.up)))
    for sightings in gathered {
      let inReference = sightings[0].exposure == reference
      let known = inReference ? (exposures.count < 5 ? 1 : max(2, exposures.count / 20)) : enough
      guard sightings.count >= known else { continue }
      objects.append(combined(sightings))
    }
    objects = withoutSplitStars()
  }

  /// A star whose place scatters (saturated, blended now and then) may have been gathered in two: of neighbours that are
  /// never seen on the same frame the one with fewer sightings goes.
  private func withoutSplitStars() -> [Object] {
    let index = PointIndex(objects.map(\.position), reach: 4)
    return objects.indices.filter { n in
      let object = objects[n]
      let sightings = Set(object.sightings.map(\.exposure))
      let (k, i) = object.sightings[0]
      let source = exposures[k].sources.sources[i]
      let width = exposures[k].sources.fwhm.isFinite ? exposures[k].sources.fwhm : 2
      let usual = max(1, 0.4 * width)
      let radius = source.mask.contains(.saturated) ? 3 * usual : usual
      var split = false
      index.forEach(near: object.position, radius: radius) { m, _ in
        let other = objects[m]
        guard (other.sightings.count, n) > (object.sightings.count, m) else { return }
        if other.sightings.allSatisfy({ !sightings.contains($0.exposure) }) { split = true }
      }
      return !split
    }.map { objects[$0] }
  }

  /// Inverse-variance mean of the places, after those beyond 4 sigma of their median are left out.
  private func combined(_ sightings: [(exposure: Int, source: Int)]) -> Object {
    var xs: [Double] = []
    var ys: [Double] = []
    var variances: [Double] = []
    for (k, i) in sightings {
      let exposure = exposures[k]
      let place = exposure.transform.inverse(exposure.sources.sources[i].position)
      xs.append(place.x)
      ys.append(place.y)
      // 0.01 px: what seeing and sampling do to any single position.
      variances.append(exposure.sources.sources[i].positionVariance + 1e-4)
    }
    let middle = PixelPoint(x: Median.of(xs), y: Median.of(ys))
    let spread = hypotenuse(RobustScale.sigma(xs), RobustScale.sigma(ys))
    var (weight, x, y) = (0.0, 0.0, 0.0)
    for i in xs.indices where variances[i].isFinite {
      let limit = 4 * max(spread, variances[i].squareRoot())
      guard middle.distance(to: PixelPoint(x: xs[i], y: ys[i])) <= limit || sightings.count < 3 else { continue }
      weight += 1 / variances[i]
      x += xs[i] / variances[i]
      y += ys[i] / variances[i]
    }
    let position = weight > 0 ? PixelPoint(x: x / weight, y: y / weight) : middle
    return Object(position: position, variance: weight > 0 ? 1 / weight : 1, sightings: sightings)
  }

  private func hypotenuse(_ a: Double, _ b: Double) -> Double {
    let sum = (a.isFinite ? a * a : 0) + (b.isFinite ? b * b : 0)
    return sum.squareRoot()
  }

  /// What the stars of the field look like on each exposure. On a cloudy frame, or in a poor field, cosmic rays are most
  /// of what is detected; they stand where no other frame shows anything.
  func shapes() -> [TypicalShape] {
    var stars = exposures.map { _ in [Source]() }
    for object in objects {
      for (k, i) in object.sightings { stars[k].append(exposures[k].sources.sources[i]) }
    }
    return stars.map(TypicalShape.init)
  }

  /// The objects as stars to match against: places of the reference frame, also those beyond its edges.
  func starList(fwhm: Double) -> StarList {
    let damaged: PixelMask = [.saturated, .bleed, .bad, .noData, .cosmicRay, .satellite, .nonlinear]
    var stars: [StarList.Star] = []
    for (n, object) in objects.enumerated() {
      var fluxes: [Double] = []
      var clean = 0
      for (k, i) in object.sightings {
        let source = exposures[k].sources.sources[i]
        fluxes.append(source.flux)
        if source.mask.isDisjoint(with: damaged) { clean += 1 }
      }
      stars.append(
        StarList.Star(
          position: object.position, variance: object.variance, flux: Median.inPlace(&fluxes),
          fits: 2 * clean > object.sightings.count, source: n))
    }
    stars.sort { ($0.flux, $1.source) > ($1.flux, $0.source) }
    let xs = stars.map(\.position.x)
    let ys = stars.map(\.position.y)
    return StarList(
      stars, low: PixelPoint(x: xs.min() ?? 0, y: ys.min() ?? 0),
      high: PixelPoint(x: xs.max() ?? 0, y: ys.max() ?? 0), fwhm: fwhm)
  }

  /// The objects as the catalogue that later steps use, brightest first.
  ///
  /// `responses`: for each exposure, the flux of a star there in units of that on the reference frame (exposure time and
  /// transparency); NaN where the filter is another.
  func catalogue(responses: [Double]) -> [CatalogSource] {
    var result: [CatalogSource] = []
    let clipped: PixelMask = [.saturated, .bleed]
    for object in objects {
      var fluxes: [Double] = []
      var others: [Double] = []
      var widths: [Double] = []
      var saturated = 0
      for (k, i) in object.sightings {
        let source = exposures[k].sources.sources[i]
        if responses[k] > 0 { fluxes.append(source.flux / responses[k]) } else { others.append(source.flux) }
        widths.append(source.fwhm)
        if !source.mask.isDisjoint(with: clipped) { saturated += 1 }
      }
      result.append(
        CatalogSource(
          name: "", position: object.position, flux: Median.of(fluxes.isEmpty ? others : fluxes),
          fwhm: Median.of(widths), detected: Double(object.sightings.count) / Double(exposures.count),
          saturated: Double(saturated) / Double(object.sightings.count)))
    }
    return CatalogSource.named(result)
  }

  /// `S0001`, and longer where there are more than 9999.
  static func name(_ number: Int) -> String {
    let digits = String(number)
    return "S" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
