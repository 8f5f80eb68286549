import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A catalogue around a pointing, and what a camera sees of it.
private struct SyntheticPlate {
  var catalog: [SkyStar] = []
  var image: FieldImage
  var truth: SkyProjection
  var hint: FieldHint

  struct Plan {
    var width = 2000
    var height = 1600
    /// Arcseconds per pixel.
    var scale = 0.9
    var angle = 0.0
    var mirrored = false
    /// Stars of the catalogue on the image, about; it covers an area 5 by 5 times as large.
    var stars = 60.0
    /// Stars fainter than these ranks, on the image, are not in the catalogue or not on the image.
    var catalogShare = 1.0
    var imageShare = 1.0
    /// False stars on the image, as a share of the true ones.
    var spurious = 0.0
    /// Where the middle of the image is not, in widths of the image.
    var offset = 0.0
    var scales = 0.8...1.0
    /// Of the third power of the distance from the middle, px in the corners.
    var distortion = 0.0
    /// Per axis, px.
    var noise = 0.1
  }

  init(_ plan: Plan, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pointing = SkyPoint(rightAscension: 360 * random.uniform(), declination: -70 + 140 * random.uniform())
    let unit = plan.scale / 3600
    let (sine, cosine) = (sin(plan.angle * .pi / 180), cos(plan.angle * .pi / 180))
    let flip = plan.mirrored ? -1.0 : 1
    truth =
      SkyProjection([
        SkyKeyword("CTYPE1", "RA---TAN"), SkyKeyword("CTYPE2", "DEC--TAN"),
        SkyKeyword("CRVAL1", pointing.rightAscension), SkyKeyword("CRVAL2", pointing.declination),
        SkyKeyword("CRPIX1", Double(plan.width + 1) / 2), SkyKeyword("CRPIX2", Double(plan.height + 1) / 2),
        SkyKeyword("CD1_1", -unit * flip * cosine), SkyKeyword("CD1_2", unit * sine),
        SkyKeyword("CD2_1", unit * flip * sine), SkyKeyword("CD2_2", unit * cosine),
      ])!
    let (w, h) = (Double(plan.width), Double(plan.height))
    let half = (w * w + h * h).squareRoot() / 2
    var seen: [(place: PixelPoint, flux: Double)] = []
    for rank in 0..<Int(25 * plan.stars) {
      let place = PixelPoint(x: w * (5 * random.uniform() - 2), y: h * (5 * random.uniform() - 2))
      guard let sky = truth.sky(at: place) else { continue }
      let share = Double(rank) / (25 * plan.stars)
      // Brightness by rank, as in a real sky: some 0.3 mag of scatter between two bands.
      let magnitude = 8 + 2.5 * share * 3
      if share < plan.catalogShare {
        catalog.append(SkyStar(sky: sky, magnitude: magnitude + 0.3 * random.normal()))
      }
      let (dx, dy) = (place.x - w / 2, place.y - h / 2)
      let radial = plan.distortion * (dx * dx + dy * dy) / (half * half * half)
      let moved = PixelPoint(
        x: place.x + radial * dx + plan.noise * random.normal(), y: place.y + radial * dy + plan.noise * random.normal()
      )
      if share < plan.imageShare, moved.lies(inWidth: plan.width, height: plan.height) {
        seen.append((moved, Self.flux(magnitude + 0.3 * random.normal())))
      }
    }
    let brightness = seen.map(\.flux)
    for _ in 0..<Int(plan.spurious * Double(seen.count)) {
      let flux = brightness[Int(random.uniform() * Double(brightness.count))]
      seen.append((PixelPoint(x: w * random.uniform(), y: h * random.uniform()), flux))
    }
    image = FieldImage(stars: seen, width: plan.width, height: plan.height)
    let field = w * unit
    let away = TangentPlane(at: pointing).sky(
      at: PixelPoint(x: plan.offset * field * 0.8, y: plan.offset * field * 0.6))
    hint = FieldHint(centre: away, radius: max(0.1, plan.offset * 1.1) * field, scale: plan.scales)
  }

  private static func flux(_ magnitude: Double) -> Double { 1e6 * pow(10, -0.4 * magnitude) }

  /// Largest distance in pixels between where two systems place the same sky, over the image.
  func departure(_ projection: SkyProjection, distorted: (PixelPoint) -> PixelPoint = { $0 }) -> Double {
    var worst = 0.0
    for x in stride(from: 0.0, through: Double(image.width), by: Double(image.width) / 8) {
      for y in stride(from: 0.0, through: Double(image.height), by: Double(image.height) / 8) {
        let place = PixelPoint(x: x, y: y)
        guard let sky = truth.sky(at: place), let there = projection.place(of: sky) else { return .infinity }
        worst = max(worst, there.distance(to: distorted(place)))
      }
    }
    return worst
  }
}

@Suite("fields matched to a catalogue")
struct FieldSolverTests {
  private typealias Plan = SyntheticPlate.Plan

  private static let plans: [(name: String, plan: Plan)] = {
    func plan(_ change: (inout Plan) -> Void) -> Plan {
      var plan = Plan()
      change(&plan)
      return plan
    }
    return [
      ("plain", plan { _ in }),
      ("sparse", plan { $0.stars = 12 }),
      ("crowded", plan { $0.stars = 1500 }),
      ("turned by 180 degrees", plan { $0.angle = 180 }),
      ("mirrored, turned", plan { ($0.mirrored, $0.angle) = (true, 73) }),
      ("off by several arcmin", plan { $0.offset = 0.3 }),
      ("off by a field", plan { $0.offset = 1 }),
      ("30 per cent false stars", plan { ($0.spurious, $0.angle) = (0.43, 211) }),
      ("catalogue of bright stars only", plan { ($0.stars, $0.catalogShare) = (200, 0.07) }),
      ("image of bright stars only", plan { ($0.stars, $0.imageShare) = (300, 0.06) }),
      ("scale unknown", plan { ($0.scales, $0.angle) = (0.2...6, 40) }),
      ("wide pixels", plan { ($0.scale, $0.scales, $0.width, $0.height) = (5.2, 4...6.5, 650, 500) }),
    ]
  }()

  @Test("any orientation, depth and pointing; residuals and places are those of the noise", arguments: 0..<12)
  func solves(_ number: Int) throws {
    let (name, plan) = Self.plans[number]
    for seed in UInt64(1)...3 {
      let plate = SyntheticPlate(plan, seed: 100 * UInt64(number) + seed)
      let solution = try #require(FieldSolver()(plate.image, plate.catalog, hint: plate.hint), "\(name) \(seed)")
      // 0.1 px of noise a star and axis: the corners of a plane through n stars are good to 0.1 sqrt(7 / n).
      let corner = 0.1 * (7 / Double(solution.fitted)).squareRoot()
      #expect(plate.departure(solution.projection) < 5 * corner, "\(name) \(seed)")
      #expect(solution.residual < 0.13, "\(name)")
      #expect(solution.falseMatch < 1e-8)
      #expect(solution.order == 1, "\(name) \(seed)")
      #expect(Set(solution.pairs.map(\.star)).count == solution.pairs.count)
      let orientation = try #require(solution.projection.orientation(at: plate.image.centre))
      #expect(orientation.mirrored == plan.mirrored)
      #expect(abs(orientation.scale / plan.scale - 1) < 1e-3)
    }
  }

  @Test("distortion is found as SIP where it is there, to 0.1 px")
  func distortion() throws {
    var plan = Plan()
    (plan.stars, plan.distortion, plan.angle) = (500, 5, 12)
    for seed in UInt64(1)...3 {
      let plate = SyntheticPlate(plan, seed: seed)
      let solution = try #require(FieldSolver()(plate.image, plate.catalog, hint: plate.hint))
      #expect(solution.order == 3)
      let half = plate.image.diagonal / 2
      let centre = plate.image.centre
      let worst = plate.departure(solution.projection) { place in
        let (dx, dy) = (place.x - centre.x, place.y - centre.y)
        let radial = plan.distortion * (dx * dx + dy * dy) / (half * half * half)
        return PixelPoint(x: place.x + radial * dx, y: place.y + radial * dy)
      }
      #expect(worst < 0.1)
    }
  }

  @Test("catalogues of other skies never solve")
  func falseMatches() {
    var solved = 0
    for seed in UInt64(1)...36 {
      var plan = Plan()
      plan.stars = [15, 40, 120][Int(seed % 3)]
      plan.offset = seed % 2 == 0 ? 0 : 0.5
      let plate = SyntheticPlate(plan, seed: 7000 + seed)
      let other = SyntheticPlate(plan, seed: 9000 + seed)
      // The other sky, brought to the same place.
      let (from, to) = (TangentPlane(at: other.hint.centre), TangentPlane(at: plate.hint.centre))
      let catalog = other.catalog.compactMap { star in
        from.place(of: star.sky).map { SkyStar(sky: to.sky(at: $0), magnitude: star.magnitude) }
      }
      if FieldSolver()(plate.image, catalog, hint: plate.hint) != nil { solved += 1 }
      if FieldSolver().verify(plate.truth, plate.image, catalog) != nil { solved += 1 }
    }
    // At 1e-8 a trial none of 72 may: the limit holds what real fields add to it.
    #expect(solved == 0)
  }

  @Test("a header's coordinate system is kept where it is right, mended where it is shifted, refused where it is wrong")
  func verify() throws {
    let plate = SyntheticPlate(Plan(), seed: 5)
    let kept = try #require(FieldSolver().verify(plate.truth, plate.image, plate.catalog))
    #expect(kept.projection == plate.truth)
    #expect(kept.pairs.count >= 40)
    // Five stars are enough for what the header tells already; no pattern could be proven with them.
    let near = plate.catalog.filter { star in
      plate.truth.place(of: star.sky).map { $0.lies(inWidth: 2000, height: 1600) } ?? false
    }
    let few = Array(near.sorted { $0.magnitude < $1.magnitude }.prefix(6))
    #expect(FieldSolver().verify(plate.truth, plate.image, few)?.projection == plate.truth)
    #expect(FieldSolver().verify(plate.truth, plate.image, Array(few.prefix(4))) == nil)
    let shifted = plate.truth.trimmed(x: 25, y: -40)
    let mended = try #require(FieldSolver().verify(shifted, plate.image, plate.catalog))
    #expect(plate.departure(mended.projection) < 0.15)
    let far = plate.truth.trimmed(x: 900, y: 0)
    #expect(FieldSolver().verify(far, plate.image, plate.catalog).map { plate.departure($0.projection) < 0.15 } ?? true)
  }

  @Test("too few stars, or none, solve nothing")
  func nothing() {
    let plate = SyntheticPlate(Plan(), seed: 9)
    let empty = FieldImage(stars: [], width: 100, height: 100)
    #expect(FieldSolver()(empty, plate.catalog, hint: plate.hint) == nil)
    #expect(FieldSolver()(plate.image, [], hint: plate.hint) == nil)
    #expect(FieldSolver()(plate.image, Array(plate.catalog.prefix(4)), hint: plate.hint) == nil)
    let same = FieldImage(
      stars: Array(repeating: (PixelPoint(x: 3, y: 3), 1), count: 30), width: 100, height: 100)
    #expect(FieldSolver()(same, plate.catalog, hint: plate.hint) == nil)
  }
}
