// Which stars are taken for comparison: variable ones found, constant ones kept, in seeded simulations.
import ElnathCore
import ElnathTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ComparisonChoiceTests {
  /// Candidates of which stars 4 and 7 vary: by 20 mmag from frame to frame, and slowly by 20 mmag over the night.
  private func spoilt(_ seed: UInt64, frames: Int = 120) -> EnsembleProblem {
    var simulation = EnsembleSimulation()
    simulation.stars = 20
    simulation.frames = frames
    var problem = simulation(seed: seed).problem
    var random = SeededGenerator(seed: seed, part: 3)
    for frame in 0..<frames {
      problem.magnitudes[4 * frames + frame] += 0.02 * random.normal()
      problem.magnitudes[7 * frames + frame] += 0.02 * Double(frame) / Double(frames)
    }
    return problem
  }

  @Test func variablesAreFound() {
    var lost = 0
    for seed in 0..<20 {
      let result = ConstancyTest()(spoilt(UInt64(seed)))
      #expect(result.reasons[4].hasPrefix("variable: scatter "))
      #expect(result.reasons[7].hasPrefix("slow variable: means of 20 frames scatter by "))
      lost += 18 - result.survivors.count { $0 != 4 && $0 != 7 }
    }
    // The rate of constant stars refused is below 1.5 per cent (0.8 per cent below); 5 of 360 is that and a half.
    #expect(lost <= 8, "\(lost) of 360 constant stars refused")
  }

  /// Constant stars are refused at a rate of about 1 per cent at most, for few and many frames, bright and faint.
  @Test(arguments: [(12, 12), (12, 40), (40, 120), (30, 400)]) func constantStarsStay(stars: Int, frames: Int) {
    var refused = 0
    let runs = 1200 / stars
    for seed in 0..<runs {
      var simulation = EnsembleSimulation()
      simulation.stars = stars
      simulation.frames = frames
      simulation.errors = 0.002...0.02
      refused += stars - ConstancyTest()(simulation(seed: UInt64(seed)).problem).survivors.count
    }
    // 1 per cent and three times the Poisson error of 12.
    #expect(refused <= 22, "\(refused) of \(runs * stars)")
  }

  /// Errors that are all too small by the same factor make nobody a variable.
  @Test func commonErrorMakesNoVariable() {
    var problem = EnsembleSimulation()(seed: 1).problem
    for i in problem.variances.indices { problem.variances[i] /= 9 }
    #expect(ConstancyTest()(problem).survivors.count >= problem.stars - 1)
  }

  /// On a field that drifts over an imperfect flat all stars scatter by a few mmag, from frame to frame and slowly. The
  /// bright ones show it best, and stay; one that varies more than that does not.
  @Test func commonSystematicsMakeNoVariable() {
    var lost = 0
    var bright = 0
    for seed in 0..<10 {
      var simulation = EnsembleSimulation()
      simulation.stars = 30
      simulation.frames = 120
      simulation.errors = 0.002...0.02
      simulation.jitter = 0.004
      var problem = simulation(seed: UInt64(seed)).problem
      var random = SeededGenerator(seed: UInt64(seed), part: 1)
      for star in 0..<30 {
        let amplitude = star == 3 ? 0.03 : 0.004 * (0.8 + 0.4 * random.uniform())
        let phase = random.uniform(0..<6.28)
        for frame in 0..<120 { problem.magnitudes[star * 120 + frame] += amplitude * sin(Double(frame) / 15 + phase) }
      }
      let result = ConstancyTest()(problem)
      #expect(!result.survivors.contains(3))
      lost += 29 - result.survivors.count
      bright += (0..<10).count { result.survivors.contains($0) }
    }
    // Of the 90 brightest, whose own errors are half of the systematics and less; without allowance none would stay.
    #expect(bright >= 70, "\(bright) of 90")
    // Slow systematics of unequal size and phase cost some of the 290.
    #expect(lost <= 29, "\(lost) of 290")
  }

  @Test func threeAreLeftWhateverTheyDo() {
    var simulation = EnsembleSimulation()
    simulation.stars = 6
    var problem = simulation(seed: 1).problem
    var random = SeededGenerator(seed: 2)
    for i in problem.magnitudes.indices { problem.magnitudes[i] += Double(i / problem.frames) * 0.1 * random.normal() }
    #expect(ConstancyTest()(problem).survivors.count >= 3)
    let none = ConstancyTest()(EnsembleProblem(stars: 0, frames: 5, magnitudes: [], variances: []))
    #expect(none.survivors == [])
  }

  // MARK: Merit

  private func choose(
    _ change: (inout ComparisonChoice) -> Void = { _ in }, targetBrightness: Double = -13,
    places: [ComparisonChoice.Place]? = nil
  ) -> ComparisonChoice.Result {
    var simulation = EnsembleSimulation()
    simulation.stars = 20
    let truth = simulation(seed: 4)
    var choice = ComparisonChoice()
    change(&choice)
    return choice(
      truth.problem, target: truth.zeroPoints.map { targetBrightness + $0 },
      places: places ?? Array(repeating: ComparisonChoice.Place(), count: 20), airmassRange: 0.5)
  }

  @Test func theBestAreChosenAndOneChecks() throws {
    let result = choose()
    #expect(result.chosen.count == 15)
    // Without distance and colour, the brightest of those that stayed.
    let brightest = result.survivors.prefix(15)
    #expect(result.chosen.sorted() == Array(brightest))
    #expect(result.chosen == result.chosen.sorted())
    #expect(abs(result.targetMagnitude + 13) < 0.003)
    // Stars run from -15 to -11 in steps of 4/19 mag; the target of -13 lies between stars 9 and 10.
    let check = try #require(result.check)
    #expect([9, 10].contains(check))
    #expect(!result.survivors.contains(check))
    #expect(choose { $0.hasCheckStar = true }.check == nil)
    #expect(choose { $0.wanted = 5 }.chosen.count == 5)
  }

  /// The quietest star is worth more as comparison star, even when it is the one nearest to the target.
  @Test func theQuietestStarNeverChecks() throws {
    let result = choose(targetBrightness: -16)
    let quietest = result.tested.survivors.min {
      result.tested.statistics[$0].scatter < result.tested.statistics[$1].scatter
    }
    #expect(result.check != quietest)
    #expect(try #require(result.check) <= 1)
  }

  @Test func distanceAndColourCount() {
    // A degree away costs 6 mmag, a colour difference of 1 mag over half an airmass 5 mmag: the bright star 0 has 4.
    var places = Array(repeating: ComparisonChoice.Place(distanceArcmin: 0, colourDifference: 0), count: 20)
    places[0] = ComparisonChoice.Place(distanceArcmin: 60, colourDifference: 0)
    places[1] = ComparisonChoice.Place(distanceArcmin: 0, colourDifference: 1)
    let result = choose(places: places)
    #expect(result.chosen.first == 2)
    // sqrt(4^2 + 6^2) mmag against sqrt(4.4^2 + 5^2): star 1 comes first.
    let order = result.chosen.filter { $0 < 2 }
    #expect(order == [1, 0] || order.count < 2)
  }

  // MARK: Candidates

  private func candidates(
    _ change: (inout PhotometryTable) -> Void, context: LightCurveContext = LightCurveContext(),
    rule: ComparisonCandidates = ComparisonCandidates()
  ) -> ComparisonCandidates.Result {
    var table = PhotometrySimulation(comparisons: 8)(seed: 1)
    change(&table)
    return rule(FilterSeries(table, filter: "R"), aperture: 4, context: context)
  }

  /// Frames 0 up to `count` of star `star` get these flags in every aperture.
  private func flag(_ table: inout PhotometryTable, star: Int, _ count: Int, _ flags: QualityFlags) {
    for frame in 0..<count {
      for aperture in 0..<table.measurements[frame].radii {
        table.measurements[frame][star, aperture].flags.formUnion(flags)
      }
    }
  }

  @Test func everyRuleHasItsReason() {
    let result = candidates { table in
      flag(&table, star: 1, 12, .saturated)
      flag(&table, star: 2, 25, .pastEdge)
      flag(&table, star: 3, 24, .pastEdge)
      flag(&table, star: 4, 25, .maskedCore)
      for frame in 0..<120 { table.measurements[frame][5, 4].contamination = 0.042 }
      table.stars[6].role = .avoid
      table.stars[7].position = PixelPoint(
        x: table.stars[6].position.x + 1, y: table.stars[6].position.y)
    }
    #expect(result.stars == [3, 8])
    #expect(result.refused[1] == "saturated in 12 of 120 frames")
    #expect(result.refused[2] == "near the edge in 25 of 120 frames")
    #expect(result.refused[4] == "without a value in 25 of 120 frames")
    #expect(result.refused[5] == "contaminated 4.2 %")
    #expect(result.refused[6] == nil)
    #expect(result.refused[7] == "at the place of S6 (avoid)")
  }

  @Test func brightButNotTooBright() {
    var context = LightCurveContext()
    // S1 has 1.2e6 electrons in a Gaussian of FWHM 4 px: 66,000 in the central pixel.
    context.saturation = Array(repeating: 70_000, count: 120)
    let bright = candidates({ _ in }, context: context)
    #expect(bright.refused[1] == "above 80 % of saturation in 120 of 120 frames")
    #expect(bright.refused[3] == nil)
    // A rate of 5 e-/s gives 300 electrons over a noise of 128; 30 e-/s 1800 over 135.
    var table = PhotometrySimulation(comparisons: 8, rates: 5...20000)(seed: 1)
    table.stars[2].role = .comparison
    let result = ComparisonCandidates()(FilterSeries(table, filter: "R"), aperture: 4, context: LightCurveContext())
    #expect(result.stars.contains(2))
    #expect(result.refused[8]?.hasPrefix("S/N ") == true)
    // Six stars reach 50: the faint seventh stays out.
    #expect(result.stars.count >= 5)
    var rule = ComparisonCandidates()
    rule.excluded = ["S2"]
    #expect(
      rule(FilterSeries(table, filter: "R"), aperture: 4, context: LightCurveContext()).refused[2]
        == "excluded by the user")
    rule.most = 3
    #expect(rule(FilterSeries(table, filter: "R"), aperture: 4, context: LightCurveContext()).stars.count == 3)
  }

  @Test func nearTheEdgeTheSkyIsOneSided() {
    var context = LightCurveContext()
    context.width = 1000
    context.height = 1000
    context.annulus = 230
    // S1 lies at x = 800, 199 px from the edge.
    let result = candidates({ _ in }, context: context)
    #expect(result.refused[1] == "near the edge in 120 of 120 frames")
  }
}
