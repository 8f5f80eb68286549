import ElnathTestSupport
import Testing

@testable import ElnathCore

@Suite struct NoiseTests {
  static let site = Site(longitude: -111.6, latitude: 31.96, altitude: 2096, aperture: 0.9)

  /// Young's formula by hand: 1e-5 x 2.25 x 0.9^(-4/3) / 60 x 1.2^3 x exp(-0.524) = 4.4154e-7, of which the root is
  /// 6.645e-4.
  @Test func scintillationOfASmallTelescope() {
    let variance = Scintillation.relativeVariance(site: Self.site, exposure: 60, airmass: 1.2)
    #expect(abs(variance.squareRoot() - 6.645e-4) < 5e-7)
  }

  @Test func scintillationFollowsItsPowers() {
    let once = Scintillation.relativeVariance(site: Self.site, exposure: 30, airmass: 1)
    // Exact up to rounding of the products.
    #expect(abs(Scintillation.relativeVariance(site: Self.site, exposure: 120, airmass: 1) / once - 0.25) < 1e-12)
    #expect(abs(Scintillation.relativeVariance(site: Self.site, exposure: 30, airmass: 2) / once - 8) < 1e-12)
    // Beyond sec z = 3 the law no longer holds.
    #expect(abs(Scintillation.relativeVariance(site: Self.site, exposure: 30, airmass: 12) / once - 27) < 1e-11)
  }

  @Test func scintillationIsUnknownWithoutTelescopeOrTime() {
    var blind = Self.site
    blind.aperture = .nan
    #expect(Scintillation.relativeVariance(site: nil, exposure: 60, airmass: 1.2).isNaN)
    #expect(Scintillation.relativeVariance(site: blind, exposure: 60, airmass: 1.2).isNaN)
    #expect(Scintillation.relativeVariance(site: Self.site, exposure: .nan, airmass: 1.2).isNaN)
    #expect(Scintillation.relativeVariance(site: Self.site, exposure: 60, airmass: .nan).isNaN)
  }

  @Test func scatterContradictsTheModelOnlyBeyondItsOwnError() {
    let model = NoiseModel(gain: 1, readNoise: 5)
    let expected = model.skyVariance(level: 75, inverseFlat: 1)
    #expect(expected == 100)
    #expect(!model.contradicts(sigma: 129.0.squareRoot(), count: 1000, level: 75, inverseFlat: 1))
    #expect(model.contradicts(sigma: 131.0.squareRoot(), count: 1000, level: 75, inverseFlat: 1))
    #expect(model.contradicts(sigma: 69.0.squareRoot(), count: 1000, level: 75, inverseFlat: 1))
    // With 50 pixels 4 sqrt(2/50) = 80 per cent.
    #expect(!model.contradicts(sigma: 170.0.squareRoot(), count: 50, level: 75, inverseFlat: 1))
  }

  @Test func lightBelowZeroHasNoPhotonNoise() {
    let model = NoiseModel(gain: 1, readNoise: 3, dark: 2)
    var sums = ApertureSums()
    sums.add(1, -40, 1, 0)
    sums.add(1, 10, 1, 0)
    let budget = ErrorBudget(model: model, sums: sums, sky: -1)
    // -30 e- of photons in all: clipped once for the whole aperture.
    #expect(budget.source == 0 && budget.sky == 0)
    #expect(budget.readNoise == 18 && budget.dark == 4)
  }

  @Test func measuredScatterStandsAlone() {
    var sums = ApertureSums()
    sums.add(0.5, 200, 1, 0)
    sums.add(1, 120, 1, 0)
    let budget = ErrorBudget(measured: 4, sums: sums, sky: 100)
    #expect(budget.sky == 1.25 * 16)
    #expect(budget.source == 0.25 * 100 + 20)
    #expect(budget.readNoise.isNaN && budget.dark.isNaN && budget.digitisation.isNaN)
    #expect(budget.flux == budget.sky + budget.source)
  }
}
