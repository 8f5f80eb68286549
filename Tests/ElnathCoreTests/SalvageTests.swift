import ElnathTestSupport
import Testing

@testable import ElnathCore

/// Frames with hardly a star: the transform that time predicts, held against what there is.
@Suite struct SalvageTests {
  typealias Series = SeriesAlignmentTests

  static let clouded = 9

  /// A steady night of which one frame shows only `shown` of its stars, by brightness, and what `also` adds.
  static func night(shown: Range<Int>, move: (Int) -> SimilarityTransform = Series.drift, also: [Source] = [])
    -> (Alignment?, SimilarityTransform?)
  {
    let field = Series.field(800)
    var series = Series.series(field, 18, transform: move)
    let full = field.sources(seed: 77, transform: move(clouded))
    var few = full
    few.sources = (full.sources[shown] + also).sorted { $0.flux > $1.flux }
    series[clouded].sources = few
    let alignment = SeriesAlignment()(series)
    return (alignment, alignment.map { Series.truth($0, clouded, move) })
  }

  static func hit(_ x: Double, _ y: Double, fwhm: Double = 4) -> Source {
    Source(
      position: PixelPoint(x: x, y: y), positionVariance: 0.01, flux: 50_000, fluxError: 300, fwhm: fwhm,
      elongation: 1.1,
      peak: 3000, mask: [])
  }

  @Test(arguments: 1...4) func fewOfTheBrightestStarsAreEnough(count: Int) throws {
    let (alignment, truth) = Self.night(shown: 0..<count)
    let frame = try #require(alignment).frames[Self.clouded]
    let found = try #require(frame.registration)
    #expect(found.method == .predicted && frame.flags.contains(.predictedTransform))
    #expect(found.matched == count)
    let distance = found.transform.departure(from: try #require(truth), width: 800, height: 700)
    // The drift is good to some hundredths of a pixel, and so is each star.
    #expect(distance < 0.3, "\(distance)")
    #expect(found.centreError < 0.2)
  }

  @Test func noStarNoTransform() throws {
    let frame = try #require(Self.night(shown: 0..<0).0).frames[Self.clouded]
    #expect(frame.status == .rejected && frame.reason == "no stars" && frame.registration == nil)
  }

  /// A faint star through clouds that hide the bright ones is none; nor is a hit elsewhere.
  @Test func whatMayBeChanceProvesNothing() throws {
    for seed in 0..<30 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let hits = (0..<Int(1 + seed % 3)).map { _ in Self.hit(random.uniform(10..<790), random.uniform(10..<690)) }
      let frame = try #require(Self.night(shown: 0..<0, also: hits).0).frames[Self.clouded]
      #expect(frame.status == .rejected && frame.flags.contains(.notRegistered))
    }
  }

  @Test func aCosmicRayOnTheRightPlaceIsNoStar() throws {
    let place = Series.field(800).sources(seed: 77, transform: Series.drift(Self.clouded)).sources[0].position
    let frame = try #require(Self.night(shown: 0..<0, also: [Self.hit(place.x, place.y, fwhm: 0.7)]).0).frames[
      Self.clouded]
    #expect(frame.status == .rejected)
  }

  /// Where the telescope is pointed anew for every frame nobody knows where a clouded one looks.
  @Test func aDitheredNightPredictsNothing() throws {
    func dithered(_ k: Int) -> SimilarityTransform {
      SimilarityTransform(a: 1, b: 0, tx: Double(k * 37 % 61) - 30, ty: Double(k * 53 % 59) - 30)
    }
    let frame = try #require(Self.night(shown: 0..<1, move: dithered).0).frames[Self.clouded]
    #expect(frame.status == .rejected)
  }

  @Test func halfTheNightCloudedIsRegisteredOrRejectedButNeverWrongly() throws {
    let field = Series.field(800)
    var series = Series.series(field, 24)
    for k in stride(from: 1, to: 24, by: 2) {
      let full = field.sources(seed: UInt64(300 + k), transform: Series.drift(k))
      var few = full
      // From none to eleven stars, and noise taken for stars.
      few.sources = Array(full.sources.prefix(k / 2)) + [Self.hit(40 + 30 * Double(k), 650 - 20 * Double(k))]
      few.sources.sort { $0.flux > $1.flux }
      series[k].sources = few
    }
    let alignment = try #require(SeriesAlignment()(series))
    for k in 0..<24 {
      guard alignment.frames[k].registration != nil else {
        #expect(alignment.frames[k].status == .rejected && alignment.frames[k].reason.contains("star"))
        // A clear frame is never lost, nor one with five stars.
        #expect(k % 2 == 1 && k < 11)
        continue
      }
      #expect(Series.check(alignment, k, within: 0.5))
    }
  }

  @Test func theDriftIsFoundWithItsError() throws {
    let centre = PixelPoint(x: 400, y: 350)
    var pulls: [Double] = []
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let neighbours = [-4, -3, -2, -1, 1, 2, 3, 4].map { k in
        DriftPrediction.Neighbour(
          time: Double(k) / 1440,
          transform: SimilarityTransform(
            a: 1, b: 0, tx: 2.5 * Double(k) + 0.4 * random.normal(), ty: -1.5 * Double(k) + 0.4 * random.normal()))
      }
      let inside = try #require(DriftPrediction(neighbours, time: 0, centre: centre))
      let beyond = try #require(DriftPrediction(neighbours, time: 8.0 / 1440, centre: centre))
      // The scatter of the frame itself is part of the error.
      pulls.append((inside.transform.tx + 0.4 * random.normal()) / inside.error)
      pulls.append((beyond.transform.tx - 20 + 0.4 * random.normal()) / beyond.error)
      #expect(beyond.error > inside.error)
    }
    let rms = (pulls.reduce(0) { $0 + $1 * $1 } / 600).squareRoot()
    // Scatters from eight frames: Student's t of 12 degrees of freedom has a sigma of 1.1.
    #expect(rms > 0.95 && rms < 1.25, "\(rms)")
    let alone = try #require(DriftPrediction([.init(time: 1, transform: .identity)], time: 2, centre: centre))
    #expect(alone.error == .infinity)
    #expect(DriftPrediction([], time: 2, centre: centre) == nil)
  }

  /// Headers that tell where frames look are believed where the stars agree, and only there.
  @Test func coordinatesOfHeadersArePreferredWhereTheyAreTrue() throws {
    var series = Series.series(Series.field(), 6)
    func projection(_ transform: SimilarityTransform) -> SkyProjection? {
      let pole = transform(PixelPoint(x: 400, y: 350))
      let back = transform.inverted
      let unit = 1e-4
      return SkyProjection([
        SkyKeyword("CTYPE1", "RA---TAN"), SkyKeyword("CTYPE2", "DEC--TAN"), SkyKeyword("CRVAL1", 30),
        SkyKeyword("CRVAL2", 12), SkyKeyword("CRPIX1", pole.x + 1), SkyKeyword("CRPIX2", pole.y + 1),
        SkyKeyword("CD1_1", -unit * back.a), SkyKeyword("CD1_2", unit * back.b), SkyKeyword("CD2_1", unit * back.b),
        SkyKeyword("CD2_2", unit * back.a),
      ])
    }
    // Frame 3 has none; that of frame 5 points 20 arcmin away.
    for k in 0..<6 where k != 3 { series[k].sources?.observation.projection = projection(Series.drift(k)) }
    series[5].sources?.observation.projection = projection(
      .turning(0, about: PixelPoint(x: 0, y: 0), shift: (3300, 200)))
    #expect(series[0].sources?.observation.projection != nil)
    let alignment = try #require(SeriesAlignment()(series, reference: 1))
    #expect(alignment.frames.map { $0.registration?.method } == [.reference, .wcs, .wcs, .stars, .wcs, .stars])
    for k in 0..<6 { #expect(Series.check(alignment, k)) }
  }

  /// A nebula and one star: no pattern, but the images tell.
  @Test func aNebulaRegistersWhereStarsDoNot() throws {
    let knots = CorrelationTests.nebula(seed: 3)
    func move(_ k: Int) -> SimilarityTransform {
      SimilarityTransform(a: 1, b: 0, tx: 13.4 * Double(k) - 20, ty: 8.2 * Double(k))
    }
    let images = (0..<4).map { k in
      CorrelationTests.frame(k == 2 ? [] : knots, move(k), seed: UInt64(k + 1), hot: true)
    }
    let series = images.enumerated().map { k, image in
      var observation = Observation(file: "\(k).fits", kind: .light, width: 640, height: 560)
      observation.exposure = 60
      var frame = SeriesFrame(number: k + 1, sources: SourceDetection()(image, of: observation))
      frame.sources?.sources = []
      frame.sources?.fwhm = .nan
      return frame
    }
    var registered = try #require(SeriesAlignment().registered(series, reference: 1))
    #expect(registered.unregistered == [1, 2, 3] && registered.reference == 0 && !registered.isProven)
    let correlation = FrameCorrelation(reference: CorrelationImage(images[0], without: registered.fixedPlaces(on: 0)))
    registered.add(
      registered.unregistered.map { k in
        (k, correlation(CorrelationImage(images[k], without: registered.fixedPlaces(on: k))))
      })
    let alignment = registered.alignment()
    for k in [1, 3] {
      let found = try #require(alignment.frames[k].registration)
      #expect(found.method == .correlation)
      let truth = move(k).after(move(0).inverted)
      #expect(found.transform.departure(from: truth, width: 640, height: 560) < 4.5 * found.centreError)
    }
    #expect(alignment.frames[2].status == .rejected)
    #expect(alignment.frames[2].reason.hasPrefix("no stars; images"))
  }
}
