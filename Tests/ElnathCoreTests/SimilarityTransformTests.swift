import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct SimilarityTransformTests {
  static let transforms: [SimilarityTransform] = [
    .identity, SimilarityTransform(a: 0.9, b: 0.3, tx: 12, ty: -7),
    SimilarityTransform(a: -1, b: 0, tx: 1023, ty: 1023),
    SimilarityTransform(a: 0.2, b: -1.01, tx: -300, ty: 41, mirrored: true),
  ]

  @Test(arguments: transforms) func inverseUndoes(transform: SimilarityTransform) {
    let p = PixelPoint(x: 123.25, y: -45.5)
    // A few rounding errors of numbers of order 1000.
    #expect(transform.inverted(transform(p)).distance(to: p) < 1e-10)
    #expect(transform.inverse(transform(p)).distance(to: p) < 1e-10)
    #expect(transform.after(transform.inverted).departure(from: .identity, width: 1000, height: 800) < 1e-9)
  }

  @Test(arguments: transforms, transforms) func compositionAppliesOneAfterTheOther(
    first: SimilarityTransform, second: SimilarityTransform
  ) {
    let p = PixelPoint(x: 17, y: 230)
    #expect(second.after(first)(p).distance(to: second(first(p))) < 1e-9)
  }

  @Test(arguments: transforms) func fitFindsAnExactTransform(transform: SimilarityTransform) throws {
    var random = SeededGenerator(seed: 1)
    let from = (0..<9).map { _ in PixelPoint(x: random.uniform(0..<1000), y: random.uniform(0..<900)) }
    let found = try #require(
      SimilarityTransform.fit(
        from: from, to: from.map { transform($0) }, weights: from.map { 1 + $0.x }, mirrored: transform.mirrored))
    #expect(found.departure(from: transform, width: 1000, height: 900) < 1e-9)
  }

  @Test func fitNeedsTwoPlaces() {
    let p = PixelPoint(x: 3, y: 4)
    #expect(SimilarityTransform.fit(from: [p], to: [p], weights: [1], mirrored: false) == nil)
    #expect(SimilarityTransform.fit(from: [p, p], to: [p, p], weights: [1, 1], mirrored: false) == nil)
    #expect(SimilarityTransform.fit(from: [], to: [], weights: [], mirrored: false) == nil)
  }

  @Test func fitErrorIsThatOfTheWeights() throws {
    // With errors s the shift of n stars is known to s / sqrt n at their centre; half of them are ten times worse and
    // must not matter.
    var random = SeededGenerator(seed: 3)
    let n = 100
    var pulls: [Double] = []
    for _ in 0..<200 {
      let from = (0..<n).map { _ in PixelPoint(x: random.uniform(-500..<500), y: random.uniform(-500..<500)) }
      let errors = (0..<n).map { $0 % 2 == 0 ? 0.01 : 0.1 }
      let to = zip(from, errors).map { p, e in PixelPoint(x: p.x + e * random.normal(), y: p.y + e * random.normal()) }
      let weights = errors.map { 1 / ($0 * $0) }
      let found = try #require(SimilarityTransform.fit(from: from, to: to, weights: weights, mirrored: false))
      // At the weighted centroid of the stars shift and rotation are independent.
      let sum = weights.reduce(0, +)
      let centre = PixelPoint(
        x: zip(from, weights).reduce(0) { $0 + $1.0.x * $1.1 } / sum,
        y: zip(from, weights).reduce(0) { $0 + $1.0.y * $1.1 } / sum)
      pulls.append((found(centre).x - centre.x) * sum.squareRoot())
    }
    // The standard deviation of 200 pulls is good to 5 per cent; four times that.
    #expect(abs((pulls.reduce(0) { $0 + $1 * $1 } / 200).squareRoot() - 1) < 0.2)
  }
}
