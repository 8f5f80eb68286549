import ElnathPipeline

/// Times the kernels and a whole run: `swift run -c release --package-path Benchmarks ElnathBenchmarks [word]`, where a
/// word chooses the benchmarks whose names begin with it: `fits`, `reduce`, `masters`, `align`, `stack`, `events`,
/// `cameras`, `measure`, `lightcurve`, `run`.
@main
enum Main {
  static func main() async throws {
    FreedMemory.keep()
    let word = CommandLine.arguments.dropFirst().first ?? ""
    let groups: [(String, () async throws -> [Benchmark])] = [
      ("fits", { try fitsBenchmarks() }), ("reduce", { reduceBenchmarks() }), ("masters", { try masterBenchmarks() }),
      ("align", { alignBenchmarks() }), ("stack", { stackBenchmarks() }),
      ("events", { eventBenchmarks() }), ("cameras", { cameraBenchmarks() }), ("measure", { measureBenchmarks() }),
      ("lightcurve", { lightCurveBenchmarks() }),
      ("run", { try await runBenchmarks() }),
    ]
    for (group, make) in groups where word.isEmpty || word.hasPrefix(group) {
      for benchmark in try await make() where word.isEmpty || benchmark.name.hasPrefix(word) {
        let seconds = try await benchmark.measure()
        let rate = Double(benchmark.count) / seconds
        print("\(benchmark.name): \(rounded(seconds * 1000)) ms CPU, \(rounded(rate / 1e6)) M\(benchmark.unit)/s")
      }
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
