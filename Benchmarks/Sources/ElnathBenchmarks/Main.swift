import ElnathPipeline

/// Times the kernels and a whole run: `swift run -c release --package-path Benchmarks ElnathBenchmarks [word]`, where a
/// word chooses the groups below whose names begin with it; `chain` is whole runs, made only where it is asked for.
@main
enum Main {
  @MainActor static func main() async throws {
    FreedMemory.keep()
    try await measure()
  }

  private nonisolated static func measure() async throws {
    let word = CommandLine.arguments.dropFirst().first ?? ""
    let groups: [(String, () async throws -> [Benchmark])] = [
      ("statistics", { statisticsBenchmarks() }),
      ("fits", { try fitsBenchmarks() }),
      ("reduce", { reduceBenchmarks() }),
      ("masters", { try masterBenchmarks() }),
      ("align", { alignBenchmarks() }),
      ("solve", { solveBenchmarks() }),
      ("stack", { stackBenchmarks() }),
      ("compare", { compareBenchmarks() }),
      ("events", { eventBenchmarks() }),
      ("cameras", { cameraBenchmarks() }),
      ("measure", { measureBenchmarks() }),
      ("lightcurve", { lightCurveBenchmarks() }),
      ("run", { try await runBenchmarks() }),
      ("chain", { try await chainBenchmarks() }),
    ]
    for (group, make) in groups where word.isEmpty ? group != "chain" : word.hasPrefix(group) {
      for benchmark in try await make() where word.isEmpty || benchmark.name.hasPrefix(word) {
        let seconds = try await benchmark.measure()
        let rate = Double(benchmark.count) / seconds
        print("\(benchmark.name): \(rounded(seconds * 1000)) ms CPU, \(rounded(rate / 1e6)) M\(benchmark.unit)/s")
      }
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
