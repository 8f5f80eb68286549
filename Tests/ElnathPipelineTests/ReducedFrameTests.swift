import ElnathCore
import ElnathFITS
import Testing

@testable import ElnathPipeline

/// Reduced frames that are written, and read again in the place of raw ones.
@Suite struct ReducedFrameTests {
  /// A simulated night, its frames reduced and kept, and a project of which the lights are those.
  @Test func framesReducedBeforeGiveTheSameFluxes() async throws {
    let folder = try TestFolder()
    let preset = SimulationPreset.quick
    let project = SimulatedProject(preset.simulation(lights: 8, seed: 11), preset: preset)
    try await project.write(to: folder.folder.path, jobs: 2)
    let raw = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    _ = try await raw.run()
    let library = try await raw.masters()
    try await raw.writeReduced(raw.reduceStage(library), library: library)

    let text = try FileBytes.text(of: folder.folder.absolute("PROJECT.toml"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      let key = line.prefix { $0 != " " && $0 != "=" }
      switch key {
      case "lights": return "lights = [\"../elnath-out/reduced/*.fits\"]"
      case "biases", "darks", "flats": return ""
      case "catalog": return String(line).replacing("\"catalog", with: "\"../catalog")
      case "frame":
        let light = raw.lights.first { line.contains($0.observation.file) }
        let number = light?.frame ?? 0
        return "frame = \"../elnath-out/reduced/\(ReducedFile.name(number: number, file: light?.path ?? ""))\""
      default: return String(line)
      }
    }
    try folder.write("again/PROJECT.toml", lines.joined(separator: "\n"))
    let again = try Workspace.quiet(folder.folder.absolute("again/PROJECT.toml"))
    #expect(again.lights.count == 8 && again.lights.allSatisfy { $0.observation.reduction != nil })
    _ = try await again.run()

    for (one, other) in zip(raw.lights, again.lights) {
      let (first, second) = (one.observation, other.observation)
      #expect(first.jdUTC == second.jdUTC && first.exposure == second.exposure && first.filter == second.filter)
      #expect(first.night == second.night && first.rightAscension == second.rightAscension)
      #expect(second.site == first.site && second.pixelScale?.value == first.pixelScale?.value)
      #expect(second.problems.isEmpty && other.flags == one.flags)
    }
    try compare(try raw.savedPhotometry(), try again.savedPhotometry())
  }

  private func compare(_ one: PhotometryTable, _ other: PhotometryTable) throws {
    #expect(one.stars.map(\.name) == other.stars.map(\.name))
    #expect(one.measurements.count == other.measurements.count && !one.measurements.isEmpty)
    var fluxes = 0
    var worstFlux = 0.0
    var worstError = 0.0
    for (first, second) in zip(one.measurements, other.measurements) {
      for (a, b) in zip(first.fluxesAndErrors, second.fluxesAndErrors) where a.flux.isFinite || b.flux.isFinite {
        fluxes += 1
        worstFlux = max(worstFlux, abs(a.flux - b.flux) / a.error)
        worstError = max(worstError, abs(a.error / b.error - 1))
      }
    }
    #expect(fluxes > 500)
    // The pixels, their variances and the flat are the same single-precision numbers; the tolerance is that of arithmetic.
    #expect(worstFlux < 1e-9)
    #expect(worstError < 1e-9)
  }

  @Test func headersTellWhatTheStandardAsksFor() async throws {
    let folder = try TestFolder()
    let preset = SimulationPreset.quick
    let project = SimulatedProject(preset.simulation(lights: 1, seed: 2), preset: preset)
    try await project.write(to: folder.folder.path, jobs: 2)
    let raw = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    let library = try await raw.masters()
    try await raw.writeReduced(raw.reduceStage(library), library: library)
    let light = try #require(raw.lights.first)
    let name = ReducedFile.name(number: 1, file: light.path)
    let units = try FITSFile.readAllImageHeaders(path: raw.output + "/reduced/" + name)
    #expect(units.map(\.name) == ["", "VARIANCE", "MASK"] && units.allSatisfy(\.isUnchanged))
    let header = units[0].header
    #expect(header.text("BUNIT") == "electron" && header.number("GAIN") == 1)
    #expect(header.text("INSTRUME") == "hdi" && header.text("TIMESYS") == "UTC" && header.text("RADESYS") == "ICRS")
    #expect((header.number("MJD-AVG") ?? 0) + 2_400_000.5 == light.observation.jdUTC)
    #expect((header.number("AIRMASS") ?? 0) > 1)
    let history = header.cards.filter { $0.key == "HISTORY" }.map(\.comment)
    #expect(history.first == "raw frame: \(light.observation.file)")
    #expect(history.contains { $0.hasPrefix("master: bias") } && history.contains { $0.hasPrefix("master: flat") })
    let middle = try #require(JulianDate.calendar(jdUTC: light.observation.jdUTC))
    #expect(header.text("DATE-AVG")?.hasPrefix("\(middle.year)-") == true)
  }

  @Test func onlyElectronsWithBothPlanesAreReducedFrames() throws {
    let project = try TestFolder()
    let cards = ["BUNIT   = 'electron'", "EXPTIME = 60.0", "DATE-OBS= '2020-01-19T05:00:00'", "FILTER  = 'R'"]
    func scan(_ names: [String], _ unit: String = "electron") throws -> Observation? {
      let own = cards.map { $0.replacing("electron", with: unit) }
      let units = ([""] + names).map { name in
        FITSHDU(
          name: name, width: 4, height: 3, pixels: .float([Float](repeating: name == "MASK" ? 1 : 9, count: 12)),
          cards: name.isEmpty ? FITSHeader(lines: own).cards : [])
      }
      try FITSWriter.write(units, to: project.folder.absolute("a.fits"))
      var settings = InputSettings()
      (settings.camera, settings.lights) = ("hdi", ["a.fits"])
      return try ScanStage(settings, catalog: packageCatalog(project: project.folder))().lights.first?.observation
    }
    let reduced = try #require(try scan(["MASK", "VARIANCE"]))
    #expect(reduced.reduction?.varianceUnit == 2 && reduced.reduction?.maskUnit == 1)
    #expect(reduced.filter == "R" && reduced.gain?.value == 1 && reduced.saturation == nil)
    let frame = try ReducedFile.read(reduced, path: project.folder.absolute("a.fits"))
    #expect(frame.image.mask.pixels.allSatisfy { $0 == .bad } && frame.adu.pixels.allSatisfy(\.isNaN))
    #expect(try scan(["VARIANCE"])?.reduction == nil)
    #expect(try scan(["VARIANCE", "MASK"], "adu")?.reduction == nil)
  }
}

extension FrameMeasurements {
  fileprivate var fluxesAndErrors: [(flux: Double, error: Double)] { apertures.map { ($0.flux, $0.fluxError) } }
}
