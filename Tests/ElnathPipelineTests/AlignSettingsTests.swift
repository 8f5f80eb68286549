import ElnathCore
import ElnathPipeline
import ElnathTestSupport
import Testing

@Suite struct AlignSettingsTests {
  @Test func defaultsAreThoseOfDetection() throws {
    let detection = try AlignSettings().detection()
    #expect(detection.threshold == SourceDetection().threshold)
    #expect(detection.boxSize == SourceDetection().boxSize)
  }

  @Test(arguments: [-1, 0, 1.9, 1001, .nan]) func aThresholdOutOfRangeIsRefused(threshold: Double) {
    var settings = AlignSettings()
    settings.threshold = threshold
    #expect(throws: PipelineError.self) { try settings.detection() }
  }

  @Test func aBoxOfNoSizeIsRefused() {
    var settings = AlignSettings()
    settings.backgroundBox = 0
    #expect(throws: PipelineError.self) { try AlignStage(settings) }
  }

  @Test func theStageRegistersWhatItDetects() throws {
    let field = SyntheticField(
      width: 300, height: 280, stars: SyntheticField.stars(40, width: 300, height: 280, flux: 9000...90_000, seed: 3))
    let stage = try AlignStage(AlignSettings(), reference: 1)
    let moved = SimilarityTransform(a: 1, b: 0, tx: 4.5, ty: -3.25)
    let series = [
      SeriesFrame(number: 1, sources: stage.detect(field.frame(seed: 1))),
      SeriesFrame(number: 2, sources: stage.detect(field.frame(seed: 2, transform: moved))),
    ]
    let alignment = try stage(series)
    // 40 stars, each good to some hundredths of a pixel.
    #expect(abs(alignment.frames[1].shiftX - 4.5) < 0.05)
    #expect(abs(alignment.frames[1].shiftY + 3.25) < 0.05)
  }

  @Test func aSeriesWithoutStarsFailsWithItsReason() throws {
    let stage = try AlignStage(AlignSettings())
    #expect(throws: StageError.self) { try stage([SeriesFrame(number: 1, sources: nil)]) }
  }
}
