import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct AirmassTests {
  /// By hand: 244 / 165 degrees at the horizon; 244 / (165 + 47 x 30^1.1) = 0.113689 degrees at an altitude of 30.
  @Test func valuesByHand() {
    let degree = Double.pi / 180
    // Rounding alone.
    #expect(abs(Airmass.pickering(altitude: 0) - 1 / sin(244 / 165 * degree)) < 1e-12)
    // 5e-7 degrees of the rounded sum move 1 / sin by 3e-8.
    #expect(abs(Airmass.pickering(altitude: 30) - 1 / sin(30.113689 * degree)) < 4e-8)
    // The formula ends 0.04 degrees beyond the zenith, where 1 / sin still is 1 to 2e-7.
    #expect(abs(Airmass.pickering(altitude: 90) - 1) < 3e-7)
  }

  @Test func fallsFromTheHorizonUpwards() {
    // The formula turns 0.04 degrees before the zenith.
    let values = (0...898).map { Airmass.pickering(altitude: Double($0) / 10) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func noneBelowTheHorizon() {
    for altitude in [-1e-9, -30, 90.001, .nan, .infinity] { #expect(Airmass.pickering(altitude: altitude).isNaN) }
  }
}
