// A simulated project as it stands on disk: same bytes whatever the number of jobs, headers, project file, truth.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct SimulateProjectTests {
  /// Runs `body` with an empty folder that is removed afterwards.
  private func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    return try await body(folder.path + "/night")
  }

  /// Rows of a table whose texts hold no comma, by column.
  private func rows(_ table: String) -> [[String: String]] {
    let lines = table.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    return lines.dropFirst().map { line in
      #expect(line.count == lines[0].count)
      return Dictionary(uniqueKeysWithValues: zip(lines[0].map(String.init), line.map(String.init)))
    }
  }

  @Test("One job and three write the same bytes")
  func sameBytes() async throws {
    let project = SimulatedProject(preset: .quick, lights: 2, seed: 7)
    try await withFolder { folder in
      try await project.write(to: folder + "/one", jobs: 1)
      try await project.write(to: folder + "/deep/three", jobs: 3)
      let names =
        project.files.map(\.path)
        + [
          "PROJECT.toml", "catalog.csv", "truth/frames.csv", "truth/stars.csv", "truth/lightcurves.csv",
          "truth/README.md",
        ]
        + ["truth/amplifiers.csv", "truth/flat.fits", "truth/dark_rate.fits", "truth/bad_pixels.fits"]
      for name in names {
        let one = try FileBytes.read(folder + "/one/" + name)
        #expect(!one.isEmpty)
        #expect(try FileBytes.read(folder + "/deep/three/" + name) == one)
      }
      // Again over itself: allowed, and nothing changes.
      let before = try FileBytes.read(folder + "/one/" + project.files[0].path)
      try await project.write(to: folder + "/one", jobs: 2)
      #expect(try FileBytes.read(folder + "/one/" + project.files[0].path) == before)
    }
  }

  @Test("Foreign files are not written over")
  func foreignFiles() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/lights", withIntermediateDirectories: true)
      try AtomicFile.write("somebody's night", to: folder + "/lights/mine.fits")
      let project = SimulatedProject(preset: .quick, lights: 1)
      await #expect {
        try await project.write(to: folder, jobs: 1)
      } throws: {
        ($0 as? PipelineError)?.code == .cannotCreate
      }
      #expect(try FileBytes.text(of: folder + "/lights/mine.fits") == "somebody's night")
      #expect(!FileManager.default.fileExists(atPath: folder + "/PROJECT.toml"))
      try FileManager.default.removeItem(atPath: folder + "/lights/mine.fits")
      try AtomicFile.write("version = 1\n", to: folder + "/PROJECT.toml")
      await #expect {
        try await project.write(to: folder, jobs: 1)
      } throws: {
        ($0 as? PipelineError)?.code == .cannotCreate
      }
    }
  }

  @Test("Frames read back as they were made, with the header of the camera's dialect")
  func frames() async throws {
    let project = SimulatedProject(preset: .quick, lights: 1, seed: 3)
    let simulation = project.simulation
    try await withFolder { folder in
      try await project.write(to: folder, jobs: 2)
      for file in project.files {
        let (header, image) = try FITSFile.readImage(path: folder + "/" + file.path)
        #expect(header.text("OBSTYPE") == (file.kind == .light ? "OBJECT" : file.kind.rawValue.uppercased()))
        #expect(header.number("EXPTIME") == file.exposure)
        #expect(header.text("INSTRUME") == "hdi" && header.text("FILENAME") == file.name)
        #expect(header.text("TRIMSEC") == "[1:512,1:512]" && header.text("BIASSEC") == "[513:560,1:512]")
        #expect(!header.contains("GAIN"))
        #expect(header.contains("CMMTOBS") == (file.kind == .light || file.kind == .flat))
        #expect(image.width == simulation.camera.rawWidth && image.height == simulation.camera.height)
        #expect(image.pixels == file.unit(of: simulation).pixels.asFloats)
      }
      let light = try #require(project.files.last)
      #expect(light.name == "c8867t0101o00.fits")
      let header = try FITSFile.readHeader(path: folder + "/" + light.path).header
      #expect(header.text("DATE-OBS") == "2020-01-19T02:20:00.000")
      // 67.88, 18.20 in the equinox 2020.05, by astropy 8.0.2 (FK5): 04:32:41.033 +18:14:30.34.
      #expect(header.number("EQUINOX") == 2020.05)
      #expect(header.text("RASTRNG") == "04:32:41.03" && header.text("DECSTRNG") == "+18:14:30.3")
    }
  }

  @Test("The project file is a valid one, and names a good frame", arguments: SimulationPreset.allCases)
  func projectFile(preset: SimulationPreset) throws {
    let simulated = SimulatedProject(preset: preset)
    let project = try Project(file: "night/PROJECT.toml", toml: simulated.projectFile)
    let stars = project.configuration.star
    #expect(stars.filter { $0.role == .target }.map(\.name).contains("HH 30"))
    #expect(stars.filter { $0.role == .avoid }.map(\.name).starts(with: ["HL Tau", "XZ Tau"]))
    let truth = SimulatedTruth(simulated.simulation, files: simulated.files)
    for star in stars {
      let frame = try #require(star.frame)
      let file = try #require(truth.files.first { $0.path == frame })
      #expect(truth.conditions[file.index].mishap == nil)
      let number = try #require(simulated.simulation.sky.stars.firstIndex { $0.name == star.name })
      let place = simulated.simulation.stars(in: file.index)[number].place
      #expect(try #require(star.position).distance(to: place) < 0.008)  // written to a hundredth
    }
  }

  @Test("The truth has a row for every frame, and curves that agree with the injected change")
  func truthTables() throws {
    let project = SimulatedProject(preset: .demo, seed: 2)
    let truth = SimulatedTruth(project.simulation, files: project.files)
    let frames = rows(truth.framesTable)
    #expect(frames.count == 120)
    for (index, row) in frames.enumerated() {
      #expect(row["frame"] == "\(index + 1)" && row["file"] == truth.files[index].path)
      let expected = Mishap.Expected(rawValue: row["expected"] ?? "")
      #expect(expected != nil)
      #expect(expected == .used || row["reason"] != "")
      for name in (row["causes"] ?? "").split(separator: "|") { #expect(QualityFlags(name: String(name)) != nil) }
    }
    let reference = frames[truth.reference]
    #expect(abs(Double(reference["dx_px"] ?? "") ?? .nan) < 1e-9)  // rounding
    #expect(reference["rotation_deg"] == "0.0")
    #expect(frames.contains { $0["reason"] == "no starlight through the cloud" && $0["cloud_mag"] == "" })

    let curves = rows(truth.lightCurvesTable)
    #expect(curves.count == 3 * 120)
    for row in curves {
      let number = try #require(project.simulation.sky.stars.firstIndex { $0.name == row["star"] })
      let star = project.simulation.sky.stars[number]
      let index = try #require(Int(row["frame"] ?? "")) - 1
      let change = star.variability.magnitudeChange(at: project.simulation.night.hours(of: index))
      let delta = try #require(Double(row["delta_mag"] ?? ""))
      let relative = try #require(Double(row["rel_flux"] ?? ""))
      #expect(delta == change)
      #expect(abs(relative - pow(10, -0.4 * change)) < 1e-12)  // rounding
    }
    #expect(rows(truth.starsTable).count > 300)
  }

  @Test("Named stars stand where the catalogue has them")
  func catalogue() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let catalogue = rows(try FileBytes.text(of: root + "/catalogs/stars/hl_tau_targets.csv"))
    for star in Sky.youngStarsNearHLTau(span: 5, extended: true) {
      let row = try #require(catalogue.first { $0["name"] == star.name })
      #expect(Double(row["ra_deg"] ?? "") == star.rightAscension && Double(row["dec_deg"] ?? "") == star.declination)
      #expect(row["role"] == star.role?.rawValue)
      #expect(abs(star.blobs.reduce(0) { $0 + $1.share } - 1) < 1e-12)  // rounding
    }
  }
}

extension FITSPixels {
  /// As a reader gives them.
  fileprivate var asFloats: [Float] {
    if case .uint16(let pixels) = self { pixels.map(Float.init) } else { [] }
  }
}
