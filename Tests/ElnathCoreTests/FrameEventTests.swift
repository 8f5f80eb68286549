import ElnathTestSupport
import Testing

@testable import ElnathCore

/// What events do to the measurements.
@Suite struct FrameEventTests {
  private typealias Frames = MeasureFrameTests

  /// Measures the star of `MeasureFrameTests` on a frame with events.
  private static func measure(
    _ frame: Frame, trails: [SatelliteTrail] = [], hotPixels: [HotPixel] = [], cosmicRays: CosmicRays? = nil,
    extended: Bool = false
  ) -> FrameMeasurements {
    var plan = Frames.simulator().plan(
      at: Frames.place, radii: Frames.radii, annulus: Frames.annulus, centroid: .forced)
    plan.stars[0].extended = extended
    var reduction = FrameReduction(reduced: frame)
    reduction.add(trails: trails, hotPixels: hotPixels, cosmicRays: cosmicRays)
    return AperturePhotometry(plan: plan)(reduction, registration: Frames.registration, number: 7, airmass: 1.3)
  }

  @Test func aHotPixelSpoilsOnlyByTheLightItAdds() {
    let frame = Frames.exposure()
    // 10 e-/s for 60 s are 1.2 per cent of 50,000 e-, even in the middle of the star; 30 are 3.6 per cent.
    let weak = Self.measure(frame, hotPixels: [HotPixel(x: 30, y: 29, rate: 10)])
    #expect(weak[0, 2].flags.contains(.maskedPixel) && !weak[0, 2].flags.contains(.maskedCore))
    let strong = Self.measure(frame, hotPixels: [HotPixel(x: 30, y: 29, rate: 30)])
    #expect(strong[0, 2].flags.contains(.maskedCore))
    // Several add up.
    let three = (29...31).map { HotPixel(x: $0, y: 33, rate: 10) }
    #expect(Self.measure(frame, hotPixels: three)[0, 4].flags.contains(.maskedCore))
    #expect(!Self.measure(frame, hotPixels: three)[0, 0].flags.contains(.maskedPixel))
  }

  /// Its charge is taken away as a dark frame would take it: what is left has the charge's photon noise, which the error
  /// holds.
  @Test func theChargeOfAHotPixelIsTakenAway() {
    let hot = HotPixel(x: 33, y: 29, rate: 12)
    for noise in [MeasurementPlan.NoiseSource.model, .measured] {
      var plan = Frames.simulator().plan(
        at: Frames.place, radii: Frames.radii, annulus: Frames.annulus, centroid: .forced, noise: noise)
      plan.stars[0].extended = false
      var pulls = Pulls()
      for seed in 1...500 {
        let clean = Frames.exposure(seed: UInt64(seed))
        var random = SeededGenerator(seed: UInt64(seed), part: 5)
        var frame = clean
        frame.image.image.set(33, 29, clean.image.image[33, 29] + Float(720 + 720.0.squareRoot() * random.normal()))
        var reduction = FrameReduction(reduced: frame)
        reduction.add(trails: [], hotPixels: [hot], cosmicRays: nil)
        let measured = AperturePhotometry(plan: plan)(
          reduction, registration: Frames.registration, number: 7, airmass: 1.3)[0, 2]
        #expect(measured.flags.contains(.maskedPixel) && !measured.flags.contains(.maskedCore))
        let without = AperturePhotometry(plan: plan)(
          FrameReduction(reduced: clean), registration: Frames.registration, number: 7, airmass: 1.3)[0, 2]
        // Beside the photons of the star, which differ by the noise of the charge.
        let more = measured.budget.flux - measured.budget.source - (without.budget.flux - without.budget.source)
        #expect(abs(more - 720) < 1)
        pulls.add(measured.flux - without.flux, truth: 0, variance: 720)
      }
      // 500 differences: 4.5 per cent of a sigma, and 3.2 per cent of it.
      #expect(abs(pulls.mean) < 0.15 && abs(pulls.sigma - 1) < 0.1, "\(pulls.mean) \(pulls.sigma)")
    }
  }

  @Test func aHotPixelThatScattersTellsSo() {
    let steady = Self.measure(Frames.exposure(), hotPixels: [HotPixel(x: 30, y: 29, rate: 10, scatter: 0.1)])
    let restless = Self.measure(Frames.exposure(), hotPixels: [HotPixel(x: 30, y: 29, rate: 10, scatter: 2)])
    // 120 e- against the photon noise of 600 e-, in a pixel that lies wholly within the aperture.
    #expect(abs(restless[0, 2].budget.flux - steady[0, 2].budget.flux - (14_400 - 600)) < 1)
  }

  @Test func aHitInTheApertureIsNeverUsedInSilence() throws {
    let rays = try #require(CosmicRays(fwhm: 4))
    #expect(!Self.measure(Frames.exposure(), cosmicRays: rays)[0, 4].flags.contains(.cosmicRay))
    // 600 e- are 1.2 per cent of the flux; 4000 are 8.
    for (light, spoils) in [(Float(600), false), (4000, true)] {
      var frame = Frames.exposure()
      frame.image.image.set(36, 30, frame.image.image[36, 30] + light)
      frame.image.variance.set(36, 30, frame.image.variance[36, 30] + light)
      let measured = Self.measure(frame, cosmicRays: rays)
      for k in Frames.radii.indices {
        let inside = Frames.radii[k] > 5.3
        #expect(measured[0, k].flags.contains(.cosmicRay) == inside)
        #expect(measured[0, k].flags.contains(.maskedCore) == (inside && spoils))
      }
    }
  }

  @Test func aSatelliteSpoilsByMoreThanTheErrorOfTheFlux() {
    let frame = Frames.exposure()
    func trail(_ y: Double, _ brightness: Double) -> SatelliteTrail {
      SatelliteTrail(
        start: PixelPoint(x: -1, y: y), end: PixelPoint(x: 61, y: y), width: 4, brightness: brightness)
    }
    // Across the star: 12 px of 200 e- against an error of 270 e- in the second largest aperture.
    let across = Self.measure(frame, trails: [trail(29.5, 200)])
    #expect(across[0, 3].flags.contains([.satellite, .maskedCore]))
    // The same place with a tenth of one sigma.
    let faint = Self.measure(frame, trails: [trail(29.5, 2)])
    #expect(faint[0, 3].flags.contains(.satellite) && !faint[0, 3].flags.contains(.maskedCore))
    // Beside the apertures, on the annulus: the star is good, and the sky does without.
    let beside = Self.measure(frame, trails: [trail(50, 5000)])
    #expect(!beside[0, 4].flags.contains(.satellite))
    let clean = Self.measure(frame)
    #expect(beside.stars[0].skyCount < clean.stars[0].skyCount - 100)
  }

  @Test func aDeadPixelHoldsLittleOfANebula() {
    // An even glow of 400 e- a pixel over the largest aperture: one pixel in 240 holds 0.4 per cent.
    var frame = Frames.exposure(flux: 0)
    for y in 0..<61 {
      for x in 0..<61 where PixelPoint(x: Double(x), y: Double(y)).distance(to: Frames.place) < 12 {
        frame.image.image.set(x, y, frame.image.image[x, y] + 400)
      }
    }
    let dead = Frames.marking(frame, [(30, 29)], .bad, value: 0)
    #expect(Self.measure(dead)[0, 4].flags.contains(.maskedCore))
    #expect(!Self.measure(dead, extended: true)[0, 4].flags.contains(.maskedCore))
    #expect(Self.measure(dead, extended: true)[0, 0].flags.contains(.maskedCore))
    let missing = Frames.marking(frame, [(30, 29)], .noData, value: .nan)
    #expect(Self.measure(missing, extended: true)[0, 4].flags.contains(.maskedCore))
  }

  @Test func boxesAndWholeFramesAgree() throws {
    var reduction = try FrameReductionTests.reduction(["bias", "flat", "overscan"])
    let trail = SatelliteTrail(
      start: PixelPoint(x: -1, y: 20), end: PixelPoint(x: 151, y: 90), width: 3, brightness: 300)
    reduction.add(
      trails: [trail], hotPixels: [HotPixel(x: 76, y: 66, rate: 3)],
      cosmicRays: CosmicRays(undersampled: 1.5))
    func measure(times: Int) -> FrameMeasurements {
      let places = Array(repeating: FrameReductionTests.places, count: times).flatMap { $0 }
      let radii = [2.4, 5.5]
      let plan = MeasurementPlan(
        stars: places.map { Star(name: "S", role: .target, position: $0) }, centroids: places.map { _ in .windowed },
        filters: [
          MeasurementPlan.FilterPlan(
            filter: "R", fwhm: 3.3, radii: radii, annulus: AnnularAperture(inner: 9, outer: 13.2),
            masked: places.map { _ in [] }, contamination: Array(repeating: 0, count: places.count * 2),
            neighbour: Array(repeating: false, count: places.count * 2))
        ])
      return AperturePhotometry(plan: plan)(
        reduction, registration: Registration(transform: .identity, method: .stars, matched: 9, residual: 0.1),
        number: 1, airmass: 1.2)
    }
    // Ten stars are reduced box by box, a hundred on the whole frame.
    let boxes = measure(times: 1)
    let whole = measure(times: 10)
    for i in FrameReductionTests.places.indices {
      for copy in [0, 3] {
        #expect("\(boxes.stars[i])" == "\(whole.stars[10 * copy + i])")
        for k in 0..<2 { #expect("\(boxes[i, k])" == "\(whole[10 * copy + i, k])") }
      }
    }
    let flags = boxes.apertures.reduce(into: QualityFlags()) { $0.formUnion($1.flags) }
    #expect(flags.contains([.satellite, .maskedPixel]))
  }

  @Test func theVerdictOnACosmicRayDoesNotDependOnTheBox() throws {
    var random = SeededGenerator(seed: 77)
    var field = StarField()
    (field.width, field.height) = (300, 300)
    var exposure = field(&random)
    for hit in HitSimulator(sigma: 15).hits(150, width: 300, height: 300, &random) { hit.add(to: &exposure.image) }
    let rays = try #require(CosmicRays(fwhm: 4))
    let whole = rays.marked(exposure.image)
    for part in [
      PixelRectangle(x: 40, y: 50, width: 60, height: 40), PixelRectangle(x: 0, y: 0, width: 30, height: 300),
      PixelRectangle(x: 250, y: 280, width: 50, height: 20),
    ] {
      // A box with just the margin that is asked for.
      let margin = CosmicRays.margin
      let (x0, y0) = (max(0, part.x - margin), max(0, part.y - margin))
      let box = PixelRectangle(
        x: x0, y: y0, width: min(300, part.x + part.width + margin) - x0,
        height: min(300, part.y + part.height + margin) - y0)
      let cropped = MaskedImage(
        image: exposure.image.image.cropped(to: box), variance: exposure.image.variance.cropped(to: box),
        mask: exposure.image.mask.cropped(to: box))
      var mask = cropped.mask
      cropped.withPlanes { planes in
        let inFrame = ImagePlanes(
          width: 300, height: 300, box: box, image: planes.image, variance: planes.variance, mask: planes.mask)
        mask.pixels.withUnsafeMutableBufferPointer { _ = rays.mark(inFrame, in: $0, within: part) }
      }
      var differing = 0
      var hits = 0
      for y in part.y..<(part.y + part.height) {
        for x in part.x..<(part.x + part.width) {
          if mask[x - x0, y - y0] != whole[x, y] { differing += 1 }
          if whole[x, y].contains(.cosmicRay) { hits += 1 }
        }
      }
      #expect(differing == 0 && hits > 0)
    }
  }
}
