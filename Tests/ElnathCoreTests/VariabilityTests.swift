// Statistics of variability: closed forms, constant stars, variable ones.
import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("variability of stars")
struct VariabilityTests {
  private func statistics(
    _ magnitudes: [Double], errors: [Double], nights: [String]? = nil
  ) -> StarVariability {
    var series = VariabilityStatistics.Series()
    series.magnitudes = magnitudes
    series.variances = errors.map { $0 * $0 }
    series.nights = nights ?? magnitudes.map { _ in "a" }
    var row = StarVariability(star: "S", filter: "R")
    row.fill(series)
    return row
  }

  @Test("four points by hand")
  func byHand() {
    let row = statistics([1, 3, 1, 3], errors: [1, 1, 1, 1])
    #expect(row.count == 4)
    // About the mean 2: squares 1, 1, 1, 1 over 3.
    #expect(abs(row.rms - (4.0 / 3).squareRoot()) < 1e-12)
    #expect(row.expected == 1 && row.medianError == 1)
    #expect(abs(row.chi2PerDof - 4.0 / 3) < 1e-12)
    #expect(abs(row.excess - (1.0 / 3).squareRoot()) < 1e-12)
    // Steps of 2 three times: 12/3 over 4/3.
    #expect(abs(row.vonNeumann - 3) < 1e-12)
    // Two pairs of opposite departures: -sqrt(4/3) each.
    #expect(abs(row.stetsonJ + (4.0 / 3).squareRoot()) < 1e-12)
  }

  @Test("weights, points alone in their night, and departures together")
  func weightsAndNights() {
    // Weighted mean of 0 (weight 1) and 5 (weight 1/4): 1.
    let row = statistics([0, 5], errors: [1, 2], nights: ["a", "b"])
    #expect(abs(row.chi2PerDof - (1 + 16.0 / 4)) < 1e-12)
    // Alone: delta^2 - 1 with delta^2 = 2 x 1 and 2 x 4.
    let expected = (0.5 * 1 + 0.5 * 7.0.squareRoot()) / 1
    #expect(abs(row.stetsonJ - expected) < 1e-12)
    #expect(abs(row.expected - 2.5.squareRoot()) < 1e-12)
    let slow = statistics([0, 0, 1, 1], errors: [0.1, 0.1, 0.1, 0.1])
    #expect(slow.stetsonJ > 5 && slow.vonNeumann < 1.1)
  }

  @Test("one point tells nothing, none neither")
  func tooFew() {
    for count in 0...1 {
      let row = statistics(Array(repeating: 1, count: count), errors: Array(repeating: 0.1, count: count))
      #expect(row.count == count && row.rms.isNaN && row.stetsonJ.isNaN)
    }
  }

  /// Comparison stars, spare ones, the check star and the target, faint ones with negative fluxes among them: each has a
  /// row, and scatters as expected.
  @Test func constantStarsScatterAsExpected() {
    var (chi2, neumann, stetson, n) = (0.0, 0.0, 0.0, 0.0)
    for seed in 1...6 {
      var simulation = PhotometrySimulation(target: 40, comparisons: 20, rates: 300...20000)
      simulation.members[0].star.role = .target
      simulation.losses = (0..<120).map { 0.2 + 0.2 * sin(Double($0) / 9) }
      var faint = PhotometrySimulation.Member("F", .measure, rate: 6, x: 300, y: 300)
      faint.star.detected = false
      simulation.members.append(faint)
      let result = LightCurveBuilder()(simulation(seed: UInt64(seed)))
      #expect(result.variability.count == simulation.members.count)
      for row in result.variability {
        #expect(row.count == 120, "\(row.star)")
        chi2 += row.chi2PerDof
        neumann += row.vonNeumann
        stetson += row.stetsonJ
        n += 1
      }
    }
    // 132 stars of 120 points each: chi-square good to 0.011 and a little beyond since stars share zero points, the
    // von Neumann ratio to 0.016.
    #expect(abs(chi2 / n - 1) < 0.05, "\(chi2 / n)")
    #expect(abs(neumann / n - 2) < 0.06, "\(neumann / n)")
    #expect(abs(stetson / n) < 0.05, "\(stetson / n)")
  }

  @Test("an amplitude of 50 mmag is found in the excess, a comparison star is held against the others")
  func variables() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 10, rates: 2000...9000)
    simulation.members[0].change = (0..<120).map { 0.05 * 2.0.squareRoot() * sin(Double($0) / 8) }
    let result = LightCurveBuilder()(simulation(seed: 3))
    let target = try #require(result.variability.first { $0.star == "T" })
    #expect(abs(target.excess - 0.05) < 0.005)
    #expect(target.stetsonJ > 5)
    for verdict in result.comparisons where verdict.used {
      let row = try #require(result.variability.first { $0.star == verdict.star })
      // comparisons.csv clips, this does not.
      #expect(abs(row.chi2PerDof - verdict.chi2PerDof) < 0.05)
    }
    // In the target's own aperture it is the scatter of its curve.
    let points = try #require(result.curves.first).points.filter(\.used).map(\.deltaMagnitude)
    let mean = points.reduce(0, +) / 120
    let rms = (points.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 119).squareRoot()
    #expect(abs(target.rms - rms) < 1e-9)
  }

  @Test("the noise curve meets the scatter of constant stars from bright to faint")
  func noiseCurve() throws {
    var simulation = PhotometrySimulation(target: 3000, comparisons: 25, rates: 60...20000)
    simulation.frames = 300
    let table = simulation(seed: 5)
    var builder = LightCurveBuilder()
    builder.radius = 5
    let result = builder(table)
    let ensemble = try #require(result.ensembles.first)
    let error = Median.of(ensemble.frames.map(\.zeroPointError))
    let curve = NoiseCurve.points(result.variability, filter: "R", table: table, ensembleError: error)
    #expect(curve.count == 60)
    for row in result.variability {
      let nearest = try #require(curve.min { abs($0.magnitude - row.magnitude) < abs($1.magnitude - row.magnitude) })
      // 300 points give the scatter to 4 per cent; four of that for the worst of 26.
      #expect(abs(row.rms / nearest.total - 1) < 0.18, "\(row.star)")
    }
    #expect(NoiseCurve.points([], filter: "R", table: table, ensembleError: 0).isEmpty)
  }
}
