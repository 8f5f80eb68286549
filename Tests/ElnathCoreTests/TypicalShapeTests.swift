import ElnathTestSupport
import Testing

@testable import ElnathCore

/// FWHM and elongation of a frame are those of the field's stars.
@Suite struct TypicalShapeTests {
  static func source(elongation: Double, significance: Double = 100) -> Source {
    Source(
      position: PixelPoint(x: 10, y: 10), positionVariance: 0.01, flux: 1000, fluxError: 1000 / significance, fwhm: 4,
      elongation: elongation, peak: 50, mask: [])
  }

  /// Eight stars and thirty tracks of cosmic rays, brighter and longer than they: the tracks have no say.
  @Test func cosmicRaysInAPoorFieldHaveNoSay() throws {
    let field = SyntheticField(
      width: 500, height: 500,
      stars: SyntheticField.stars(8, width: 400, height: 400, margin: -50, flux: 2000...20_000, seed: 71))
    let series = (0..<20).map { k in
      var sources = field.sources(seed: UInt64(100 + k), transform: SeriesAlignmentTests.drift(k))
      var random = SeededGenerator(seed: 72, part: UInt64(k))
      for _ in 0..<30 {
        var track = Self.source(elongation: 5)
        track.position = PixelPoint(x: random.uniform(0..<499), y: random.uniform(0..<499))
        track.flux = 30_000
        track.fluxError = 100
        track.fwhm = 2.5
        sources.sources.insert(track, at: 0)
      }
      sources.fwhm = 2.5
      sources.elongation = 5
      return SeriesFrame(number: k + 1, sources: sources)
    }
    let alignment = try #require(SeriesAlignment()(series))
    for frame in alignment.frames {
      #expect(frame.registration != nil)
      #expect(frame.elongation == 1.05)
      #expect(frame.fwhm == field.fwhm)
    }
  }

  /// A frame alone knows only what it shows.
  @Test func aSingleFrameKeepsWhatItShows() throws {
    let field = SyntheticField(
      width: 500, height: 500, stars: SyntheticField.stars(8, width: 500, height: 500, flux: 2000...20_000, seed: 71))
    let alignment = try #require(SeriesAlignment()([SeriesFrame(number: 1, sources: field.sources(seed: 3))]))
    #expect(alignment.frames[0].fwhm == field.fwhm && alignment.frames[0].elongation == 1.05)
  }

  /// Noise makes faint sources long.
  @Test func faintSourcesTellTheirWidthButNoElongation() {
    let faint = (0..<9).map { _ in Self.source(elongation: 3, significance: 8) }
    let shape = TypicalShape(of: faint)
    #expect(shape.fwhm == 4)
    #expect(shape.elongation.isNaN)
    #expect(TypicalShape(of: faint + [Self.source(elongation: 1.1)]).elongation == 1.1)
    #expect(TypicalShape(of: []).fwhm.isNaN)
  }
}
