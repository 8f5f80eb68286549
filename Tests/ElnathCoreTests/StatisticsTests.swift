import ElnathCore
import Testing

@Suite("statistics")
struct StatisticsTests {
  @Test("median of odd, even and empty lists; NaN does not count")
  func median() {
    #expect(Median.of([3, 1, 2]) == 2)
    #expect(Median.of([4, 1, 2, 3]) == 2.5)
    #expect(Median.of([5, .nan, 7]) == 6)
    #expect(Median.of([]).isNaN)
  }

  @Test("selection agrees with sorting", arguments: 1...60)
  func selection(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let values = (0..<count).map { _ in Double(Int(random.uniform() * 15)) }
    let sorted = values.sorted()
    for rank in 0..<count {
      var copy = values
      let found = copy.withUnsafeMutableBufferPointer { Median.select($0, count: count, rank: rank) }
      #expect(found == sorted[rank])
    }
    #expect(Median.of(values) == (sorted[(count - 1) / 2] + sorted[count / 2]) / 2)
  }

  @Test("counting whole numbers agrees with selection", arguments: 1...60)
  func counting(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    let level = Float(random.uniform() * 60_000).rounded()
    let values = (0..<count).map { _ in level + Float(Int(random.uniform() * 30)) }
    let counted = values.withUnsafeBufferPointer { Median.counted($0) }
    #expect(try #require(counted) == Median.of(values.map(Double.init)))
  }

  @Test("values that cannot be counted are left to selection")
  func uncountable() {
    for values in [[], [1, 2.5, 3], [1, .nan, 3], [1, 2, 5000], [.infinity, 1], [3e38, 1]] as [[Float]] {
      #expect(values.withUnsafeBufferPointer { Median.counted($0) } == nil)
    }
  }

  @Test("percentiles are linear between neighbours")
  func percentile() {
    #expect(Median.percentile([1, 2, 3, 4, 5], 0.25) == 2)
    #expect(Median.percentile([0, 10], 0.1) == 1)
    #expect(Median.percentile([], 0.5).isNaN)
  }

  @Test("a clip leaves wild values out and keeps integer data whose MAD is zero")
  func clip() {
    let clipped = SigmaClip()([10, 11, 9, 10, 10, 12, 8, 500])
    #expect(clipped.rejected == 1 && clipped.kept == 7 && clipped.mean == 10)
    let integers = SigmaClip(floor: 0.3)([13, 13, 13, 13, 13, 14, 13, 13, 13, 14])
    #expect(integers.kept >= 8)
    #expect(SigmaClip()([]).mean.isNaN)
    #expect(SigmaClip()([.nan, 4]).mean == 4)
  }

  @Test("robust sigma of a normal distribution")
  func robustSigma() {
    var random = SeededGenerator(seed: 5)
    let values = (0..<20000).map { _ in 3 + 2 * random.normal() }
    // The MAD estimate of 20,000 values is good to 1.17/sqrt(2 x 20000) = 0.8 per cent; 3 sigma of that.
    #expect(abs(RobustScale.sigma(values) / 2 - 1) < 0.025)
  }

  @Test("a polynomial is recovered in spite of outliers")
  func polynomial() {
    let x = (0..<100).map(Double.init)
    var y = x.map { 3 + 0.1 * $0 - 0.002 * $0 * $0 }
    y[20] += 50
    y[70] = .nan
    let fitted = Polynomial.fit(x, y, order: 2, domain: 0...99)
    // Exact but for rounding in a well-conditioned system of three unknowns.
    #expect(abs(fitted(50) - 3) < 1e-9)
    #expect(abs(fitted(0) - 3) < 1e-9)
  }

  @Test("normal equations give the closed-form covariance of a mean")
  func covariance() throws {
    var normal = NormalEquations(unknowns: 1)
    for value in [1.0, 2, 3] { normal.add(row: [1], value: value, weight: 4) }
    // The square root of the decomposition rounds once.
    #expect(abs(try #require(normal.solve())[0] - 2) < 1e-14)
    // Three values of variance 1/4 each.
    #expect(abs(try #require(normal.covariance())[0][0] - 1.0 / 12) < 1e-15)
    #expect(NormalEquations(unknowns: 2).solve() == nil)
  }

  @Test("a compensated sum keeps what a plain sum loses")
  func compensated() {
    var sum = CompensatedSum()
    for term in [1, 1e100, 1, -1e100] { sum += term }
    #expect(sum.value == 2)
  }

  @Test("Poisson and normal numbers have their moments", arguments: [0.5, 5, 11.9, 12, 40, 1000])
  func poisson(mean: Double) {
    var random = SeededGenerator(seed: 9)
    let n = 40000.0
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<Int(n) {
      let value = random.poisson(mean)
      sum += value
      squares += (value - mean) * (value - mean)
    }
    // Five standard errors of mean and variance.
    #expect(abs(sum / n - mean) < 5 * (mean / n).squareRoot())
    let varianceError = ((mean + 2 * mean * mean) / n).squareRoot()
    #expect(abs(squares / n - mean) < 5 * varianceError)
  }
}
