import ElnathCore
import ElnathTestSupport
import Testing

@Suite struct SourceDetectionTests {
  static func field(_ count: Int = 100, size: Int = 512, flux: ClosedRange<Double> = 5000...300_000, seed: UInt64 = 5)
    -> SyntheticField
  {
    SyntheticField(
      width: size, height: size, stars: SyntheticField.stars(count, width: size, height: size, flux: flux, seed: seed))
  }

  /// Sources within `reach` of a star of the field, and those that belong to none.
  static func split(_ sources: [Source], _ field: SyntheticField, reach: Double = 1.5) -> (real: Int, false: Int) {
    let real = sources.count { source in
      field.stars.contains { $0.position.distance(to: source.position) < reach }
    }
    return (real, sources.count - real)
  }

  @Test(arguments: [1.5, 2, 2.5, 4, 6, 12], [nil, 3.0]) func measuresTheWidthOfStars(fwhm: Double, beta: Double?) {
    var field = Self.field(120, size: 640)
    field.fwhm = fwhm
    field.beta = beta
    let found = SourceDetection()(field.frame(seed: 9))
    // Three per cent, and 0.1 px where the profile is hardly sampled.
    #expect(abs(found.fwhm - fwhm) < max(0.03 * fwhm, 0.1))
    #expect(found.elongation < 1.12)
  }

  @Test func findsNearlyAllStarsAndNothingElse() {
    let field = Self.field(150)
    let found = SourceDetection()(field.frame(seed: 3))
    let (real, false_) = Self.split(found.sources, field)
    // 5000 e- on this sky is 40 sigma; a few stars are blends of two.
    #expect(real >= 142)
    // At 5 sigma, noise makes 0.01 peaks on such a frame; wings of blends one or two.
    #expect(false_ <= 2)
    #expect(found.sources.map(\.flux) == found.sources.map(\.flux).sorted(by: >))
  }

  @Test func fluxesAndPositionsHaveTrueErrors() {
    let field = Self.field(100, size: 768)
    var position: [Double] = []
    var ratio: [Double] = []
    for seed in 0..<6 as Range<UInt64> {
      for source in SourceDetection()(field.frame(seed: seed)).sources {
        guard let star = field.stars.first(where: { $0.position.distance(to: source.position) < 1 }) else { continue }
        position.append((source.position.x - star.position.x) / source.positionVariance.squareRoot())
        ratio.append(source.flux / star.flux)
      }
    }
    // 600 values; medians, since blends are not what is tested.
    #expect(abs(RobustScale.sigma(position) - 1) < 0.12)
    #expect(abs(Median.of(ratio) - 1) < 0.03)
  }

  @Test func anEmptyFrameHasNoSourceAndNoWidth() {
    let found = SourceDetection()(SyntheticField(width: 700, height: 500, stars: []).frame(seed: 1))
    // At 5 sigma the expectation is 0.01.
    #expect(found.sources.isEmpty)
    #expect(found.fwhm.isNaN && found.elongation.isNaN)
    #expect(abs(found.sky - 200) < 1)
  }

  @Test func faintNoiseIsCountedRightly() {
    // At 3 sigma a filtered frame of 700 x 500 px has about 0.00135 x (independent places: px / (4 pi sigma^2 / 2)) peaks;
    // at 5 sigma none. That the count is in this range shows that the threshold is in units of the true noise.
    let found = SourceDetection(threshold: 3.2)(SyntheticField(width: 700, height: 500, stars: []).frame(seed: 1))
    #expect(found.sources.count > 5 && found.sources.count < 200)
  }

  @Test func aFrameWithoutDataHasNoSource() {
    let grid = PixelGrid<Float>(width: 200, height: 150, repeating: .nan)
    let frame = Frame(
      observation: Observation(file: "x", width: 200, height: 150),
      image: MaskedImage(
        image: grid, variance: grid, mask: PixelGrid(width: 200, height: 150, repeating: .noData)), adu: grid,
      inverseFlat: nil, flatVariance: nil, noise: NoiseModel(gain: 1, readNoise: 5))
    let found = SourceDetection()(frame)
    #expect(found.sources.isEmpty && found.sky.isNaN && found.fwhm.isNaN)
  }

  @Test(arguments: [1, 2, 3, 17]) func smallFramesDoNoHarm(size: Int) {
    let found = SourceDetection()(SyntheticField(width: size, height: size, stars: []).frame(seed: 1))
    #expect(found.sources.count <= 1)
  }

  @Test func noDataIsNeverASource() {
    let field = Self.field(150)
    let frame = field.frame(seed: 4)
    var image = frame.image.image
    var mask = frame.image.mask
    for y in 200..<300 {
      for x in 0..<512 {
        image.set(x, y, y % 2 == 0 ? .nan : 1e7)
        mask.set(x, y, .noData)
      }
    }
    let damaged = Frame(
      observation: frame.observation, image: MaskedImage(image: image, variance: frame.image.variance, mask: mask),
      adu: frame.adu, inverseFlat: nil, flatVariance: nil, noise: frame.noise)
    let found = SourceDetection()(damaged)
    #expect(found.sources.count > 80)
    for source in found.sources where source.position.y > 200 && source.position.y < 299 {
      // Only the light of a star at the rim may lie there, and says so.
      #expect(source.mask.contains(.noData))
      #expect(min(source.position.y - 200, 299 - source.position.y) < 4)
    }
  }

  @Test func saturatedStarsAreSourcesThatSaySo() throws {
    var field = Self.field(60)
    field.stars.append(.init(PixelPoint(x: 250.3, y: 240.8), flux: 5e6))
    field.saturation = 20_000
    let found = SourceDetection()(field.frame(seed: 4))
    let near = found.sources.filter { $0.position.distance(to: PixelPoint(x: 250.3, y: 240.8)) < 12 }
    #expect(near.count == 1)
    let star = try #require(near.first)
    #expect(star.mask.contains(.saturated))
    #expect(star.position.distance(to: PixelPoint(x: 250.3, y: 240.8)) < 0.5)
    #expect(star.flux == found.sources.first?.flux)
    #expect(abs(found.fwhm - 4) < 0.1)
  }

  @Test(arguments: [1.6, 4]) func singleBrightPixelsAreNoStars(fwhm: Double) {
    var field = Self.field(10, seed: 7)
    field.fwhm = fwhm
    var random = SeededGenerator(seed: 2)
    field.hotPixels = (0..<40).map { _ in
      (Int(random.uniform(10..<500)), Int(random.uniform(10..<500)), random.uniform(2000..<50_000))
    }
    let found = SourceDetection()(field.frame(seed: 3))
    let (real, false_) = Self.split(found.sources, field)
    #expect(real >= 9)
    // One may stand beside another or on the rim of a star.
    #expect(false_ <= 2)
    #expect(abs(found.fwhm - fwhm) < max(0.03 * fwhm, 0.12))
  }

  @Test func trailedFramesAreElongated() {
    var field = Self.field(60, size: 640)
    field.trail = 18
    let found = SourceDetection()(field.frame(seed: 3))
    #expect(found.elongation > 2.5)
    let (real, _) = Self.split(found.sources, field, reach: 5)
    #expect(real >= 45)
    // Not broken into pieces.
    #expect(found.sources.count < 90)
  }

  @Test(arguments: [200.0, 2000]) func aSatelliteTrailLeavesTheMediansAlone(perPixel: Double) {
    var field = Self.field(60, size: 1024)
    let clean = SourceDetection()(field.frame(seed: 3))
    field.satellite = (PixelPoint(x: -5, y: 130), PixelPoint(x: 1030, y: 811), perPixel)
    let found = SourceDetection()(field.frame(seed: 3))
    #expect(found.sources.count < clean.sources.count + 20)
    #expect(abs(found.fwhm - clean.fwhm) < 0.1)
    #expect(abs(found.elongation - clean.elongation) < 0.05)
  }

  @Test func starsInANebulaAreFound() {
    // A bright nebula with structure of 30 px: as bright as ten times the sky.
    let size = 512
    let field = Self.field(80, size: size)
    let frame = field.frame(seed: 2)
    var random = SeededGenerator(seed: 4)
    var image = frame.image.image
    for y in 0..<size {
      for x in 0..<size {
        let dx = Double(x) - 250
        let dy = Double(y) - 260
        let nebula = 2000 / (1 + (dx * dx + dy * dy) / 8000)
        image.set(x, y, image[x, y] + Float(nebula + nebula.squareRoot() * random.normal()))
      }
    }
    let bright = Frame(
      observation: frame.observation,
      image: MaskedImage(image: image, variance: frame.image.variance, mask: frame.image.mask), adu: frame.adu,
      inverseFlat: nil, flatVariance: nil, noise: frame.noise)
    let (real, false_) = Self.split(SourceDetection()(bright).sources, field)
    #expect(real >= 70)
    #expect(false_ <= 4)
  }

  @Test func manyCosmicRaysDoNotMakeTheStarsSharp() {
    // Forty stars, and four times as many hits of two or three pixels.
    var field = SyntheticField(
      width: 700, height: 700,
      stars: SyntheticField.stars(40, width: 700, height: 700, flux: 8000...300_000, seed: 21))
    field.fwhm = 6
    var random = SeededGenerator(seed: 22)
    for _ in 0..<160 {
      let (x, y) = (Int(random.uniform(10..<690)), Int(random.uniform(10..<690)))
      let light = random.uniform(800..<3000)
      for (dx, dy, share) in [(0, 0, 1.0), (1, 0, 0.35), (0, 1, 0.3), (-1, 0, 0.1), (1, 1, 0.12)] {
        field.hotPixels.append((x + dx, y + dy, share * light))
      }
    }
    let found = SourceDetection()(field.frame(seed: 23))
    // Median of some dozen stars of 2 per cent scatter.
    #expect(abs(found.fwhm / 6 - 1) < 0.05, "\(found.fwhm)")
    #expect(found.sources.count < 60)
  }
}
