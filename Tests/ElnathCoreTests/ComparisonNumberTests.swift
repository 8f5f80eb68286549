// How many comparison stars are taken, and what more of them gain.
import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct ComparisonNumberTests {
  private let rule = ComparisonNumber()

  @Test func moreAreTakenWhileTheyShowInTheTarget() {
    let equal = Array(repeating: 1e-4, count: 100)
    // n stars of 1e-4 mag^2 leave 1e-4/n: 2 per cent of the target's variance from n = 50 on.
    #expect(rule(equal, target: 1e-4) == 50)
    #expect(rule(equal, target: 1e-2) == rule.usual)
    #expect(rule(equal, target: 1e-6) == rule.most)
    #expect(rule(Array(equal.prefix(30)), target: 1e-6) == 30)
    #expect(rule(Array(equal.prefix(7)), target: 1e-2) == 7)
    #expect(rule(equal, target: .nan) == rule.usual)
    #expect(rule([], target: 1e-4) == 0)
  }

  /// Rms of the zero points' true errors and the errors that they claim, over many runs, mag.
  private func errors(_ builder: LightCurveBuilder, _ simulation: PhotometrySimulation) -> (
    truth: Double, claimed: Double, count: Double
  ) {
    var (squares, variances, frames, stars, runs) = (0.0, 0.0, 0.0, 0, 0)
    for seed in 0..<20 {
      let curves = builder(simulation(seed: UInt64(seed)))
      guard let ensemble = curves.ensembles.first else { continue }
      stars += ensemble.comparisons.count
      runs += 1
      let off = ensemble.frames.enumerated().map { $1.zeroPoint + simulation.loss($0, radius: ensemble.radius) }
      let mean = off.reduce(0, +) / Double(off.count)
      for (error, frame) in zip(off, ensemble.frames) {
        squares += (error - mean) * (error - mean)
        variances += frame.zeroPointError * frame.zeroPointError
        frames += 1
      }
    }
    return ((squares / frames).squareRoot(), (variances / frames).squareRoot(), Double(stars) / Double(runs))
  }

  /// A bright target amid many faint stars: all help, by as much as their errors promise.
  @Test func theErrorsOfTheZeroPointsFallAsTheyClaim() {
    var simulation = PhotometrySimulation(target: 20_000, comparisons: 45, rates: 300...3000)
    simulation.losses = (0..<120).map { 0.1 * Double($0 % 17) / 17 }
    var builder = LightCurveBuilder()
    let many = errors(builder, simulation)
    builder.wanted = 15
    let few = errors(builder, simulation)
    #expect(few.count == 15)
    // One checks; a few constant ones may be refused.
    #expect(many.count > 40, "\(many.count)")
    // 2400 frames tell the rms to 1.5 per cent; jitter that is not known better than the floor of 1 mmag costs some more.
    for error in [few, many] { #expect(abs(error.truth / error.claimed - 1) < 0.08, "\(error)") }
    #expect(many.truth < 0.9 * few.truth, "\(many.truth) against \(few.truth)")
  }

  @Test func aFaintTargetNeedsNoMore() {
    let builder = LightCurveBuilder()
    let faint = errors(builder, PhotometrySimulation(target: 60, comparisons: 45, rates: 300...3000))
    #expect(faint.count == 15)
  }

  /// A star that is missing from a sum costs the frame.
  @Test func aSumStaysSmall() {
    var builder = LightCurveBuilder()
    builder.method = .sum
    let simulation = PhotometrySimulation(target: 20_000, comparisons: 45, rates: 300...3000)
    #expect(builder(simulation(seed: 1)).ensembles.first?.comparisons.count == 15)
  }
}
