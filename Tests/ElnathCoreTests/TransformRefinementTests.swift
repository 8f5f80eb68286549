import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much freedom a transform gets, and whether its errors are true.
@Suite struct TransformRefinementTests {
  static let size = 2048
  static let middle = PixelPoint(x: 1023.5, y: 1023.5)

  /// Two frames of one field, the second bent by `bend` after a turn.
  static func pair(_ count: Int, seed: UInt64, error: Double = 0.05, bend: (PixelPoint) -> PixelPoint = { $0 })
    -> (FrameSources, FrameSources, SimilarityTransform)
  {
    let field = SyntheticField(
      width: size, height: size,
      stars: SyntheticField.stars(count, width: size, height: size, margin: 60, flux: 2000...1e6, seed: seed))
    let truth = SimilarityTransform.turning(0.05, about: middle, shift: (21.3, -30.2))
    let here = field.sources(seed: seed + 1, error: error)
    var bent = field
    for k in bent.stars.indices { bent.stars[k].position = bend(truth(field.stars[k].position)) }
    return (here, bent.sources(seed: seed + 2, error: error), truth)
  }

  static func match(_ here: FrameSources, _ there: FrameSources, _ choice: TransformChoice = .auto) -> StarMatch? {
    let matcher = FrameMatcher(reference: StarList(here))
    let list = StarList(there)
    guard let match = matcher.nearby(.identity, to: list) ?? matcher.byPatterns(to: list) else { return nil }
    return matcher.completed(match, to: list, choice)
  }

  static let field: [PixelPoint] = (0..<81).map { k in
    let step = Double(size - 1) / 8
    return PixelPoint(x: step * Double(k % 9), y: step * Double(k / 9))
  }

  @Test func aSimilarityStaysOne() throws {
    for seed in 0..<40 as Range<UInt64> {
      let (here, there, _) = Self.pair(300, seed: 100 + 10 * seed)
      #expect(try #require(Self.match(here, there)).transform.kind == .similarity)
    }
  }

  /// Pulls of the transform over 200 pairs of frames, at the middle, at a corner and at an edge.
  @Test(arguments: [30, 250]) func errorsAreTrue(count: Int) throws {
    for place in [Self.middle, PixelPoint(x: 0, y: 0), PixelPoint(x: 2047, y: 900)] {
      var pulls: [Double] = []
      for seed in 0..<200 as Range<UInt64> {
        let (here, there, truth) = Self.pair(count, seed: 7000 + 10 * seed)
        guard let match = Self.match(here, there, .similarity) else { continue }
        let error = match.errors(place)
        let (found, wanted) = (match.transform(place), truth(place))
        pulls += [(found.x - wanted.x) / error, (found.y - wanted.y) / error]
      }
      #expect(pulls.count > 380)
      let rms = (pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)).squareRoot()
      // 400 pulls tell 1 to 3.5 per cent; the floor under the centroid errors, and a chi square above its number, widen
      // the errors of few stars by some per cent.
      #expect(rms > 0.85 && rms < 1.1, "\(rms) for \(count) stars at \(place)")
    }
  }

  /// Everywhere in the field within three times the predicted error: of 81 places on 20 pairs of frames, all along two
  /// axes that share four numbers a frame, one in a hundred may lie beyond.
  @Test func errorsHoldEverywhere() throws {
    var beyond = 0
    for seed in 0..<20 as Range<UInt64> {
      let (here, there, truth) = Self.pair(220, seed: 9000 + 10 * seed)
      let match = try #require(Self.match(here, there))
      for place in Self.field {
        let limit = 3 * match.errors(place) * 2.0.squareRoot()
        if match.transform(place).distance(to: truth(place)) > limit { beyond += 1 }
      }
    }
    #expect(beyond <= 16)
  }

  static let bends: [(FrameTransform.Kind, @Sendable (PixelPoint) -> PixelPoint)] = [
    // Differential refraction: one axis shrinks by 2 in 10 000.
    (.affine, { PixelPoint(x: $0.x, y: middle.y + ($0.y - middle.y) * 0.9998) }),
    // A tilted detector.
    (
      .quadratic,
      { p in
        let (u, v) = ((p.x - middle.x) / 1024, (p.y - middle.y) / 1024)
        return PixelPoint(x: p.x + 0.4 * u * u, y: p.y + 0.4 * u * v)
      }
    ),
    // Barrel distortion, 5 px in the corners: more than the radius within which pairs are sought.
    (
      .cubic,
      { p in
        let (u, v) = ((p.x - middle.x) / 1024, (p.y - middle.y) / 1024)
        let r2 = u * u + v * v
        return PixelPoint(x: p.x + 1.8 * u * r2, y: p.y + 1.8 * v * r2)
      }
    ),
  ]

  @Test(arguments: bends.indices) func freedomIsGivenWhereResidualsAskForIt(index: Int) throws {
    let (kind, bend) = Self.bends[index]
    let (here, there, truth) = Self.pair(500, seed: 77, bend: bend)
    let match = try #require(Self.match(here, there))
    #expect(match.transform.kind == kind)
    // Two centroids of 0.05 px.
    #expect(match.residual > 0.06 && match.residual < 0.085)
    for place in Self.field {
      let distance = match.transform(place).distance(to: bend(truth(place)))
      #expect(distance < 4 * match.errors(place) * 2.0.squareRoot(), "\(distance) at \(place)")
      #expect(match.errors(place) < 0.05)
    }
    // A similarity leaves what it cannot follow.
    let stiff = try #require(Self.match(here, there, .similarity))
    #expect(stiff.transform.kind == .similarity && stiff.residual > match.residual)
  }

  @Test func fewStarsKeepASimilarity() throws {
    let (here, there, _) = Self.pair(13, seed: 5, bend: Self.bends[2].1)
    if let match = Self.match(here, there) { #expect(match.transform.kind == .similarity) }
    let (more, others, _) = Self.pair(40, seed: 6, bend: Self.bends[0].1)
    let forced = try #require(Self.match(more, others, .affine))
    #expect(forced.transform.kind == .affine)
  }

  @Test func paulsonsApproximation() {
    // 5 per cent points of F from tables: F(2, 10) = 4.103, F(6, 60) = 2.254, F(10, 120) = 1.910, one-sided 1.645 sigma.
    for (terms, freedom, value) in [(2, 10, 4.103), (6, 60, 2.254), (10, 120, 1.910)] {
      let gained = value * Double(terms) / Double(freedom)
      let z = PolynomialFit.significance(squares: 1 + gained, less: 1, terms: terms, freedom: freedom)
      #expect(abs(z - 1.645) < 0.03)
    }
    #expect(PolynomialFit.significance(squares: 1, less: 1, terms: 2, freedom: 9) == 0)
  }
}
