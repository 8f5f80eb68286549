import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which stars are measured, and with what.
@Suite struct MeasurePlanTests {
  static func frame(_ number: Int, filter: String = "R", fwhm: Double = 4, registered: Bool = true) -> FrameSummary {
    var frame = FrameSummary(
      frame: number, file: "\(number).fits", filter: filter, night: "n", jdUTC: 2_460_000, exposure: 60)
    frame.fwhm = fwhm
    frame.sky = 100
    if registered {
      frame.registration = Registration(transform: .identity, method: .stars, matched: 20, residual: 0.02)
    } else {
      frame.status = .rejected
    }
    return frame
  }

  static func source(_ number: Int, _ x: Double, _ y: Double, flux: Double = 50_000) -> CatalogSource {
    CatalogSource(name: "S000\(number)", position: PixelPoint(x: x, y: y), flux: flux, fwhm: 4)
  }

  static func alignment(_ sources: [CatalogSource], frames: [FrameSummary] = [frame(1), frame(2)]) -> Alignment {
    Alignment(frames: frames, reference: 1, width: 400, height: 300, sources: sources)
  }

  static func target(_ name: String, _ x: Double, _ y: Double) -> Star {
    Star(name: name, role: .target, position: PixelPoint(x: x, y: y))
  }

  // MARK: Defaults

  @Test func defaultRadiiFollowTheWidth() {
    #expect(ApertureDefaults.radii(fwhm: 4) == [2.4, 3.0, 3.6, 4.2, 5.0, 6.0, 7.2, 8.8, 10.8, 13.2])
    // Small stars: at least 1.5 px, and at least 1.25 FWHM where undersampled; no two within 0.25 px.
    #expect(ApertureDefaults.radii(fwhm: 2.6) == [1.6, 2.0, 2.3, 2.7, 3.3, 3.9, 4.7, 5.7, 7.0, 8.6])
    let tiny = ApertureDefaults.radii(fwhm: 1.5)
    #expect(tiny.first == 1.9)
    #expect(zip(tiny, tiny.dropFirst()).allSatisfy { $1 - $0 > 0.249 })
  }

  @Test(arguments: [1.2, 2.5, 4, 7, 15]) func annulusIsFarOutAndLarge(fwhm: Double) {
    let largest = 2.7 * fwhm
    let annulus = ApertureDefaults.annulus(fwhm: fwhm, largestRadius: largest)
    // Rounded to 0.1 px.
    #expect(annulus.inner >= max(4 * fwhm, 8) - 0.05)
    #expect(annulus.outer >= annulus.inner + max(2 * fwhm, 5) - 0.1)
    #expect(annulus.area >= 400)
    // The sky level adds less than a tenth to the variance of the largest aperture.
    let wanted = min(10 * CircularAperture(radius: largest).area, ApertureDefaults.enoughPixels)
    #expect(annulus.area >= 0.99 * wanted)
  }

  @Test func anAnnulusStaysOnTheField() {
    // The aperture of a nebula.
    let wide = ApertureDefaults.annulus(fwhm: 4, largestRadius: 20)
    #expect(wide.area >= 0.99 * 10 * CircularAperture(radius: 20).area)
    #expect(ApertureDefaults.annulus(fwhm: 4, largestRadius: 20, farthest: 45).outer <= 45.1)
    let huge = ApertureDefaults.annulus(fwhm: 4, largestRadius: 200)
    #expect(huge.inner == 204 && huge.area < 1.05 * ApertureDefaults.enoughPixels)
    // A ring holds less than its reach tells.
    #expect(ApertureDefaults.annulus(fwhm: 4, largestRadius: 20, largestArea: 100).area < 0.5 * wide.area)
    // On a small field it is what it was for point-like stars.
    let small = ApertureDefaults.annulus(fwhm: 4, largestRadius: 12, farthest: 5)
    #expect(small.area >= 0.99 * 10 * CircularAperture(radius: 6).area && small.outer < 26)
  }

  // MARK: Stars

  @Test func aStarTakesTheNearestSourceAndLeavesItOutOfTheCandidates() {
    let alignment = Self.alignment([Self.source(1, 100, 100), Self.source(2, 101.5, 101), Self.source(3, 300, 200)])
    let stars = StarSelection()(userStars: [Self.target("T", 100.4, 100.3)], alignment: alignment, readNoise: 5)
    #expect(stars.map(\.name) == ["T", "S0002", "S0003"])
    #expect(stars[0].position == PixelPoint(x: 100, y: 100))
    #expect(!stars[0].detected && stars[1].detected && stars[1].role == .measure)
  }

  @Test func twoStarsNeverShareASource() {
    let alignment = Self.alignment([Self.source(1, 100, 100)])
    let users = [Self.target("far", 101.5, 100), Self.target("near", 100.2, 100)]
    let stars = StarSelection()(userStars: users, alignment: alignment, readNoise: 5)
    #expect(stars.map(\.name) == ["far", "near"])
    #expect(stars[0].position == users[0].position)
    #expect(stars[1].position == PixelPoint(x: 100, y: 100))
  }

  @Test func aFaintTargetKeepsItsPlace() {
    let stars = StarSelection()(
      userStars: [Self.target("T", 200, 150)], alignment: Self.alignment([Self.source(1, 203, 150)]), readNoise: 5)
    #expect(stars[0].position == PixelPoint(x: 200, y: 150))
  }

  @Test func candidatesAreBrightEnoughInsideAndCounted() {
    var sources = [Self.source(1, 3, 100), Self.source(2, 390, 100), Self.source(3, 60, 296)]
    sources += (4...9).map { Self.source($0, Double($0) * 30, 100, flux: 1e5 / Double($0)) }
    sources.append(Self.source(10, 350, 250, flux: 300))
    let stars = StarSelection(candidates: 4)(userStars: [], alignment: Self.alignment(sources), readNoise: 5)
    // The first three lie nearer to the edge than the largest aperture, 13.2 px.
    #expect(stars.map(\.name) == ["S0004", "S0005", "S0006", "S0007"])
    let all = StarSelection()(userStars: [], alignment: Self.alignment(sources), readNoise: 5)
    // 300 e- on 79 px of 125 e-^2: signal to noise 3.
    #expect(all.count == 6)
  }

  // MARK: Plan

  /// A trailed frame may be registered from its neighbours without a star that tells its width.
  @Test func aFrameWithoutAWidthDoesNotCountForTheChoice() {
    let frames = [Self.frame(1), Self.frame(2, fwhm: .nan), Self.frame(3)]
    let alignment = Self.alignment([Self.source(1, 100, 100)], frames: frames)
    let prediction = SignalPrediction(alignment: alignment, readNoise: 5)
    #expect(prediction.signalToNoise(flux: 50_000, on: frames[1]).isNaN)
    #expect(StarSelection()(userStars: [], alignment: alignment, readNoise: 5).map(\.name) == ["S0001"])
  }

  @Test func oneGeometryForEachFilterFromItsRegisteredFrames() {
    let frames = [
      Self.frame(1, fwhm: 4), Self.frame(2, fwhm: 4.4), Self.frame(3, fwhm: 4.2), Self.frame(4, filter: "B", fwhm: 6),
      Self.frame(5, fwhm: 40, registered: false),
    ]
    let alignment = Self.alignment([Self.source(1, 100, 100)], frames: frames)
    let plan = MeasurementPlan.make(stars: [Self.target("T", 100, 100)], alignment: alignment, readNoise: 5)
    #expect(plan.filters.map(\.filter) == ["B", "R"])
    #expect(plan.plan(for: "R")?.fwhm == 4.2)
    #expect(plan.plan(for: "B")?.radii == ApertureDefaults.radii(fwhm: 6))
    #expect(plan.plan(for: "V") == nil)
  }

  @Test func brightLoneStarsHaveACentroidOthersAreForced() {
    let sources = [
      Self.source(1, 100, 100), Self.source(2, 200, 100, flux: 900), Self.source(3, 300, 100),
      Self.source(4, 305, 100),
    ]
    var stars = [Self.target("bright", 100, 100), Self.target("faint", 200, 100), Self.target("blended", 300, 100)]
    stars.append(Self.target("unseen", 50, 250))
    var nebula = Self.target("nebula", 100, 100)
    nebula.extended = true
    let alignment = Self.alignment(sources)
    let plan = MeasurementPlan.make(stars: stars, alignment: alignment, readNoise: 5)
    #expect(plan.centroids == [.windowed, .forced, .forced, .forced])
    let extended = MeasurementPlan.make(stars: [nebula], alignment: alignment, readNoise: 5)
    #expect(extended.centroids == [.forced])
    var choices = MeasurementPlan.Choices()
    choices.centroid = .forced
    #expect(
      MeasurementPlan.make(stars: stars, alignment: alignment, readNoise: 5, choices: choices).centroids.allSatisfy {
        $0 == .forced
      })
  }

  @Test func neighboursContaminateAndAreMasked() {
    let alignment = Self.alignment([
      Self.source(1, 100, 100), Self.source(2, 106, 100), Self.source(3, 120, 100, flux: 3e6),
    ])
    let plan = MeasurementPlan.make(stars: [Self.target("T", 100, 100)], alignment: alignment, readNoise: 5)
    let filter = plan.filters[0]
    #expect(zip(filter.contamination, filter.contamination.dropFirst()).allSatisfy(<))
    #expect(filter.contamination.last! > 0.5)
    #expect(filter.neighbour == filter.contamination.map { $0 > 0.02 })
    // The star at 120 lies in the annulus (16 to 25 px); its halo reaches further than the 2 FWHM of faint stars.
    let masked = filter.masked[0].map(\.centre.x)
    #expect(masked.contains(120))
    #expect(filter.masked[0].first { $0.centre.x == 120 }!.radius > 8)
  }

  /// 5 px apart at 4 px FWHM detection sees one star: both that the user names have a neighbour of unknown light.
  @Test func twoNamedStarsInOneSourceAreNeighbours() {
    let alignment = Self.alignment([Self.source(1, 100, 100), Self.source(2, 300, 200)])
    let stars = [Self.target("A", 100.4, 100), Self.target("B", 105, 100), Self.target("C", 300, 200)]
    let plan = MeasurementPlan.make(stars: stars, alignment: alignment, readNoise: 5)
    let radii = plan.filters[0].radii.count
    #expect(plan.filters[0].neighbour[0..<2 * radii].allSatisfy { $0 })
    #expect(!plan.filters[0].neighbour[(2 * radii)...].contains(true))
    #expect(plan.centroids == [.forced, .forced, .windowed])
    // Further away it would have been seen for itself.
    let apart = MeasurementPlan.make(
      stars: [stars[0], Self.target("B", 108, 100)], alignment: alignment, readNoise: 5)
    #expect(!apart.filters[0].neighbour[0..<radii].contains(true))
  }

  @Test func haloesLeaveSomeSky() {
    // A star of a hundred million electrons beside the target would cover all of its annulus.
    let alignment = Self.alignment([Self.source(1, 112, 100, flux: 1e8), Self.source(2, 100, 100)])
    let plan = MeasurementPlan.make(stars: [Self.target("T", 100, 100)], alignment: alignment, readNoise: 5)
    let filter = plan.filters[0]
    var open = 0
    for y in 40...160 {
      for x in 40...160 {
        let p = PixelPoint(x: Double(x), y: Double(y))
        let r = p.distance(to: PixelPoint(x: 100, y: 100))
        guard r > filter.annulus.inner && r <= filter.annulus.outer else { continue }
        if filter.masked[0].allSatisfy({ p.distance(to: $0.centre) > $0.radius }) { open += 1 }
      }
    }
    #expect(open >= SkyEstimate.unsure)
  }

  @Test func anExtendedTargetAddsItsOneRadius() {
    var nebula = Self.target("T", 100, 100)
    nebula.extended = true
    let frames =
      (1...9).map { Self.frame($0, fwhm: 4) } + [Self.frame(10, fwhm: 6), Self.frame(11, filter: "B", fwhm: 6)]
    var choices = MeasurementPlan.Choices()
    choices.pixelScale = 0.25
    let plan = MeasurementPlan.make(
      stars: [nebula], alignment: Self.alignment([], frames: frames), readNoise: 5, choices: choices)
    // 5 arcsec are 20 px, more than 2.5 x 6.
    for filter in plan.filters {
      #expect(filter.radii.contains(20))
      #expect(filter.annulus.inner > 20)
    }
  }

  @Test func chosenRadiiAndAnnulusAreUsedAsTheyAre() {
    var choices = MeasurementPlan.Choices()
    choices.radii = [8, 3, 5]
    choices.annulus = AnnularAperture(inner: 12, outer: 20)
    let plan = MeasurementPlan.make(
      stars: [], alignment: Self.alignment([]), readNoise: 5, choices: choices)
    #expect(plan.filters[0].radii == [3, 5, 8])
    #expect(plan.filters[0].annulus == AnnularAperture(inner: 12, outer: 20))
  }

  @Test func ownAperturesAreEverybodys() {
    var target = Self.target("T", 100, 100)
    target.own.aperture = PlannedAperture(.ellipse, [8, 4.5, 30])
    target.own.annulus = AnnularAperture(inner: 14, outer: 19)
    target.own.centroid = .gaussian
    let other = Self.target("U", 300, 100)
    let alignment = Self.alignment([Self.source(1, 100, 100), Self.source(2, 300, 100)])
    let plan = MeasurementPlan.make(stars: [target, other], alignment: alignment, readNoise: 5)
    let filter = plan.filters[0]
    #expect(filter.radii == (ApertureDefaults.radii(fwhm: 4) + [6]).sorted())
    #expect(filter.apertures.map(\.kind).filter { $0 == .ellipse }.count == 1)
    #expect(plan.stars[0].radius == 6 && plan.stars[1].radius.isNaN)
    #expect(filter.annulus(of: 0) == target.own.annulus && filter.annulus(of: 1) == filter.annulus)
    #expect(plan.centroids == [.gaussian, .windowed])
    #expect(filter.phase != nil)
  }

  @Test func anExtendedTargetHasThreeRadiiAndUsesTheMiddleOne() {
    var nebula = Self.target("T", 100, 100)
    nebula.extended = true
    let plan = MeasurementPlan.make(stars: [nebula], alignment: Self.alignment([]), readNoise: 5)
    #expect(plan.stars[0].radius == 10)
    #expect([8, 10, 12.5].allSatisfy(plan.filters[0].radii.contains))
  }

  /// Nine bright neighbours all around: their haloes cover most of the usual annulus, 16 to 25 px.
  @Test func inACrowdTheAnnulusComesNearer() {
    var sources = [Self.source(1, 200, 150, flux: 20_000)]
    for k in 0..<9 {
      let angle = Double(k) * 0.7
      sources.append(
        CatalogSource(
          name: "n\(k)", position: PixelPoint(x: 200 + 36 * cos(angle), y: 150 + 36 * sin(angle)), flux: 130_000,
          fwhm: 4))
    }
    let plan = MeasurementPlan.make(
      stars: [Self.target("T", 200, 150)], alignment: Self.alignment(sources), readNoise: 5)
    let filter = plan.filters[0]
    let annulus = filter.annulus(of: 0)
    #expect(annulus.inner == 12)
    // Halfway to stars brighter by more than 1.5 mag, rounded up to 0.1 px.
    #expect(annulus.outer >= 18 && annulus.outer <= 18.1)
  }

  // MARK: Profile

  @Test func profileHoldsItsLightAndItsWidth() {
    let profile = StarProfile(fwhm: 5)
    #expect(abs(profile.surface(at: 2.5) / profile.surface(at: 0) - 0.5) < 1e-12)
    #expect(profile.enclosed(1e6) > 0.999_999)
    let r = profile.radius(flux: 1e5, level: 2)
    #expect(abs(1e5 * profile.surface(at: r) - 2) < 1e-9)
    #expect(profile.radius(flux: 1, level: 2) == 0)
    // Against a sum over small cells: 0.05 px cells of the circle, even within a cell to 1e-4.
    let circle = CircularAperture(radius: 4 / 0.05)
    let weights = circle.weights(centeredAt: PixelPoint(x: 0, y: 0))
    var sum = 0.0
    for row in 0..<weights.height {
      for column in 0..<weights.width {
        let x = Double(weights.x + column) * 0.05 + 6
        let y = Double(weights.y + row) * 0.05
        let w = weights.fractions[row * weights.width + column]
        if w > 0 { sum += w * 0.0025 * profile.surface(at: (x * x + y * y).squareRoot()) }
      }
    }
    // The ring sum has 48 steps: good to a thousandth.
    #expect(abs(profile.fraction(within: 4, offset: 6) / sum - 1) < 2e-3)
    #expect(abs(profile.fraction(within: 4, offset: 1e-9) / profile.enclosed(4) - 1) < 1e-3)
  }
}
