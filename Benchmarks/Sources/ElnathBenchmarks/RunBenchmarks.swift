import ElnathCore
import ElnathPipeline
import FoundationEssentials
import Logging

/// A run over 120 simulated frames of 1024 x 1024 with their calibration frames: each step alone, then the whole, plots
/// left to gnuplot's own time.
func runBenchmarks() async throws -> [Benchmark] {
  let folder = FileManager.default.temporaryDirectory.path + "/elnath-benchmark-night"
  let package = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
  try await SimulatedProject(preset: .demo).write(to: folder, jobs: 2)
  // An open workspace has its folder for itself.
  @Sendable func open(_ output: String) throws -> Workspace {
    var quiet = Logger(label: "elnath")
    quiet.logLevel = .critical
    return try Workspace(
      Project(file: folder + "/PROJECT.toml"),
      options: Workspace.Options(
        output: folder + "/" + output, jobs: 2, catalogs: package + "/catalogs", plots: package + "/plots"),
      log: quiet)
  }
  let workspace = try open("steps")
  let reduce = try await workspace.reduceStage(workspace.masters())
  let alignment = try await workspace.align(reduce)
  let measured = try await workspace.measure(alignment, reduce: reduce)
  let table = try workspace.flag(measured)
  let curves = try workspace.lightCurves(table)
  func step(_ name: String, _ body: @escaping () async throws -> Void) -> Benchmark {
    Benchmark(name: "run: \(name)", unit: "pixels", count: 120 * 1024 * 1024, body: body)
  }
  return [
    step("headers") { _ = try open("headers") },
    step("masters") {
      try? FileManager.default.removeItem(atPath: folder + "/steps/masters/keys.txt")
      _ = try await workspace.masters()
    },
    step("masters, up to date") { _ = try await workspace.masters() },
    step("align") { _ = try await workspace.align(reduce) },
    step("measure") { _ = try await workspace.measure(alignment, reduce: reduce) },
    step("flag") { _ = try workspace.flag(measured) },
    step("lightcurve") { _ = try workspace.lightCurves(table) },
    step("tables") {
      try workspace.writeAlignment(alignment)
      try workspace.writePhotometry(table)
      _ = try workspace.writeLightCurves(curves)
    },
    step("120 frames of 1024 x 1024") { _ = try await open("run").run() },
  ]
}
