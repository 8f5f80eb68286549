import ElnathCore
import ElnathPipeline
import ElnathTestSupport
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

  static func shape(
    _ kind: ApertureKind, radius: Double? = nil, inner: Double? = nil, outer: Double? = nil, a: Double? = nil,
    b: Double? = nil, angle: Double? = nil
  ) -> ApertureSettings {
    var shape = ApertureSettings(kind: kind)
    (shape.radius, shape.inner, shape.outer) = (radius, inner, outer)
    (shape.a, shape.b, shape.angle) = (a, b, angle)
    return shape
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
      (Self.refusal { $0.apertures = [Self.shape(.annulus, inner: 3, outer: 2)] }, "measure.apertures"),
      (Self.refusal { $0.apertures = [Self.shape(.annulus, radius: 1, inner: 1, outer: 2)] }, "measure.apertures"),
      (Self.refusal { $0.apertures = [Self.shape(.ellipse, a: 4)] }, "measure.apertures"),
      (Self.refusal { $0.apertures = [Self.shape(.ellipse, a: 4, b: 0)] }, "measure.apertures"),
      (Self.refusal { $0.apertures = [Self.shape(.ellipse, a: 4, b: 2, angle: .infinity)] }, "measure.apertures"),
      (Self.refusal { $0.radii = [0] }, "measure.radii"),
      (Self.refusal { $0.radii = [1e300] }, "measure.radii"),
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

  @Test func shapesOfEveryKindAndUnit() throws {
    let toml = """
      apertures = [{ kind = "circle", radius = 1.5, unit = "fwhm" }, { kind = "ellipse", a = 8, b = 5.5, angle = 30 },
        { kind = "annulus", inner = 0, outer = 4 }, { kind = "elliptical_annulus", inner = 6.0, a = 9, b = 4 }]
      sky = { kind = "annulus", inner = 4, outer = 6, unit = "fwhm" }
      sky_level = "quadratic"
      centroid = "gaussian"
      """
    let defaults = SettingsTree.encode(MeasureSettings())
    let settings = try defaults.merged(with: SettingsTree.parse(toml: toml, file: "p.toml"))
      .decode(MeasureSettings.self, file: "p.toml")
    let choices = try settings.choices()
    let apertures = try #require(choices.apertures)
    #expect(apertures.map(\.kind) == ApertureKind.allCases)
    #expect(apertures[0].shape(fwhm: 4).radius == 6)
    #expect(apertures[3].values == [6, 9, 4, 0])
    #expect(choices.annulusUnit == .fwhm && choices.annulus == AnnularAperture(inner: 4, outer: 6))
    #expect(choices.sky == .quadratic && choices.centroid == .gaussian)
  }

  @Test(arguments: [
    ("radius = 0", "radius"), ("radius = 1e300", "radius"), ("radius = nan", "radius"), ("annulus = [9]", "annulus"),
    ("annulus = [9, 8]", "annulus"), ("aperture = { kind = \"circle\", radius = 2, unit = \"fwhm\" }", "aperture.unit"),
    ("aperture = { kind = \"ellipse\", a = 2 }", "aperture"), ("exclude_sectors = [[10]]", "exclude_sectors"),
    ("exclude_sectors = [[10, 10]]", "exclude_sectors"), ("exclude_sectors = [[0, 1e300]]", "exclude_sectors"),
    ("radius = 4\naperture = { kind = \"circle\", radius = 2 }", "aperture"),
  ]) func nonsenseOfAStarIsRefused(line: String, key: String) throws {
    let toml = "version = 1\n[[star]]\nname = \"a\"\nx = 3\ny = 4\n\(line)\n"
    let folder = try TemporaryFolder()
    try folder.write("PROJECT.toml", toml)
    let error = #expect(throws: PipelineError.self) { try Project(file: folder.path + "/PROJECT.toml") }
    #expect(error?.code == .configuration)
    #expect(error?.description.contains("star[1].\(key)") == true, "\(error?.description ?? "")")
  }
}
