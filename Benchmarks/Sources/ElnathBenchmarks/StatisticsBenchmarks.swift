import ElnathCore

/// Medians of as many values as a box of the background mesh or a ring around a star has, and of many.
func statisticsBenchmarks() -> [Benchmark] {
  var random = SeededGenerator(seed: 7)
  var values = (0..<256_000).map { _ in Float(1000 + 30 * random.normal()) }
  return [
    Benchmark(name: "statistics: 1000 medians of 256 values", unit: "values", count: values.count) {
      values.withUnsafeMutableBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: 256) {
          _ = Median.of(UnsafeMutableBufferPointer(rebasing: values[start..<(start + 256)]), count: 256)
        }
      }
    },
    Benchmark(name: "statistics: median of 256 000 values", unit: "values", count: values.count) {
      values.withUnsafeMutableBufferPointer { _ = Median.of($0, count: $0.count) }
    },
  ]
}
