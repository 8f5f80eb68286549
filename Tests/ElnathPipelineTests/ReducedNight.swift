// A project on disk, its masters and its reduced frames as they stand in the files.
import ElnathCore
import ElnathFITS
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

struct ReducedNight {
  let output: String
  /// By file name without its ending: `bias`, `dark_60s`, `flat_R`.
  let masters: [String: PlainFITS]
  /// In the order of the series.
  let lights: [PlainFITS]

  /// Reduces a project with `--keep`.
  init(project path: String) async throws {
    let workspace = try Workspace.quiet(path)
    try await Self.reduceKeeping(workspace)
    let output = workspace.output
    self.output = output
    let names = try Self.files(output + "/masters").filter { !$0.hasPrefix("bad_pixels") }
    masters = try names.reduce(into: [:]) { masters, name in
      masters[String(name.dropLast(5))] = try PlainFITS(output + "/masters/" + name)
    }
    lights = try Self.files(output + "/reduced").map { try PlainFITS(output + "/reduced/" + $0) }
  }

  private static func reduceKeeping(_ workspace: Workspace) async throws {
    let library = try await workspace.masters()
    try await workspace.writeReduced(workspace.reduceStage(library))
  }

  private static func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".fits") }.sorted()
  }

  func master(_ name: String) throws -> PlainFITS { try #require(masters[name], "\(masters.keys.sorted())") }

  func text(_ name: String) throws -> String { try FileBytes.text(of: output + "/" + name) }
}

extension TestFolder {
  /// Writes a simulated night, with `settings` added to its project file.
  func write(_ simulation: Simulation, settings: String = "") async throws -> String {
    let project = SimulatedProject(simulation, preset: .quick)
    try await project.write(to: folder.path, jobs: 2)
    let path = folder.absolute("PROJECT.toml")
    try AtomicFile.write(project.projectFile + "\n" + settings, to: path)
    return path
  }

  /// Changes the pixels of a raw frame in its file.
  func change(_ file: String, _ body: (inout PixelGrid<UInt16>) -> Void) throws {
    let path = folder.absolute(file)
    let (header, image) = try FITSFile.readImage(path: path)
    var grid = PixelGrid(width: image.width, height: image.height, pixels: image.pixels.map { UInt16($0) })
    body(&grid)
    try FITSWriter.write(
      [FITSHDU(width: grid.width, height: grid.height, pixels: .uint16(grid.pixels), cards: header.cards)], to: path)
  }
}
