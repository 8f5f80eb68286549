import ElnathCore
import ElnathPipeline
import FoundationEssentials
import Logging

/// Whole runs from raw frames to light curves, masters made anew, and the same run once more without a change. Pictures
/// are drawn by gnuplot, whose time is its own. Takes 2 GB of disk, so these are made only where `chain` is asked for.
func chainBenchmarks() async throws -> [Benchmark] {
  [
    try await chain("120 frames of 1024 x 1024", preset: .demo, pixels: 120 << 20),
    try await chain("22 frames of 4096 x 4112", preset: .hdi1, pixels: 22 * 4096 * 4112),
  ].flatMap { $0 }
}

private func chain(_ name: String, preset: SimulationPreset, pixels: Int) async throws -> [Benchmark] {
  let night = try await SimulatedNight(preset)
  return [
    Benchmark(name: "chain: \(name)", unit: "pixels", count: pixels) {
      night.forgetMasters("chain")
      _ = try await night.open("chain").run(fresh: true)
    },
    Benchmark(name: "chain: \(name), nothing changed", unit: "pixels", count: pixels) {
      _ = try await night.open("chain").run()
    },
  ]
}

/// A simulated night in the folder for temporary files, where it stays for the next time.
struct SimulatedNight: Sendable {
  let folder: String
  private let package: String

  init(_ preset: SimulationPreset) async throws {
    folder = FileManager.default.temporaryDirectory.path + "/elnath-benchmark-\(preset.rawValue)"
    package = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
    try await SimulatedProject(preset: preset).write(to: folder, jobs: 2)
  }

  /// An open workspace has its folder for itself.
  func open(_ output: String) throws -> Workspace {
    var quiet = Logger(label: "elnath")
    quiet.logLevel = .critical
    return try Workspace(
      Project(file: folder + "/PROJECT.toml"),
      options: Workspace.Options(
        output: folder + "/" + output, jobs: 2, catalogs: package + "/catalogs", plots: package + "/plots"),
      log: quiet)
  }

  /// Makes the next run build its masters.
  func forgetMasters(_ output: String) {
    try? FileManager.default.removeItem(atPath: folder + "/\(output)/masters/keys.txt")
  }
}
