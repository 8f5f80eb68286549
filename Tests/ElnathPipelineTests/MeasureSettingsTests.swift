import ElnathCore
import ElnathPipeline
import Testing

@Suite struct MeasureSettingsTests {
  /// The message that `change` to the defaults is refused with; nil where it is accepted.
  static func refusal(_ change: (inout MeasureSettings) -> Void) -> PipelineError? {
    var settings = MeasureSettings()
    change(&settings)
    do {
      _ = try settings.choices()
      _ = try settings.selection()
      return nil
    } catch {
      return error
    }
  }

  static func shape(_ kind: ApertureKind, radius: Double? = nil, inner: Double? = nil, outer: Double? = nil)
    -> MeasureSettings.Shape
  {
    MeasureSettings.Shape(kind: kind, radius: radius, inner: inner, outer: outer)
  }

  @Test func defaultsLeaveAllToTheRules() throws {
    let choices = try MeasureSettings().choices()
    #expect(choices.centroid == .auto && choices.noise == .auto)
    #expect(try MeasureSettings().selection() == StarSelection())
  }

  @Test func shapesBecomeRadiiAndAnnulus() throws {
    var settings = MeasureSettings()
    settings.apertures = [Self.shape(.circle, radius: 5), Self.shape(.circle, radius: 3)]
    settings.sky = Self.shape(.annulus, inner: 10, outer: 16)
    let choices = try settings.choices()
    #expect(choices.radii == [5, 3])
    #expect(choices.annulus == AnnularAperture(inner: 10, outer: 16))
  }

  @Test func nonsenseIsRefusedByTheNameOfItsKey() {
    let cases: [(PipelineError?, String)] = [
      (Self.refusal { $0.radii = [] }, "measure.radii"),
      (Self.refusal { $0.radii = [3, -1] }, "measure.radii"),
      (Self.refusal { $0.radii = [.nan] }, "measure.radii"),
      (
        Self.refusal {
          $0.radii = [3]
          $0.apertures = [Self.shape(.circle, radius: 3)]
        }, "measure.apertures"
      ),
      (Self.refusal { $0.apertures = [Self.shape(.annulus, inner: 1, outer: 2)] }, "measure.apertures"),
      (Self.refusal { $0.apertures = [Self.shape(.circle)] }, "measure.apertures"),
      (Self.refusal { $0.sky = Self.shape(.circle, radius: 9) }, "measure.sky"),
      (Self.refusal { $0.sky = Self.shape(.annulus, inner: 9, outer: 9) }, "measure.sky"),
      (Self.refusal { $0.sky = Self.shape(.annulus, inner: 9) }, "measure.sky"),
      (Self.refusal { $0.candidates = -1 }, "measure.candidates"),
    ]
    for (error, key) in cases {
      #expect(error?.code == .configuration)
      #expect(error?.subject == key)
    }
  }
}
