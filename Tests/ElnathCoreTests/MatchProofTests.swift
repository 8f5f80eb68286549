import Testing

@testable import ElnathCore

@Suite struct MatchProofTests {
  // P(N >= k) of a Poisson distribution, from tables (1 - cumulative).
  @Test(arguments: [(1, 1.0, 0.632121), (3, 1.0, 0.080301), (5, 2.0, 0.052653), (12, 4.0, 0.000915)])
  func poissonTail(k: Int, mean: Double, wanted: Double) {
    // The series is cut at 0.1 per cent.
    #expect(abs(MatchProof.poissonTail(from: k, mean: mean) / wanted - 1) < 2e-3)
  }

  @Test func fewPairsNeverProve() {
    let proof = MatchProof(pairs: 2, rms: 0.1, radius: 2, here: 2, there: 2, area: 1e6, free: 0, trials: 1)
    #expect(!proof.holds)
  }

  @Test func moreTrialsNeedMorePairs() {
    func needed(_ trials: Double) -> Int {
      MatchProof(pairs: 9, rms: 0.1, radius: 4, here: 20, there: 20, area: 1e6, free: 2, trials: trials).needed
    }
    #expect(needed(1) < needed(1e4))
  }

  @Test func pairsThatFillTheCircleDoNotProve() {
    #expect(!MatchProof(pairs: 50, rms: 1.42, radius: 2, here: 60, there: 60, area: 1e6, free: 2, trials: 1).holds)
    #expect(MatchProof(pairs: 50, rms: 0.3, radius: 2, here: 60, there: 60, area: 1e6, free: 2, trials: 1).holds)
  }

  @Test func noCommonAreaProvesNothing() {
    #expect(!MatchProof(pairs: 50, rms: 0.3, radius: 2, here: 60, there: 60, area: 0, free: 2, trials: 1).holds)
  }
}
