// The joint solution among stars that vary, jump or hide behind patches of cloud.
import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct EnsembleRobustnessTests {
  /// Median over seeds of the rms error of the zero points, mag.
  private func error(
    _ simulation: EnsembleSimulation, spoil: (inout EnsembleProblem, inout SeededGenerator) -> Void
  ) -> Double {
    Median.of(
      (0..<20).map { seed in
        let truth = simulation(seed: UInt64(seed))
        var problem = truth.problem
        var random = SeededGenerator(seed: UInt64(seed), part: 7)
        spoil(&problem, &random)
        let solution = Ensemble(floor: 0.001).solve(problem)
        let squares = zip(solution.zeroPoints, truth.zeroPoints).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (squares / Double(problem.frames)).squareRoot()
      })
  }

  @Test func oneVariableDoesLittleHarm() {
    let simulation = EnsembleSimulation()
    let clean = error(simulation) { _, _ in }
    let spoilt = error(simulation) { problem, random in
      // The brightest star varies by 100 mmag, its weight in a clean run would be 35 per cent.
      for frame in 0..<problem.frames { problem.magnitudes[frame] += 0.1 * random.normal() }
    }
    // Without that star the ideal is 1.25 times the clean error.
    #expect(spoilt < 1.5 * clean)
  }

  @Test func wildValuesDoLittleHarm() {
    let simulation = EnsembleSimulation()
    let clean = error(simulation) { _, _ in }
    let spoilt = error(simulation) { problem, random in
      for i in problem.magnitudes.indices where random.uniform() < 0.03 { problem.magnitudes[i] -= 0.5 }
    }
    // Huber's weights leave each wild value a pull of 2.5 sigma.
    #expect(spoilt < 1.4 * clean)
  }

  /// On frame 10 every star sees another cloud, of 50 mmag rms: its error grows to that, and no other frame's does.
  @Test func patchyCloudInflatesItsFrame() {
    var squares = 0.0
    for seed in 0..<40 {
      var simulation = EnsembleSimulation()
      simulation.stars = 12
      let truth = simulation(seed: UInt64(seed))
      let clean = Ensemble(floor: 0.001).solve(truth.problem)
      var problem = truth.problem
      var random = SeededGenerator(seed: UInt64(seed), part: 9)
      for star in 0..<problem.stars { problem.magnitudes[star * problem.frames + 10] += 0.05 * random.normal() }
      let solution = Ensemble(floor: 0.001).solve(problem)
      squares += solution.zeroPointVariances[10]
      #expect(solution.frameRMS[10] > 2 * clean.frameRMS[10])
      let others = (0..<problem.frames).filter { $0 != 10 }
      let ratio = Median.of(
        others.map { (solution.zeroPointVariances[$0] / clean.zeroPointVariances[$0]).squareRoot() })
      #expect(abs(ratio - 1) < 0.15)
    }
    // 50 mmag for a star anywhere in the field; the estimate from 12 stars each scatters by a fifth, the mean of 40 by
    // 3 per cent, and the means of the stars share a little of the patches.
    #expect(abs((squares / 40).squareRoot() - 0.05) < 0.008)
  }

  /// One star hit by a cosmic ray is no cloud: the error stays.
  @Test func oneWildStarIsNoCloud() {
    let truth = EnsembleSimulation()(seed: 1)
    var problem = truth.problem
    problem.magnitudes[3 * problem.frames + 10] -= 0.5
    let clean = Ensemble(floor: 0.001).solve(truth.problem)
    let solution = Ensemble(floor: 0.001).solve(problem)
    #expect(solution.zeroPointVariances[10] < 1.5 * clean.zeroPointVariances[10])
    #expect(abs(solution.zeroPoints[10] - clean.zeroPoints[10]) < 2.5 * clean.zeroPointVariances[10].squareRoot())
  }

  /// A frame outside the solution gets the zero point that it would have had within.
  @Test func frameOutsideTheSolution() {
    var simulation = EnsembleSimulation()
    simulation.frames = 80
    let truth = simulation(seed: 2)
    let problem = truth.problem
    let ensemble = Ensemble(floor: 0.001)
    let solution = ensemble.solve(problem)
    let column = { (values: [Double]) in (0..<problem.stars).map { values[$0 * problem.frames + 40] } }
    let offset = ensemble.offset(
      magnitudes: column(problem.magnitudes), variances: column(problem.variances), means: solution.means,
      jitter: solution.jitter)
    #expect(abs(offset.value - solution.zeroPoints[40]) < 1e-5)
    // The variance holds the floor, where the joint solution's has the excess as estimated.
    #expect(offset.variance > 0.7 * solution.zeroPointVariances[40])
    #expect(offset.variance < 2 * solution.zeroPointVariances[40])
    #expect(offset.count == 10)
    #expect(ensemble.offset(magnitudes: [.nan], variances: [1], means: [0], jitter: [0]).value.isNaN)
  }
}
