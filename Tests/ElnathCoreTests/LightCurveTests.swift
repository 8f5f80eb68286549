// Light curves of simulated series: what must come back, what must be refused, and error bars that hold.
import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct LightCurveTests {
  /// A wavy transparency of a few tenths of a magnitude.
  private static let losses = (0..<120).map { 0.2 + 0.2 * sin(Double($0) / 9) }

  private func simulation(target rate: Double = 3000, comparisons: Int = 12) -> PhotometrySimulation {
    var simulation = PhotometrySimulation(target: rate, comparisons: comparisons)
    simulation.losses = Self.losses
    return simulation
  }

  private func build(
    _ table: PhotometryTable, _ context: LightCurveContext = LightCurveContext(),
    _ change: (inout LightCurveBuilder) -> Void = { _ in }
  ) -> LightCurves {
    var builder = LightCurveBuilder()
    change(&builder)
    return builder(table, context: context)
  }

  // MARK: Science

  /// A young star that rises or fades by 1.5 mag in a night keeps every point, and its curve comes back.
  @Test(arguments: EnsembleMethod.allCases, [-1.5, 1.5])
  func aRisingOrFadingTargetKeepsAllPoints(method: EnsembleMethod, change: Double) throws {
    var simulation = simulation()
    let rise = (0..<120).map { change * Double($0) / 119 }
    simulation.members[0].change = rise
    let curve = try #require(build(simulation(seed: 1)) { $0.method = method }.curves.first)
    #expect(curve.points.count == 120)
    #expect(curve.points.allSatisfy { $0.used && $0.reason.isEmpty })
    var squares = 0.0
    for (frame, point) in curve.points.enumerated() {
      let pull = (point.deltaMagnitude - (rise[frame] - change / 2)) / point.deltaMagnitudeError
      squares += pull * pull
    }
    // 120 pulls scatter by 1 +- 0.065; the median of the curve adds its own error.
    #expect(abs((squares / 120).squareRoot() - 1) < 0.2)
  }

  /// Errors of constant targets from 40,000 down to 300 electrons: pulls of sigma 1 +- 0.05, 3600 each.
  @Test(arguments: [700.0, 100, 20, 5]) func errorBarsHold(rate: Double) {
    var squares = 0.0
    var n = 0.0
    for seed in 0..<30 {
      let table = simulation(target: rate)(seed: UInt64(seed))
      guard let curve = build(table).curves.first else { continue }
      // Faint fluxes are symmetric, their magnitudes are not.
      for point in curve.points where point.used {
        let pull = (point.relativeFlux - 1) / point.relativeFluxError
        squares += pull * pull
        n += 1
      }
    }
    #expect(n == 3600)
    let sigma = (squares / n).squareRoot()
    #expect(abs(sigma - 1) < 0.05, "sigma of pulls \(sigma)")
  }

  /// Unexpected scatter of 10 mmag in every star: the scaled errors hold it, the others don't.
  @Test func scaledErrorsHoldWhatComparisonStarsShow() {
    var plain = 0.0
    var scaled = 0.0
    for seed in 0..<20 {
      var simulation = simulation()
      var random = SeededGenerator(seed: UInt64(seed), part: 99)
      for i in simulation.members.indices {
        simulation.members[i].change = (0..<120).map { _ in 0.01 * random.normal() }
      }
      guard let curve = build(simulation(seed: UInt64(seed))).curves.first else { continue }
      for point in curve.points {
        plain += pow(point.deltaMagnitude / point.deltaMagnitudeError, 2)
        scaled += pow(point.deltaMagnitude / point.deltaMagnitudeErrorScaled, 2)
      }
    }
    #expect((plain / 2400).squareRoot() > 1.5)
    // The floor of each run comes from some ten stars: 3 per cent a run, and the sampling error of 2400 pulls.
    #expect(abs((scaled / 2400).squareRoot() - 1) < 0.07)
  }

  /// The curve, its zero points and the check star under a variable comparison star and cloud of up to 3 mag.
  @Test func cloudsAndAVariableStar() throws {
    var simulation = simulation(target: 2000, comparisons: 15)
    simulation.losses = (0..<120).map { $0 < 60 ? 0.1 : 0.1 + 1.5 * (1 - cos(Double($0) / 3)) }
    simulation.members[3].change = (0..<120).map { 0.05 * sin(Double($0) / 5) }
    let result = build(simulation(seed: 2))
    let curve = try #require(result.curves.first)
    let verdict = try #require(result.comparisons.first { $0.star == "S3" })
    #expect(!verdict.used && verdict.reason.contains("variable: "))
    // The curve's zero point is its median, the truth's another: the difference is common to all frames.
    let differences = curve.points.enumerated().map { -$0.element.frame.zeroPoint - simulation.losses[$0.offset] }
    let common = Median.of(differences)
    let pulls = zip(differences, curve.points).map { ($0 - common) / $1.frame.zeroPointError }
    let sigma = (pulls.reduce(0) { $0 + $1 * $1 } / 120).squareRoot()
    // One run of 120 frames that share the stars' means.
    #expect(abs(sigma - 1) < 0.25)
    #expect(curve.points.allSatisfy { $0.used })
    #expect(curve.points.allSatisfy { !$0.checkMagnitude.isNaN && $0.checkMagnitudeError > 0 })
  }

  // MARK: Columns

  @Test func everyLightFrameHasAPoint() throws {
    var table = simulation()(seed: 3)
    // Frame 5 could not be registered, frame 6 was put out of use, frame 7 only warns.
    table.measurements.removeAll { $0.frame == 5 }
    table.frames[4].status = .rejected
    table.frames[4].flags = .notRegistered
    table.frames[4].reason = "no transform"
    table.frames[5].status = .unused
    table.frames[5].reason = "clouds"
    table.frames[6].status = .flagged
    table.frames[6].flags = .seeing
    let points = try #require(build(table).curves.first).points
    #expect(points.map(\.frame.frame) == Array(1...120))
    #expect(!points[4].used && points[4].reason == "no transform" && points[4].flux.isNaN)
    #expect(points[4].flags == .notRegistered && points[4].relativeFlux.isNaN)
    // What was measured has its value, though it is not used.
    #expect(!points[5].used && points[5].reason == "clouds" && abs(points[5].deltaMagnitude) < 0.1)
    #expect(points[6].used && points[6].flags.contains(.seeing))
  }

  @Test func aStarsOwnRules() throws {
    var table = simulation()(seed: 4)
    let rules: [(QualityFlags, String)] = [
      (.saturated, "saturated"), (.pastEdge, "past the edge"), (.maskedCore, "bad or missing pixel in the star"),
    ]
    for (frame, rule) in rules.enumerated() {
      for aperture in 0..<10 { table.measurements[frame][0, aperture].flags.insert(rule.0) }
    }
    for aperture in 0..<10 { table.measurements[3][0, aperture].flux = .nan }
    // A bad pixel out in the wing warns; light below zero is light; a faint star is no bad point.
    for aperture in 0..<10 { table.measurements[4][0, aperture].flags.insert(.maskedPixel) }
    for aperture in 0..<10 { table.measurements[5][0, aperture].flux = -10 }
    let points = try #require(build(table) { $0.radius = 5 }.curves.first).points
    for (frame, rule) in rules.enumerated() {
      #expect(!points[frame].used && points[frame].reason == rule.1 && points[frame].flags.contains(rule.0))
    }
    #expect(!points[3].used && points[3].reason == "no value")
    #expect(points[4].used && points[4].flags.contains(.maskedPixel))
    #expect(points[5].used && points[5].flux == -10 && points[5].magnitude.isNaN && points[5].relativeFlux < 0)
    #expect(!points[5].limitMagnitude.isNaN && points[6].limitMagnitude.isNaN)
    #expect(points[6].radius == 5 && points[6].aperture == "a5")
  }

  /// mag = zero point - 2.5 log10(flux/exposure), and every error from its terms.
  @Test func columnsHangTogether() throws {
    var table = simulation()(seed: 5)
    for frame in 0..<120 {
      for aperture in 0..<10 { table.measurements[frame][0, aperture].budget.flat = 4e6 }
      // The star moves by 3 px in the last frames.
      if frame >= 100 { table.measurements[frame].stars[0].position.x += 3 }
    }
    let points = try #require(build(table).curves.first).points
    #expect(abs(Median.of(points.map(\.frame.zeroPoint))) < 1e-12)
    for (frame, point) in points.enumerated() {
      #expect(abs(point.magnitude - (point.frame.zeroPoint - 2.5 * log10(point.flux / 60))) < 1e-12)
      let photon = point.fluxError / point.flux
      let relative = (photon * photon + point.ensembleVariance).squareRoot()
      #expect(abs(point.relativeFluxError / point.relativeFlux - relative) < 1e-12)
      #expect(abs(point.frame.zeroPointError - 1.0857362 * point.ensembleVariance.squareRoot()) < 1e-9)
      let withFlat = 1.0857362 * (relative * relative + 4e6 / (point.flux * point.flux)).squareRoot()
      #expect(abs(point.magnitudeError - withFlat) < 1e-9)
      #expect(abs(point.deltaMagnitudeError - (frame >= 100 ? withFlat : 1.0857362 * relative)) < 1e-9)
      #expect(point.deltaMagnitudeErrorScaled >= point.deltaMagnitudeError)
    }
    #expect(abs(Median.of(points.map(\.relativeFlux)) - 1) < 1e-12)
    #expect(abs(Median.of(points.map(\.deltaMagnitude))) < 1e-12)
  }

  @Test func catalogueMagnitudesTieTheScale() throws {
    var table = simulation()(seed: 6)
    for i in 1..<table.stars.count {
      let rate = simulation().members[i].rate
      // Photon rates through the aperture of 13.2 px hold all light: mag = 25 - 2.5 log10 rate.
      table.stars[i].magnitude = 25 - 2.5 * log10(rate)
      table.stars[i].band = "R"
    }
    let result = build(table) { $0.radius = 13.2 }
    let points = try #require(result.curves.first).points
    // The target has 3000 e-/s; 120 points of 4 mmag, and the tie of twelve stars.
    #expect(abs(Median.of(points.map(\.magnitude)) - (25 - 2.5 * log10(3000.0))) < 0.003)
    #expect(result.remarks.contains { $0.hasPrefix("R: magnitudes are tied to ") })
    for i in table.stars.indices { table.stars[i].band = "V" }
    let other = try #require(build(table) { $0.radius = 13.2 }.curves.first).points
    #expect(abs(Median.of(other.map(\.frame.zeroPoint))) < 1e-12)
  }

  @Test func sumIsTheRatioItself() throws {
    let table = simulation()(seed: 7)
    let result = build(table) {
      $0.method = .sum
      $0.comparisons = .named(["S1", "S2", "S3"])
      $0.radius = 5
    }
    let point = try #require(result.curves.first).points[10]
    let measured = (0..<4).map { table.measurements[10][$0, 4] }
    let total = measured[1].flux + measured[2].flux + measured[3].flux
    #expect(abs(point.relativeFlux - measured[0].flux / total) < 1e-15)
    let variance = (1...3).reduce(0) { $0 + measured[$1].budget.flux } / (total * total)
    #expect(abs(point.ensembleVariance - variance) < 1e-15)
    #expect(point.frame.comparisons == 3)
  }

  /// A star that is missing now and then would cost the sum those frames; the joint solution keeps it.
  @Test(arguments: EnsembleMethod.allCases) func aSumTakesStarsThatAreAlwaysThere(method: EnsembleMethod) throws {
    var table = simulation()(seed: 7)
    for frame in 40..<50 {
      let radii = table.measurements[frame].radii
      for aperture in 0..<radii { table.measurements[frame].apertures[3 * radii + aperture].flux = .nan }
    }
    let result = build(table) { $0.method = method }
    #expect(try #require(result.curves.first).points.allSatisfy { $0.used })
    let verdict = try #require(result.comparisons.first { $0.star == "S3" })
    #expect((verdict.reason == "without a value in 10 of 120 frames") == (method == .sum))
  }

  @Test func aCheckStarBeyondTheEdgeSaysNothing() throws {
    var table = simulation()(seed: 7)
    table.stars[4].role = .check
    let radii = table.measurements[20].radii
    for aperture in 0..<radii { table.measurements[20].apertures[4 * radii + aperture].flags.insert(.pastEdge) }
    let points = try #require(build(table).curves.first).points
    #expect(points.allSatisfy { $0.used })
    #expect(points.filter(\.checkMagnitude.isNaN).map(\.frame.frame) == [table.frames[20].frame])
    #expect(points[20].checkMagnitudeError.isNaN)
  }

  @Test func exposuresOfDifferentLength() throws {
    var table = simulation()(seed: 8)
    for frame in 60..<120 {
      table.frames[frame].exposure = 120
      for i in table.measurements[frame].apertures.indices {
        table.measurements[frame].apertures[i].flux *= 2
        table.measurements[frame].apertures[i].budget.source *= 4
        table.measurements[frame].apertures[i].budget.sky *= 4
      }
    }
    let points = try #require(build(table).curves.first).points
    let step = Median.of(points[60...].map(\.relativeFlux)) / Median.of(points[..<60].map(\.relativeFlux))
    // Sixty points of 4 mmag on either side.
    #expect(abs(step - 1) < 0.004)
  }

  // MARK: Choices

  @Test func aTargetIsNeverItsOwnComparison() {
    let result = build(simulation()(seed: 9)) { $0.comparisons = .named(["S1", "S2", "T", "nobody"]) }
    #expect(result.ensembles.first?.comparisons == ["S1", "S2"])
    #expect(result.comparisons.first { $0.star == "T" }?.reason == "is the target")
    #expect(result.remarks.contains { $0.contains("T cannot be a comparison star: it is the target") })
    #expect(result.remarks.contains { $0.contains("nobody is not among the stars") })
  }

  @Test func listedStarsAreTakenAsTheyAre() {
    var table = simulation()(seed: 10)
    table.stars[2].role = .comparison
    table.stars[5].role = .comparison
    #expect(build(table).ensembles.first?.comparisons == ["S2", "S5"])
    let automatic = build(table) { $0.comparisons = .automatic }
    #expect((automatic.ensembles.first?.comparisons.count ?? 0) > 8)
  }

  @Test func withoutComparisonStarsTheCurveIsInstrumental() throws {
    let result = build(simulation(comparisons: 0)(seed: 11))
    let points = try #require(result.curves.first).points
    #expect(points.allSatisfy { $0.used && $0.frame.comparisons == 0 && $0.ensembleVariance.isNaN })
    #expect(abs(points[0].magnitude + 2.5 * log10(points[0].flux / 60)) < 1e-12)
    #expect(result.remarks.contains { $0.contains("instrumental") })
  }

  @Test func framesWithoutCommonStars() throws {
    var table = simulation(comparisons: 8)(seed: 12)
    // A field that jumped: the first 80 frames see stars 1 to 4, the others 5 to 8.
    for frame in 0..<120 {
      for star in frame < 80 ? 5...8 : 1...4 {
        for aperture in 0..<10 { table.measurements[frame][star, aperture].flux = .nan }
      }
    }
    let result = build(table) { $0.comparisons = .named((1...8).map { "S\($0)" }) }
    let points = try #require(result.curves.first).points
    #expect(points[..<80].allSatisfy { $0.used })
    #expect(points[80...].allSatisfy { !$0.used && $0.flags.contains(.zeroPointDisjoint) })
  }

  @Test func theOrderOfMeasurementsDoesNotMatter() throws {
    var table = simulation()(seed: 13)
    let first = build(table)
    table.measurements.reverse()
    let second = build(table)
    #expect(first.curves.first?.points.map(\.deltaMagnitude) == second.curves.first?.points.map(\.deltaMagnitude))
    #expect(
      first.comparisons == second.comparisons || first.comparisons.map(\.reason) == second.comparisons.map(\.reason))
  }

  /// Photon noise under a bright sky asks for a small aperture, scintillation alone for none: then the smallest within
  /// 1 per cent of the best.
  @Test func theRadiusFollowsTheLikeStars() throws {
    var faint = simulation(target: 30, comparisons: 20)
    for i in 1...8 { faint.members[i].rate = 25 + 2 * Double(i) }
    faint.sky = 2000
    let small = try #require(build(faint(seed: 14)).curves.first).points[0].radius
    var bright = simulation(target: 20000, comparisons: 20)
    for i in 1...8 { bright.members[i].rate = 15000 + 1000 * Double(i) }
    bright.sky = 20
    bright.scintillation = 0
    let large = try #require(build(bright(seed: 14)).curves.first).points[0].radius
    // The signal to noise of a Gaussian star under sky is best at 0.68 FWHM = 2.7 px, and flat around it.
    #expect(small <= 3.6)
    // Photons alone: 1 - exp(-r^2/2 sigma^2) of them, within 3 per cent (6 in flux) of all from 1.5 FWHM on.
    #expect(large >= 3.6 && large <= 7.2)
    let set = try #require(build(faint(seed: 14)) { $0.radius = 6.2 }.curves.first).points[0].radius
    #expect(set == 6)
  }

  /// The scan says what the choice was made of: the least scatter, and the smallest radius within 1 per cent of it.
  @Test func theScanTellsWhyTheRadiusWasChosen() throws {
    var simulation = simulation(target: 3000, comparisons: 20)
    simulation.sky = 2000
    var table = simulation(seed: 14)
    let target = try #require(table.stars.firstIndex { $0.role == .target })
    for frame in table.measurements.indices {
      // From the eighth aperture on, of 8.8 px, the target has neighbours.
      for aperture in 7..<10 { table.measurements[frame][target, aperture].contamination = 0.05 }
    }
    let result = build(table)
    let scan = try #require(result.apertureScans.first)
    let chosen = try #require(result.curves.first).points[0].radius
    #expect(result.apertureScans.count == 1 && scan.target == "T" && scan.isAutomatic && scan.fwhm == 4)
    #expect(scan.points.map(\.radius) == simulation.radii)
    #expect(scan.points.allSatisfy { $0.stars >= 5 && $0.scatter > 0 })
    #expect(scan.points[scan.chosen].radius == chosen)
    #expect(scan.points[6].refusal.isEmpty && scan.points[7].refusal == "neighbours add 5.0 %")
    // 13.2 px are beyond three times 4 px, whatever the neighbours.
    #expect(scan.points[9].refusal == "beyond 3 FWHM")
    let eligible = scan.points.filter(\.refusal.isEmpty)
    let least = try #require(eligible.map(\.scatter).min())
    #expect(scan.points[scan.chosen].scatter <= 1.01 * least)
    #expect(eligible.filter { $0.radius < chosen }.allSatisfy { $0.scatter > 1.01 * least })
    // 120 frames tell a scatter to 7 per cent, the median of several stars to less; a fifth is never reached.
    for point in scan.points { #expect(abs(point.scatter / point.expected - 1) < 0.2, "\(point)") }
    // The target's own changes are not asked.
    simulation.members[0].change = (0..<120).map { 0.5 * Double($0 % 7 - 3) }
    let restless = try #require(build(simulation(seed: 14)).apertureScans.first)
    #expect(restless.points.map(\.stars) == scan.points.map(\.stars))
    // A given radius has a scan all the same.
    let given = try #require(build(table) { $0.radius = 6.2 }.apertureScans.first)
    #expect(!given.isAutomatic && given.points[given.chosen].radius == 6 && given.reason == "as set")
    #expect(given.points.map(\.scatter) == scan.points.map(\.scatter))
  }

  @Test func closeNeighboursMakeTheApertureSmall() throws {
    var table = PhotometrySimulation(comparisons: 12)(seed: 15)
    let target = try #require(table.stars.firstIndex { $0.role == .target })
    for frame in table.measurements.indices {
      for aperture in 0..<table.measurements[frame].radii {
        table.measurements[frame][target, aperture].contamination = 0.03 + 0.01 * Double(aperture)
      }
    }
    #expect(try #require(build(table).curves.first).points[0].radius == 2.4)
  }

  @Test func everyCandidateHasAVerdict() throws {
    let result = build(
      simulation(comparisons: 20)(seed: 15),
      {
        var context = LightCurveContext()
        context.arcsecPerPixel = 0.5
        return context
      }()
    ) { $0.wanted = 15 }
    #expect(result.comparisons.count == 20)
    let used = result.comparisons.filter(\.used)
    #expect(used.count == 15)
    #expect(abs(used.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
    for verdict in used {
      #expect(verdict.reason == "used" && verdict.influence > 0 && verdict.influence < 2)
      // 300 px of 0.5 arcsec.
      #expect(abs(verdict.distanceArcmin - 2.5) < 1e-9)
      #expect(verdict.chi2PerDof > 0.5 && verdict.chi2PerDof < 1.7)
    }
    #expect(result.comparisons.filter { $0.reason == "check star" }.count == 1)
    #expect(result.ensembles.first?.check != nil)
  }
}
