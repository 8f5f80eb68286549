import ElnathCore
import Testing

@Suite("compare: two light curves, two tables of photometry")
struct CurveComparisonTests {
  private static func curve(
    _ count: Int = 60, seed: UInt64 = 1, scatter: Double = 0, change: (Int) -> Double = { _ in 0 }
  ) -> [ComparedValue] {
    var random = SeededGenerator(seed: seed)
    return (1...count).map { k in
      ComparedValue(
        ComparedValue.Key(frame: k), filter: "R", time: 2_458_867 + 0.002 * Double(k),
        value: 0.01 * Double(k % 7) + change(k) + scatter * random.normal(), error: 0.004)
    }
  }

  @Test("a curve is equal to itself and to itself with another zero")
  func constant() {
    let own = Self.curve()
    #expect(CurveComparison(own, own, kind: .lightCurve).isEqual)
    let found = CurveComparison(own, Self.curve { _ in 0.3 }, kind: .lightCurve)
    #expect(found.isEqual)
    #expect(abs(found.offsets[0].offset.value + 0.3) < 1e-12)
    #expect(found.mad < 1e-12 && found.beyond == 0)
  }

  @Test("fluxes have no free zero")
  func fluxes() {
    func table(_ factor: Double) -> [ComparedValue] {
      (1...20).flatMap { frame in
        ["A", "B"].map { star in
          ComparedValue(
            ComparedValue.Key(frame: frame, star: star, aperture: "a1"), value: factor * 100_000, error: 330)
        }
      }
    }
    #expect(CurveComparison(table(1), table(1.0005), kind: .photometry).isEqual)
    let found = CurveComparison(table(1), table(1.01), kind: .photometry)
    #expect(!found.isEqual)
    #expect(abs(found.ratio - 0.01) < 1e-12)
    // 1000 e- of an error of 330 sqrt 2.
    #expect(abs(abs(found.medianInErrors) - 1000 / (330 * 2.0.squareRoot())) < 1e-9)
  }

  @Test("independent noise passes, more than the errors say does not")
  func noise() {
    var failures = 0
    for seed in 0..<200 as Range<UInt64> {
      let one = Self.curve(seed: 2 * seed + 1, scatter: 0.004)
      let other = Self.curve(seed: 2 * seed + 2, scatter: 0.004)
      if !CurveComparison(one, other, kind: .lightCurve).isEqual { failures += 1 }
    }
    // Limits lie at five standard errors; a robust scatter of 60 values has longer tails.
    #expect(failures <= 4, "\(failures)")
    let wild = CurveComparison(
      Self.curve(seed: 1, scatter: 0.02), Self.curve(seed: 2, scatter: 0.02), kind: .lightCurve)
    #expect(!wild.isEqual && wild.tests.contains { $0.name == "scatter" && !$0.passes })
  }

  @Test("a drift, a point that is off, a point that is missing")
  func differences() {
    let own = Self.curve()
    let drift = CurveComparison(own, Self.curve { 0.0003 * Double($0) }, kind: .lightCurve)
    #expect(!drift.isEqual && drift.tests.contains { $0.name == "slope" && !$0.passes })
    // 0.0003 mag each 0.002 d.
    #expect(abs(drift.slope.value + 0.15) < 1e-9)
    let off = CurveComparison(own, Self.curve { $0 == 17 ? 0.05 : 0 }, kind: .lightCurve)
    #expect(off.tests.filter { !$0.passes }.map(\.name) == ["values"])
    #expect(off.tests.contains { $0.sentence.contains("frame 17") })
    var short = own
    short.remove(at: 4)
    short[0].value = .nan
    let missing = CurveComparison(own, short, kind: .lightCurve)
    #expect(missing.onlyFirst.map(\.frame) == [1, 5] && missing.onlySecond.isEmpty && !missing.isEqual)
    let turned = CurveComparison(short, own, kind: .lightCurve)
    #expect(turned.onlySecond.map(\.frame) == [1, 5] && turned.onlyFirst.isEmpty)
  }

  @Test("nothing in common is no equality")
  func nothing() {
    let found = CurveComparison(Self.curve(5), [], kind: .lightCurve)
    #expect(!found.isEqual && found.rows.isEmpty && found.median.isNaN)
  }
}
