import ElnathTestSupport
import Testing

@testable import ElnathCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Frames that show a nebula and no star to speak of.
@Suite struct CorrelationTests {
  static let width = 640
  static let height = 560
  static let middle = PixelPoint(x: 319.5, y: 279.5)

  /// Knots of many sizes: a reflection nebula.
  static func nebula(seed: UInt64) -> [(place: PixelPoint, sigma: Double, peak: Double)] {
    var random = SeededGenerator(seed: seed)
    return (0..<60).map { _ in
      (
        PixelPoint(x: random.uniform(-100..<740), y: random.uniform(-100..<660)), random.uniform(6..<40),
        random.uniform(5..<40)
      )
    }
  }

  static func frame(
    _ knots: [(place: PixelPoint, sigma: Double, peak: Double)], _ transform: SimilarityTransform = .identity,
    seed: UInt64, hot: Bool = false, slope: Double = 0, width: Int = width
  ) -> MaskedImage {
    var light = [Double](repeating: 150, count: width * height)
    for j in 0..<height { for i in 0..<width { light[j * width + i] += slope * Double(i) } }
    for (place, sigma, peak) in knots {
      let centre = transform(place)
      let reach = Int(4 * sigma) + 1
      let (x, y) = (Int(centre.x), Int(centre.y))
      for j in 0..<height where abs(j - y) <= reach {
        for i in 0..<width where abs(i - x) <= reach {
          let (dx, dy) = (Double(i) - centre.x, Double(j) - centre.y)
          light[j * width + i] += peak * exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        }
      }
    }
    if hot {
      var places = SeededGenerator(seed: 5)
      for _ in 0..<40 {
        light[Int(places.uniform(5..<550)) * width + Int(places.uniform(5..<630))] += places.uniform(20_000..<200_000)
      }
    }
    var random = SeededGenerator(seed: seed)
    let pixels = light.map { Float($0 + ($0 + 64).squareRoot() * random.normal()) }
    return MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: pixels),
      variance: PixelGrid(width: width, height: height, pixels: light.map { Float($0 + 64) }),
      mask: PixelGrid(width: width, height: height, repeating: []))
  }

  static func answer(_ a: MaskedImage, _ b: MaskedImage) -> CorrelationAnswer {
    FrameCorrelation(reference: CorrelationImage(a))(CorrelationImage(b))
  }

  static let shifts: [SimilarityTransform] = [
    SimilarityTransform(a: 1, b: 0, tx: 17.37, ty: -22.81), SimilarityTransform(a: 1, b: 0, tx: -0.42, ty: 0.31),
    SimilarityTransform(a: 1, b: 0, tx: 160.25, ty: 90.5),
    .turning(180, about: middle, shift: (11.6, -7.2)), .turning(180, about: middle, shift: (-63.1, 40.9)),
  ]

  @Test(arguments: shifts) func findsTheShiftOfANebula(truth: SimilarityTransform) throws {
    let knots = Self.nebula(seed: 3)
    let there = Self.frame(knots, truth, seed: 2, hot: true, slope: 0.05)
    guard case .proven(let found) = Self.answer(Self.frame(knots, seed: 1, hot: true), there) else {
      Issue.record("not proven")
      return
    }
    #expect(found.method == .correlation)
    let distance = found.transform.departure(from: truth, width: Self.width, height: Self.height)
    // Knots some ten to forty pixels wide, one to three times the noise of a pixel: 0.1 px.
    #expect(found.centreError > 0.02 && found.centreError < 0.6, "\(found.centreError)")
    #expect(distance < 4.5 * found.centreError, "\(distance) for \(found.centreError)")
  }

  @Test func theErrorOfTheShiftIsTrue() {
    var pulls: [Double] = []
    for seed in 0..<16 as Range<UInt64> {
      let knots = Self.nebula(seed: 900 + seed)
      let truth = SimilarityTransform(a: 1, b: 0, tx: 5.3 + 0.07 * Double(seed), ty: -8.6)
      guard
        case .proven(let found) = Self.answer(
          Self.frame(knots, seed: 2 * seed), Self.frame(knots, truth, seed: 2 * seed + 1))
      else { continue }
      pulls.append((found.transform.similarity.tx - truth.tx) / found.centreError)
      pulls.append((found.transform.similarity.ty - truth.ty) / found.centreError)
    }
    // Some fields hardly show a knot, and are refused.
    #expect(pulls.count >= 20)
    let rms = (pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)).squareRoot()
    // Thirty pulls tell 13 per cent; errors that follow the scatter of four quarters are sometimes too large.
    #expect(rms > 0.4 && rms < 1.4, "\(rms)")
  }

  @Test func anotherNebulaIsNotTaken() {
    for seed in 0..<12 as Range<UInt64> {
      let answer = Self.answer(
        Self.frame(Self.nebula(seed: 2 * seed + 50), seed: 1, hot: true),
        Self.frame(Self.nebula(seed: 2 * seed + 51), seed: 2, hot: true))
      guard case .refused(let reason) = answer else {
        Issue.record("took \(answer)")
        continue
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test func noiseAndHotPixelsAreNoNebula() {
    for seed in 0..<12 as Range<UInt64> {
      let answer = Self.answer(
        Self.frame([], seed: 3 * seed, hot: true, slope: 0.1), Self.frame([], seed: 3 * seed + 1, hot: true, slope: 0.1)
      )
      if case .proven = answer { Issue.record("took \(answer)") }
    }
    let empty = MaskedImage(
      image: PixelGrid(width: 640, height: 560, repeating: 0),
      variance: PixelGrid(width: 640, height: 560, repeating: 1),
      mask: PixelGrid(width: 640, height: 560, repeating: .noData))
    if case .proven = Self.answer(empty, empty) { Issue.record("took a frame without data") }
  }

  @Test func aCloudedNebulaIsRefusedOrRight() {
    let knots = Self.nebula(seed: 3)
    let truth = Self.shifts[0]
    for (k, part) in [0.3, 0.1, 0.03, 0.01].enumerated() {
      let there = Self.frame(knots.map { ($0.place, $0.sigma, $0.peak * part) }, truth, seed: UInt64(k + 20), hot: true)
      if case .proven(let found) = Self.answer(Self.frame(knots, seed: 1, hot: true), there) {
        #expect(found.transform(Self.middle).distance(to: truth(Self.middle)) < 1.5)
      }
    }
  }

  @Test func theSpectrumComesBack() {
    var random = SeededGenerator(seed: 1)
    let plan = FourierPlan(width: 15, height: 8)
    let image = (0..<120).map { _ in Float(random.normal()) }
    // Floats through 120 terms.
    for (a, b) in zip(plan.image(of: plan.spectrum(of: image)), image) { #expect(abs(a - b) < 1e-5) }
    // The matrix product is the inverse transform, between pixels too.
    let spectrum = plan.spectrum(of: image)
    let values = spectrum.upsampled(aroundX: 7, y: 3, factor: 1, count: 3)
    for j in 0..<3 {
      for i in 0..<3 { #expect(abs(values[j * 3 + i] / 120 - Double(image[(2 + j) * 15 + 6 + i])) < 1e-5) }
    }
    #expect(FourierPlan.quickSize(from: 513) == 540 && FourierPlan.quickSize(upTo: 513) == 512)
  }

  /// A second opinion on what the star patterns say.
  @Test func imagesContradictAWrongTransform() throws {
    let field = SyntheticField(
      width: 700, height: 600,
      stars: SyntheticField.stars(300, width: 700, height: 600, margin: 150, flux: 4000...200_000, seed: 12))
    let truth = SimilarityTransform.turning(35, about: PixelPoint(x: 350, y: 300), mirrored: true, shift: (14, 9))
    let here = try #require(SourceDetection()(field.frame(seed: 1)).thumbnail)
    let there = try #require(SourceDetection()(field.frame(seed: 2, transform: truth)).thumbnail)
    #expect(max(here.columns, here.rows) <= 64 && here.bin * here.columns <= 700)
    #expect(here.disagreement(with: there, under: FrameTransform(truth)) == nil)
    var wrong = truth
    wrong.tx += 72
    wrong.ty -= 48
    // To a box, which is 12 px.
    #expect(abs(try #require(here.disagreement(with: there, under: FrameTransform(wrong))) - 86.5) < 17)
    // Another field, or a frame without stars, has no opinion.
    let other = SyntheticField(
      width: 700, height: 600,
      stars: SyntheticField.stars(300, width: 700, height: 600, margin: 150, flux: 4000...200_000, seed: 13))
    #expect(
      here.disagreement(with: try #require(SourceDetection()(other.frame(seed: 2)).thumbnail), under: .identity) == nil)
    var empty = field
    empty.stars = []
    #expect(
      here.disagreement(with: try #require(SourceDetection()(empty.frame(seed: 3)).thumbnail), under: .identity) == nil)
  }
}
