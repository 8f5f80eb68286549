import ElnathCore
import ElnathPipeline

/// The steps of a run over 120 simulated frames of 1024 x 1024, each alone.
func runBenchmarks() async throws -> [Benchmark] {
  let night = try await SimulatedNight(.demo)
  let workspace = try night.open("steps")
  let reduce = try await workspace.reduceStage(workspace.masters())
  let alignment = try await workspace.align(reduce)
  let measured = try await workspace.measure(alignment, reduce: reduce, solution: nil)
  let table = try workspace.flag(measured)
  let curves = try workspace.lightCurves(table)
  func step(_ name: String, _ body: @escaping () async throws -> Void) -> Benchmark {
    Benchmark(name: "run: \(name)", unit: "pixels", count: 120 * 1024 * 1024, body: body)
  }
  return [
    step("headers") { _ = try night.open("headers") },
    step("masters") {
      night.forgetMasters("steps")
      _ = try await workspace.masters()
    },
    step("masters, up to date") { _ = try await workspace.masters() },
    step("align") { _ = try await workspace.align(reduce) },
    step("measure") { _ = try await workspace.measure(alignment, reduce: reduce, solution: nil) },
    step("flag") { _ = try workspace.flag(measured) },
    step("lightcurve") { _ = try workspace.lightCurves(table) },
    step("tables") {
      try workspace.writeAlignment(alignment)
      try workspace.writePhotometry(table)
      _ = try workspace.writeLightCurves(curves)
    },
  ]
}
