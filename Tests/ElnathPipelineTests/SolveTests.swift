// A simulated night matched to the sky: stars by name or coordinates alone land on the right pixels.
import ElnathCore
import ElnathFITS
import Logging
import Testing

@testable import ElnathPipeline

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite("solve: frames on the sky", .serialized)
struct SolveTests {
  /// Two frames of the small simulated field with their catalogue; the project file names stars as `stars` says.
  private struct Night {
    let folder: TestFolder
    let simulation: Simulation
    let truth: SimulatedTruth

    init() async throws {
      folder = try TestFolder()
      simulation = SimulationPreset.quick.simulation(lights: 3, seed: 4)
      let project = SimulatedProject(simulation, preset: .quick)
      try await project.write(to: folder.folder.path, jobs: 2)
      truth = SimulatedTruth(simulation, files: project.files)
      let text = try FileBytes.text(of: folder.folder.absolute("PROJECT.toml"))
      head = String(text[..<(text.firstRange(of: "[[star]]")?.lowerBound ?? text.endIndex)])
    }

    /// Of the project file, without its stars.
    let head: String

    func workspace(_ name: String, _ stars: String, without part: String = "") throws -> Workspace {
      try folder.write(name + ".toml", head.replacing(part, with: "") + stars)
      return try Workspace(
        Project(
          file: folder.folder.absolute(name + ".toml"), assignments: ["solve.solve_field=false", "stack.make=true"]),
        options: Workspace.Options(
          output: folder.folder.absolute(name), jobs: 2, catalogs: packageFolder.absolute("catalogs"),
          plots: packageFolder.absolute("plots")), log: silent)
    }

    /// True pixels of a star on the reference frame.
    func place(_ name: String, _ alignment: Alignment) -> PixelPoint? {
      guard let number = simulation.sky.stars.firstIndex(where: { $0.name == name }) else { return nil }
      return simulation.stars(in: alignment.reference - 1).first { $0.star == number }?.place
    }
  }

  @Test("names and coordinates alone become pixels; tables get coordinates; commands give the same as a run")
  func night() async throws {
    let night = try await Night()
    let stars = """
      [[star]]
      name = "hh30"
      [[star]]
      name = "LkHa358"
      [[star]]
      name = "by coordinates"
      role = "measure"
      ra = "04:31:40.087"
      dec = "+18:13:56.64"
      """
    let workspace = try night.workspace("named", stars)
    let (solution, alignment) = try await workspace.solve()
    #expect(solution.method == .catalog && solution.matched >= 20 && solution.falseMatch < 1e-8)
    let placed = try workspace.placedStars(alignment, solution: solution)
    for (star, name) in zip(placed, ["HH 30", "LkHa 358", "XZ Tau"]) {
      let place = try #require(night.place(name, alignment))
      // A tenth of a pixel is 0.09 arcsec, which the catalogue's errors of 0.05 arcsec allow with 20 stars.
      #expect(star.position.distance(to: place) < 0.1, "\(name)")
    }
    let saved = try #require(try workspace.savedSolution(alignment))
    #expect(saved == solution)
    let sources = try TableReader.sources(CSVReader(path: workspace.output + "/sources.csv"))
    #expect(!sources.isEmpty)
    let reader = try CSVReader(path: workspace.output + "/sources.csv")
    let (ra, dec) = (try reader.column("ra_deg"), try reader.column("dec_deg"))
    var first: SkyPoint?
    try reader.forEachRow { row throws(PipelineError) in
      if first == nil { first = SkyPoint(rightAscension: try row.real(ra), declination: try row.real(dec)) }
    }
    let seen = try #require(first.flatMap { solution.projection.place(of: $0) })
    #expect(seen.distance(to: alignment.sources[0].position) < 1e-6)

    let run = try night.workspace("run", stars)
    _ = try await run.run()
    let (made, alone) = (
      try FileBytes.read(run.output + "/wcs.fits"), try FileBytes.read(workspace.output + "/wcs.fits")
    )
    #expect(made == alone)
    // The stack lies on the same grid.
    var reading = HeaderReading(try FITSFile.readImageHeaders(path: run.output + "/stack.fits")[0].header)
    let stacked = reading.projection(trim: PixelRectangle(x: 0, y: 0, width: 512, height: 512))
    #expect(stacked == solution.projection)
    let table = try run.savedPhotometry()
    #expect(table.stars.allSatisfy { $0.rightAscension.isFinite && $0.declination.isFinite })
    // HL Tau is no star of this project, but it stands in catalogs/stars.
    let members = table.stars.filter { $0.detected && !$0.variable.isEmpty }
    #expect(members.map(\.variable) == ["HL Tau"])
    let comparisons = try TableReader.comparisons(CSVReader(path: run.output + "/comparisons.csv"))
    let verdict = try #require(comparisons.first { $0.star == members[0].name })
    #expect(!verdict.used && verdict.reason.contains("known variable HL Tau"))
  }

  @Test("without a catalogue of the field: a remark, or the way out where stars need the sky")
  func unsolved() async throws {
    let night = try await Night()
    let place = "[[star]]\nname = \"a\"\nx = 150\ny = 280\nframe = \"\(night.truth.files[0].path)\"\n"
    let bare = try night.workspace("bare", place, without: "catalog = \"catalog.csv\"")
    _ = try await bare.run()
    #expect(try bare.savedPhotometry().stars[0].rightAscension.isNaN)
    let needy = try night.workspace("needy", "[[star]]\nname = \"HH 30\"\n", without: "catalog = \"catalog.csv\"")
    let error = await #expect(throws: PipelineError.self) { _ = try await needy.run() }
    #expect(error?.code == .configuration && error?.description.contains("catalog under [solve]") == true)
    let failed = await #expect(throws: PipelineError.self) { _ = try await needy.solve() }
    #expect(failed?.code == .badData)
    let unknown = #expect(throws: PipelineError.self) { try night.workspace("bad", "[[star]]\nname = \"HH 3\"\n") }
    #expect(unknown?.code == .configuration && unknown?.description.contains("HH 30") == true)
  }

  @Test("a single file, with a catalogue of one's own")
  func bare() async throws {
    let night = try await Night()
    var settings = SolveSettings()
    settings.catalog = night.folder.folder.absolute("catalog.csv")
    settings.solveField = false
    let locator = CatalogLocator("catalogs", chosen: packageFolder.absolute("catalogs"), home: nil)
    let file = night.folder.folder.absolute(night.truth.files[0].path)
    let outcomes = try await BareSolve(settings, log: silent)(
      files: [file, file + "x"], catalogs: locator, output: night.folder.folder.absolute("wcs/files"))
    let solution = try outcomes[0].result.get()
    #expect(solution.matched >= 15)
    #expect(throws: StageError.self) { try outcomes[1].result.get() }
    let number = try #require(night.simulation.sky.stars.firstIndex { $0.name == "XZ Tau" })
    let star = night.simulation.sky.stars[number]
    let truth = try #require(night.simulation.stars(in: 0).first { $0.star == number }).place
    let seen = solution.projection.place(
      of: SkyPoint(rightAscension: star.rightAscension, declination: star.declination))
    #expect(try #require(seen).distance(to: truth) < 0.3)
    let stem = ProjectFolder.split(file).name.dropLast(5)
    let header = try HeaderFile.read(night.folder.folder.absolute("wcs/files/\(stem).wcs.fits"))
    #expect(header.text("CTYPE1")?.hasPrefix("RA---TAN") == true && header.integer("N_MATCH") == solution.matched)
  }

  @Test("where the header's pointing misleads, a star of the project tells the place")
  func hints() throws {
    let image = FieldImage(stars: [], width: 1000, height: 800)
    var observation = Observation(file: "a.fits", width: 1000, height: 800)
    let star = SkyPoint(rightAscension: 67.9, declination: 18.2)
    let stage = SolveStage(SolveSettings(), catalog: StarCatalog(), fallback: star)
    #expect(stage.hints(SolveField(image, observation)).map(\.centre) == [star])
    (observation.rightAscension, observation.declination) = (0, 0)
    observation.pixelScale = Decoded(0.9, from: .profile)
    let hints = stage.hints(SolveField(image, observation))
    #expect(hints.map(\.centre) == [SkyPoint(rightAscension: 0, declination: 0), star])
    #expect(hints[0].radius == 0.5 && hints[0].scale.contains(0.8) && !hints[0].scale.contains(0.7))
    var settings = SolveSettings()
    (settings.rightAscension, settings.declination) = (RightAscension(degrees: 10), Declination(degrees: 5))
    (settings.scaleLow, settings.radius) = (0.2, 2)
    let stated = SolveStage(settings, catalog: StarCatalog(), fallback: star).hints(SolveField(image, observation))
    #expect(stated.map(\.centre.rightAscension) == [10] && stated[0].radius == 2 && stated[0].scale.lowerBound == 0.2)
  }

  @Test("settings that make no sense are refused")
  func settings() {
    for (set, part) in [
      ("solve.radius_deg=-1", "solve.radius_deg"), ("solve.scale_low=0", "solve.scale_low"),
      ("solve.order=9", "solve.order"), ("solve.ra=10", "give both"), ("solve.time_limit_s=0", "time_limit_s"),
    ] {
      let error = #expect(throws: PipelineError.self) { try Project(file: nil, assignments: [set]) }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }
}
