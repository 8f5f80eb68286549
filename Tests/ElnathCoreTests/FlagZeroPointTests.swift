import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well the light of frames under clouds is known.
@Suite struct FlagZeroPointTests {
  /// Light relative to the clear frames: what was found, its error and the truth.
  private struct Light {
    var found: Double
    var error: Double
    var truth: Double
    var pull: Double { (found - truth) / error }
  }

  private func lights(seed: UInt64, brightest: Double, cloud: (Int) -> Double) -> [Light] {
    var series = SyntheticSeries(seed: seed, brightest: brightest)
    series.seeingScatter = 0
    series.addNight("2025-01-01", start: 2_460_000.6, count: 60) { index, frame in frame.cloud = cloud(index) }
    let table = series.table()
    let stars = ZeroPointStars(table: table, rows: table.measurements.map { ($0.frame - 1, $0) })
    let zeroPoints = RunZeroPoints(stars, table: table)
    // The first 30 frames are clear.
    let clear = zeroPoints.frames.prefix(30).reduce(0) { $0 + $1.flux } / 30
    return zeroPoints.frames.dropFirst(30).enumerated().map { index, light in
      Light(found: light.flux / clear, error: light.fluxError / clear, truth: pow(10, -0.4 * cloud(index + 30)))
    }
  }

  private func moments(_ values: [Double]) -> (mean: Double, sigma: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot())
  }

  /// Up to 3 mag, where most stars still stand above the noise.
  @Test func cloudsOfUpToThreeMagnitudes() {
    var pulls: [Double] = []
    var biases: [Double] = []
    for seed in UInt64(1)...40 {
      for light in lights(seed: seed, brightest: 20000, cloud: { $0 < 30 ? 0 : 0.1 * Double($0 - 30) }) {
        pulls.append(light.pull)
        biases.append(light.found / light.truth - 1)
      }
    }
    let (mean, sigma) = moments(pulls)
    // The clear level is common to the 30 pulls of a seed, so the mean is known to 0.16 at worst, not to 0.03.
    #expect(abs(mean) < 0.3, "\(mean)")
    // The floor of 3 mmag on the jitter, which these stars do not have, makes bright frames' errors too large.
    #expect(sigma > 0.8 && sigma < 1.1, "\(sigma)")
    // Two mmag, in relative flux.
    #expect(abs(moments(biases).mean) < 0.002, "\(moments(biases))")
  }

  /// From 4 to 7 mag hardly a star rises above the noise; the sum of all must still tell the light without bias, and
  /// negative fluxes must count.
  @Test func cloudsBeyondTheNoise() {
    var pulls: [Double] = []
    var differences: [Double] = []
    for seed in UInt64(1)...40 {
      for light in lights(seed: seed, brightest: 2000, cloud: { $0 < 30 ? 0 : 4 + 0.1 * Double($0 - 30) }) {
        pulls.append(light.pull)
        differences.append(light.found - light.truth)
      }
    }
    let (mean, sigma) = moments(pulls)
    // 1200 independent pulls: the mean is known to 0.03, sigma to 0.02; Huber's weights cost a few per cent.
    #expect(abs(mean) < 0.1, "\(mean)")
    #expect(abs(sigma - 1) < 0.1, "\(sigma)")
    #expect(abs(moments(differences).mean) < 0.001, "\(moments(differences))")
  }

  @Test func trimmedVarianceOfANormalDistribution() {
    // Independent: scipy 1.17.1, truncnorm(-c, c).var() with c = norm.ppf((1 + p)/2), p = 0.9 and 0.8.
    #expect(abs(TruncatedNormal.variance(keeping: 0.9) - 0.6230155) < 1e-6)
    #expect(abs(TruncatedNormal.variance(keeping: 0.8) - 0.4377246) < 1e-6)
    #expect(TruncatedNormal.variance(keeping: 1) == 1)
  }

  @Test func weightedMedian() {
    #expect(WeightedMedian.of([]).isNaN)
    #expect(WeightedMedian.of([(3, 1), (1, 1), (2, 1)]) == 2)
    #expect(WeightedMedian.of([(1, 1), (2, 1)]) == 1.5)
    #expect(WeightedMedian.of([(1, 1), (2, 1), (9, 5)]) == 9)
    #expect(WeightedMedian.of([(.nan, 9), (4, 1), (7, 0)]) == 4)
  }

  @Test(arguments: [
    ("R", 0.10), ("r'", 0.10), ("Ha", 0.10), ("H-alpha", 0.10), ("Ic", 0.06), ("V", 0.15), ("Clear", 0.15),
    ("", 0.15), ("B", 0.25), ("U", 0.50),
  ])
  func extinctionByFilterName(filter: String, coefficient: Double) {
    #expect(Extinction.coefficient(filter: filter) == coefficient)
    #expect(Extinction.coefficient(filter: filter, given: [filter: 0.3]) == 0.3)
  }

  @Test func numbersInSentences() {
    #expect((0.05).brief == "0.050" && (0.7).brief == "0.70" && (12.34).brief == "12.3" && (431.6).brief == "432")
    #expect((-0.004).fixed(2) == "0.00" && (2.999).fixed(2) == "3.00" && (-1.25).fixed(1) == "-1.3")
  }
}
