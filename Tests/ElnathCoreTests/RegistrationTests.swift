import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct RegistrationTests {
  static let centre = PixelPoint(x: 511.5, y: 511.5)

  static func field(_ count: Int, seed: UInt64, size: Int = 1024) -> SyntheticField {
    SyntheticField(
      width: size, height: size,
      stars: SyntheticField.stars(
        count, width: size, height: size, margin: 0.3 * Double(size), flux: 2000...1e6, seed: seed))
  }

  static func align(_ frames: [FrameSources], reference: Int? = 1) -> Alignment? {
    SeriesAlignment()(
      frames.enumerated().map { SeriesFrame(number: $0.offset + 1, sources: $0.element) }, reference: reference)
  }

  static let cases: [SimilarityTransform] = [
    .turning(0, about: centre, shift: (30, -21)), .turning(0.05, about: centre, shift: (3, 2)),
    .turning(30, about: centre), .turning(180, about: centre, shift: (14, -9)),
    .turning(-97, about: centre, scale: 1.01), .turning(0, about: centre, mirrored: true),
    .turning(144, about: centre, mirrored: true, shift: (-40, 80)), .turning(5, about: centre, scale: 1.09),
    .turning(0, about: centre, scale: 0.92, shift: (200, -150)), .turning(0.3, about: centre, shift: (420, 380)),
  ]

  @Test(arguments: cases, [60, 400, 5000]) func findsAnyTransform(truth: SimilarityTransform, count: Int) throws {
    let field = Self.field(count, seed: 17)
    let frames = [
      field.sources(seed: 1, missing: 0.1, spurious: 5),
      field.sources(seed: 2, transform: truth, missing: 0.15, spurious: count / 10),
    ]
    let alignment = try #require(Self.align(frames))
    let found = try #require(alignment.frames[1].registration)
    #expect(found.method == .stars)
    #expect(found.transform.mirrored == truth.mirrored)
    // Some 15 pairs in the worst case, each good to 0.07 px, extrapolated to the corners of the frame.
    #expect(found.transform.departure(from: truth, width: 1024, height: 1024) < 0.25)
    // Errors of 0.05 px on both frames make 0.07 px.
    #expect(found.residual > 0.04 && found.residual < 0.1)
    let moved = truth(Self.centre)
    #expect(abs(alignment.frames[1].shiftX - (moved.x - Self.centre.x)) < 0.1)
    #expect(abs(alignment.frames[1].shiftY - (moved.y - Self.centre.y)) < 0.1)
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func eightStarsAreEnough(seed: UInt64) throws {
    var field = Self.field(0, seed: 0)
    field.stars = SyntheticField.stars(8, width: 900, height: 900, flux: 5000...100_000, seed: 100 + seed)
    let truth = SimilarityTransform.turning(
      Double(seed) * 18.7, about: PixelPoint(x: 450, y: 450), mirrored: seed % 2 == 1, shift: (30, 40))
    let frames = [
      field.sources(seed: seed, spurious: 1), field.sources(seed: seed + 50, transform: truth, spurious: 2),
    ]
    let alignment = try #require(Self.align(frames))
    // Turned by 45 degrees, the corners of the square leave the frame; five common stars are the least that can prove it.
    let common = field.stars.count { truth($0.position).lies(inWidth: 1024, height: 1024) }
    if common >= 6 {
      let found = try #require(alignment.frames[1].registration)
      #expect(found.transform.departure(from: truth, width: 900, height: 900) < 0.6)
    }
  }

  @Test(arguments: [6, 12, 40, 150, 600, 3000]) func anotherFieldIsNeverMatched(count: Int) throws {
    for seed in 0..<(count > 500 ? 4 : 30) as Range<UInt64> {
      let frames = [
        Self.field(count, seed: 2 * seed + 1000).sources(seed: seed),
        Self.field(count, seed: 2 * seed + 1001).sources(seed: seed + 1),
      ]
      guard frames.allSatisfy({ !$0.sources.isEmpty }) else { continue }
      let other = try #require(Self.align(frames)).frames[1]
      #expect(other.status == .rejected)
      #expect(other.flags.contains(.notRegistered))
      #expect(other.registration == nil && other.shiftX.isNaN)
      #expect(other.reason.contains("star"))
    }
  }

  @Test func accuracyOnPixels() throws {
    // The accuracy that is promised for 4096 x 4112 px and 200 stars, on a smaller frame with as many stars.
    let size = 1024
    var centreErrors: [Double] = []
    var fieldErrors: [Double] = []
    for seed in 0..<4 as Range<UInt64> {
      let field = SyntheticField(
        width: size, height: size,
        stars: SyntheticField.stars(
          250, width: size, height: size, margin: 40, flux: 8000...300_000, seed: 40 + seed))
      let truth = SimilarityTransform.turning(0.05, about: Self.centre, shift: (30.3, -21.7))
      let frames = [field.frame(seed: seed), field.frame(seed: seed + 10, transform: truth)].map {
        SourceDetection()($0)
      }
      let found = try #require(Self.align(frames)?.frames[1].registration)
      centreErrors.append(found.transform(Self.centre).distance(to: truth(Self.centre)))
      var squares = 0.0
      for i in 0...10 {
        for j in 0...10 {
          let p = PixelPoint(x: Double(i * size) / 10, y: Double(j * size) / 10)
          let d = found.transform(p).distance(to: truth(p))
          squares += d * d / 121
        }
      }
      fieldErrors.append(squares.squareRoot())
    }
    #expect(Median.of(centreErrors) < 0.003)
    #expect(Median.of(fieldErrors) < 0.006)
  }

  /// The same at full size: one pair of frames on pixels, and the errors that are foretold.
  @Test func accuracyAtFullSize() throws {
    let (width, height) = (4096, 4112)
    let centre = PixelPoint(x: 2047.5, y: 2055.5)
    let field = SyntheticField(
      width: width, height: height,
      stars: SyntheticField.stars(260, width: width, height: height, margin: 40, flux: 20_000...400_000, seed: 4))
    let truth = SimilarityTransform.turning(0.05, about: centre, shift: (24.3, -17.7))
    let frames = [field.frame(seed: 1), field.frame(seed: 2, transform: truth)].map { SourceDetection()($0) }
    let found = try #require(Self.align(frames)?.frames[1].registration)
    #expect(found.matched >= 200)
    #expect(found.transform(centre).distance(to: truth(centre)) < 0.003)
    var squares = 0.0
    for i in 0...10 {
      for j in 0...10 {
        let p = PixelPoint(x: Double(i * width) / 10, y: Double(j * height) / 10)
        let d = found.transform(p).distance(to: truth(p))
        squares += d * d / 121
        // The error is that along one axis.
        #expect(d < 3 * max(found.centreError, found.cornerError) * 2.0.squareRoot())
      }
    }
    #expect(squares.squareRoot() < 0.006)
    #expect(found.centreError < 0.003 && found.cornerError < 0.006)
  }
}
