import ElnathTestSupport
import Testing

@testable import ElnathCore

/// What is measured of one star on one frame, and what is flagged.
@Suite struct MeasureFrameTests {
  static let annulus = AnnularAperture(inner: 16, outer: 24.9)
  static let radii = [2.4, 3.0, 4.2, 6.0, 8.8]
  static let place = PixelPoint(x: 30.25, y: 29.5)
  static let registration = Registration(transform: .identity, method: .reference, matched: 9, residual: 0.01)

  static func simulator(_ sky: Double = 200) -> StampSimulator {
    StampSimulator(size: 61, fwhm: 4, sky: sky, gain: 1.3, readNoise: 5)
  }

  static func exposure(flux: Double = 50_000, seed: UInt64 = 41, at place: PixelPoint = place) -> Frame {
    var random = SeededGenerator(seed: seed)
    return simulator().exposure(flux: flux, at: place, &random)
  }

  static func measure(
    _ frame: Frame, at place: PixelPoint = place, centroid: CentroidMode = .forced,
    registration: Registration = registration,
    radii: [Double] = radii, noise: MeasurementPlan.NoiseSource = .auto, site: Site? = nil
  ) -> FrameMeasurements {
    let plan = simulator().plan(
      at: place, radii: radii, annulus: annulus, centroid: centroid, noise: noise, site: site)
    return AperturePhotometry(plan: plan)(frame, registration: registration, number: 7, airmass: 1.3)
  }

  static func marking(_ frame: Frame, _ pixels: [(x: Int, y: Int)], _ mask: PixelMask, value: Float? = nil) -> Frame {
    var marked = frame
    for p in pixels {
      marked.image.mask.set(p.x, p.y, mask)
      if let value { marked.image.image.set(p.x, p.y, value) }
    }
    return marked
  }

  @Test func cleanStarHasNoFlagsButForced() {
    let measured = Self.measure(Self.exposure())
    #expect(measured.frame == 7)
    #expect(measured.stars.count == 1 && measured.radii == Self.radii.count)
    #expect(measured.stars[0].flags == .forced)
    for k in Self.radii.indices {
      #expect(measured[0, k].radius == Self.radii[k])
      #expect(measured[0, k].flags == .forced)
    }
    // Within 5 sigma of its light (beyond 8.8 px = 2.2 FWHM lies 1e-6 of it).
    #expect(abs(measured[0, 4].flux - 50_000) < 5 * measured[0, 4].fluxError)
    // The FWHM from some 50,000 photons is good to half a per cent; pixel shape and window leave as much.
    #expect(abs(measured.stars[0].fwhm - 4) < 0.08)
    #expect(measured.stars[0].peakADU > 1000 + 200 / 1.3)
  }

  @Test func inputIsUntouchedAndTheAnswerIsTheSameAgain() {
    let frame = Self.exposure()
    let before = frame.image.image
    let first = Self.measure(frame, centroid: .windowed)
    // As texts, since NaN differs from itself.
    #expect("\(Self.measure(frame, centroid: .windowed))" == "\(first)")
    #expect(frame.image.image == before)
  }

  @Test func valuesAreShortDecimals() {
    let measured = Self.measure(Self.exposure(), centroid: .windowed, site: NoiseTests.site)
    let star = measured.stars[0]
    let flux = measured[0, 2]
    #expect(star.centroid == .windowed)
    for value in [
      star.position.fits.x, star.position.fits.y, star.sky, star.skySigma, star.fwhm, flux.flux, flux.area,
      flux.budget.source, flux.budget.sky, flux.budget.readNoise, flux.budget.skyEstimate, flux.budget.scintillation,
    ] {
      #expect(value.description.count <= 11, "\(value)")
      #expect(value.isFinite)
    }
  }

  @Test func transformMovesTheStar() {
    // The reference frame is turned by 90 degrees and shifted against this one.
    let transform = SimilarityTransform(a: 0, b: 1, tx: 61.5, ty: -3.25)
    let onReference = transform.inverse(Self.place)
    let registration = Registration(transform: transform, method: .stars, matched: 9, residual: 0.01)
    let moved = Self.measure(Self.exposure(), at: onReference, registration: registration)
    let direct = Self.measure(Self.exposure())
    #expect(moved.stars[0].forced == direct.stars[0].forced)
    #expect("\(moved)" == "\(direct)")
  }

  @Test func centroidFollowsTheStarAndIsRefusedBeyondItsBound() {
    let frame = Self.exposure()
    let near = Self.measure(frame, at: PixelPoint(x: 30.75, y: 29.1), centroid: .windowed).stars[0]
    #expect(near.centroid == .windowed && !near.flags.contains(.forced))
    // Error of the centroid: FWHM/(2.35 S/N) = 0.01 px; five of them.
    #expect(near.position.distance(to: Self.place) < 0.05)
    let far = Self.measure(frame, at: PixelPoint(x: 33.25, y: 29.5), centroid: .windowed).stars[0]
    #expect(far.centroid == .forced && far.flags.contains([.forced, .centroidRefused]))
    #expect(far.position == far.forced)
  }

  @Test func aStarOutsideHasNoValuesButItsRows() {
    let measured = Self.measure(Self.exposure(), at: PixelPoint(x: -4, y: 30))
    #expect(measured.apertures.count == Self.radii.count)
    for aperture in measured.apertures {
      #expect(aperture.flags.contains(.outside))
      #expect(aperture.flux.isNaN && aperture.fluxError.isNaN && aperture.area.isNaN)
    }
    #expect(measured.stars[0].sky.isNaN && measured.stars[0].peakADU.isNaN)
  }

  @Test func onlyAperturesThatReachPastTheEdgeSaySo() {
    let place = PixelPoint(x: 4.0, y: 30)
    let measured = Self.measure(Self.exposure(at: place), at: place)
    for k in Self.radii.indices {
      // The outer edge of the first column lies 4.5 px from the star.
      #expect(measured[0, k].flags.contains(.pastEdge) == (Self.radii[k] > 4.5))
      let full = CircularAperture(radius: Self.radii[k]).area
      #expect((measured[0, k].area < full - 0.01) == (Self.radii[k] > 4.5))
    }
  }

  @Test(arguments: [
    (PixelMask.saturated, QualityFlags.saturated), (.bleed, .saturated), (.nonlinear, .nonlinear),
    (.cosmicRay, .cosmicRay), (.satellite, .satellite), (.bad, .maskedPixel), (.noData, .maskedPixel),
  ])
  func maskBitsBecomeFlagsOfTheAperturesThatHoldThem(_ mask: PixelMask, _ flag: QualityFlags) {
    // 5 px to the right of the star: in the two larger apertures only.
    let frame = Self.marking(Self.exposure(), [(35, 29)], mask)
    let measured = Self.measure(frame)
    let clean = Self.measure(Self.exposure())
    for k in Self.radii.indices {
      #expect(measured[0, k].flags.contains(flag) == (Self.radii[k] > 5))
      // The value is kept as it stands.
      #expect(measured[0, k].flux == clean[0, k].flux)
    }
  }

  @Test func aBadPixelSpoilsTheCoreAndOnlyWarnsOutside() {
    let core = Self.measure(Self.marking(Self.exposure(), [(31, 30)], .bad))
    #expect(core[0, 3].flags.contains([.maskedPixel, .maskedCore]))
    // Far out, with the value of the sky: 2 per cent of 50,000 e- are 1000.
    let wing = Self.measure(Self.marking(Self.exposure(), [(36, 29)], .bad, value: 205))
    #expect(wing[0, 4].flags.contains(.maskedPixel) && !wing[0, 4].flags.contains(.maskedCore))
    // The same place with a hot pixel, or without a value.
    let hot = Self.measure(Self.marking(Self.exposure(), [(36, 29)], .bad, value: 3000))
    #expect(hot[0, 4].flags.contains(.maskedCore))
    let missing = Self.measure(Self.marking(Self.exposure(), [(36, 29)], .noData, value: .nan))
    #expect(missing[0, 4].flags.contains([.maskedPixel, .maskedCore]) && missing[0, 4].flux.isNaN)
    // The smaller apertures do not hold it.
    #expect(missing[0, 2].flux.isFinite && missing[0, 2].flags == .forced)
  }

  @Test func measuredScatterTakesOverWhereTheModelIsWrong() {
    // Half as much read and photon noise is declared as there is: sigma^2 differs by far more than 30 per cent.
    var frame = Self.exposure()
    frame.noise.gain = 0.65
    frame.noise.readNoise = 60
    let auto = Self.measure(frame)
    #expect(auto.stars[0].flags.contains(.noiseModel))
    #expect(auto[0, 2].budget.readNoise.isNaN && auto[0, 2].budget.dark.isNaN && auto[0, 2].budget.digitisation.isNaN)
    #expect(auto[0, 2].budget.sky > 0)
    let model = Self.measure(frame, noise: .model)
    #expect(!model.stars[0].flags.contains(.noiseModel))
    #expect(model[0, 2].budget.readNoise > 0)
    let measured = Self.measure(Self.exposure(), noise: .measured)
    #expect(!measured.stars[0].flags.contains(.noiseModel) && measured[0, 2].budget.readNoise.isNaN)
  }

  @Test func fluxErrorIsTheSumOfItsTermsButTheFlat() {
    var simulator = Self.simulator()
    simulator.flatWave = 0.1
    var random = SeededGenerator(seed: 42)
    let frame = simulator.exposure(flux: 50_000, at: Self.place, &random)
    let b = Self.measure(frame, site: NoiseTests.site)[0, 3].budget
    let sum = b.source + b.sky + b.readNoise + b.dark + b.digitisation + b.skyEstimate + b.scintillation
    #expect(abs(b.flux / sum - 1) < 1e-12)
    #expect(b.flat > 0)
    // Without a flat, telescope or height there is no such term.
    let bare = Self.measure(Self.exposure())[0, 3].budget
    #expect(bare.flat.isNaN && bare.scintillation.isNaN && bare.flux > 0)
  }

  @Test func undersampledStarsSaySo() {
    var simulator = StampSimulator(size: 61, fwhm: 2.2, sky: 100, gain: 1, readNoise: 5)
    simulator.digitised = false
    let plan = simulator.plan(at: Self.place, radii: [3.0], annulus: Self.annulus, centroid: .forced)
    let frame = simulator.noiseless(flux: 10_000, at: Self.place)
    let measured = AperturePhotometry(plan: plan)(frame, registration: Self.registration, number: 1, airmass: .nan)
    #expect(measured[0, 0].flags.contains(.undersampled))
  }

  @Test func roundingGivesTheNearestShortDecimal() {
    #expect(DecimalRounding.decimals(1.0 / 3, 4) == 0.3333)
    #expect(DecimalRounding.decimals(-2.00005, 2) == -2)
    #expect(DecimalRounding.significant(123_456.789, 7) == 123_456.8)
    #expect(DecimalRounding.significant(0.000_123_456_789, 4) == 0.0001235)
    #expect(DecimalRounding.significant(9.999_999_9, 7) == 10)
    #expect(DecimalRounding.significant(123_456_789_012, 7) == 123_456_800_000)
    #expect(DecimalRounding.significant(0, 7) == 0)
    #expect(DecimalRounding.significant(.nan, 7).isNaN && DecimalRounding.decimals(.nan, 3).isNaN)
    #expect(DecimalRounding.significant(.infinity, 7) == .infinity)
    var random = SeededGenerator(seed: 43)
    for _ in 0..<2000 {
      let value =
        (random.uniform() - 0.3) * Double(sign: .plus, exponent: Int(random.uniform(-40..<60)), significand: 1)
      let rounded = DecimalRounding.significant(value, 7)
      // Half a unit of the seventh digit.
      #expect(abs(rounded - value) <= 5.001e-7 * abs(value))
      #expect(rounded == 0 || rounded.description.filter(\.isNumber).count <= 22)
    }
  }
}
