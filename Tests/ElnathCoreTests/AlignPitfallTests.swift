import ElnathTestSupport
import Testing

@testable import ElnathCore

/// Mistakes that alignment scripts in use have made: none of them may come back.
@Suite struct AlignPitfallTests {
  static let field = SyntheticField(
    width: 500, height: 320,
    stars: SyntheticField.stars(60, width: 500, height: 320, margin: 60, flux: 6000...200_000, seed: 8))

  static func aligned(_ frames: [Frame]) throws -> Alignment {
    try #require(
      SeriesAlignment()(
        frames.enumerated().map { SeriesFrame(number: $0 + 1, sources: SourceDetection()($1)) }, reference: 1))
  }

  /// A centroid over three rows only, whatever the box: x and y must be treated alike, so that a frame and its transpose
  /// give the same place.
  @Test func centroidsTreatBothAxesAlike() {
    let place = PixelPoint(x: 30.37, y: 33.81)
    let star = SyntheticField(width: 64, height: 64, stars: [.init(place, flux: 50_000)])
    let frame = star.frame(seed: 3).image
    let pixels = frame.image.pixels
    let turned = MaskedImage(
      image: PixelGrid(width: 64, height: 64, pixels: (0..<4096).map { pixels[$0 % 64 * 64 + $0 / 64] }),
      variance: frame.variance, mask: frame.mask)
    func centroid(_ image: MaskedImage, _ start: PixelPoint) -> CentroidResult {
      Centroid.windowed(in: image, around: start, sigma: 1.7, sky: 200, maximumStep: 2)
    }
    let found = centroid(frame, PixelPoint(x: 31, y: 33))
    let other = centroid(turned, PixelPoint(x: 33, y: 31))
    #expect(!found.refused && !other.refused)
    #expect(abs(found.position.x - other.position.y) < 1e-6 && abs(found.position.y - other.position.x) < 1e-6)
    // 50 000 e- over 160 e- of sky noise in the window.
    #expect(found.position.distance(to: place) < 0.03)
    // A peak beyond the bound is refused, not rounded to its pixel.
    #expect(centroid(frame, PixelPoint(x: 34, y: 37)).refused)
  }

  /// The order of axes: a shift along x of a frame that is not square is one along x.
  @Test func axesAreNotSwapped() throws {
    let truth = SimilarityTransform(a: 1, b: 0, tx: 14.05, ty: -40.13)
    let alignment = try Self.aligned([Self.field.frame(seed: 1), Self.field.frame(seed: 2, transform: truth)])
    #expect(abs(alignment.frames[1].shiftX - 14.05) < 0.03)
    #expect(abs(alignment.frames[1].shiftY + 40.13) < 0.03)
  }

  /// A single pixel without a value once made a whole night undefined.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func onePixelDoesNotSpoilAFrame(value: Float) throws {
    let truth = SimilarityTransform(a: 1, b: 0, tx: 7.5, ty: 3.25)
    let clean = Self.field.frame(seed: 2, transform: truth)
    let expected = try Self.aligned([Self.field.frame(seed: 1), clean])
    var image = clean.image
    for (x, y) in [(250, 160), (40, 300)] {
      image.image.set(x, y, value)
      image.mask.set(x, y, .noData)
    }
    let spoilt = Frame(
      observation: clean.observation, image: image, adu: clean.adu, inverseFlat: nil, flatVariance: nil,
      noise: clean.noise)
    let alignment = try Self.aligned([Self.field.frame(seed: 1), spoilt])
    let (found, wanted) = (alignment.frames[1], expected.frames[1])
    #expect(found.status == .used)
    #expect(abs(found.shiftX - wanted.shiftX) < 0.01 && abs(found.shiftY - wanted.shiftY) < 0.01)
    #expect(abs(found.fwhm - wanted.fwhm) < 0.1 && abs(found.sky - wanted.sky) < 1)
    // Resampled, it leaves a hole of its own size and nothing else.
    let transform = try #require(found.registration).transform
    for kernel in ResamplingKernel.allCases {
      let resampling = Resampling(kernel, transform: transform)
      let source = image.image.pixels.map { $0.isFinite ? $0 : .nan }
      var holes = 0
      for y in 20..<300 {
        var values = [Float](repeating: 0, count: 500)
        var dilution = values
        source.withUnsafeBufferPointer { source in
          values.withUnsafeMutableBufferPointer { values in
            dilution.withUnsafeMutableBufferPointer { dilution in
              resampling.row(
                y, of: Resampling.Source(values: source, columns: 500, first: 0),
                into: Resampling.Output(values: values, variances: dilution))
            }
          }
        }
        holes += values[20..<480].count { $0.isNaN }
      }
      #expect(holes <= 8)
    }
  }

  /// A long exposure full of cosmic rays looks sharp to whoever takes hits for stars: it must not become the reference.
  @Test func cosmicRaysDoNotMakeAReference() throws {
    var random = SeededGenerator(seed: 22)
    let frames = (0..<6).map { k in
      var exposure = Self.field
      exposure.fwhm = k == 3 ? 5 : 4
      if k == 3 {
        exposure.exposure = 600
        exposure.sky = 1500
        for _ in 0..<200 {
          let (x, y) = (Int(random.uniform(10..<490)), Int(random.uniform(10..<310)))
          let light = random.uniform(1500..<6000)
          for (dx, dy, share) in [(0, 0, 1.0), (1, 0, 0.35), (0, 1, 0.3), (-1, 0, 0.1), (1, 1, 0.12)] {
            exposure.hotPixels.append((x + dx, y + dy, share * light))
          }
        }
      }
      return exposure.frame(
        seed: UInt64(k), transform: SimilarityTransform(a: 1, b: 0, tx: 3.3 * Double(k), ty: -2.1 * Double(k)))
    }
    let alignment = try #require(
      SeriesAlignment()(frames.enumerated().map { SeriesFrame(number: $0 + 1, sources: SourceDetection()($1)) }))
    #expect(alignment.reference != 4)
    #expect(alignment.frames.allSatisfy { $0.status == .used })
    #expect(abs(alignment.frames[3].fwhm - 5) < 0.4)
  }
}
