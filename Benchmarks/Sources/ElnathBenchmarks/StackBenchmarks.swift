import ElnathCore

/// Bands of 4096 pixels in some rows: integers pixel on pixel and reals, of a night and of a season, and what resampling
/// adds.
func stackBenchmarks() -> [Benchmark] {
  combinations(frames: 88, rows: 64) + combinations(frames: 880, rows: 16) + resamplings(rows: 64)
}

private let width = 4096

/// Normal values of a table, begun elsewhere in each frame: quick to make, and no two frames alike.
private struct NoiseTable {
  let values: [Int16]
  let starts: [Int]

  init(frames: Int, pixels: Int) {
    var random = SeededGenerator(seed: 6)
    values = (0..<(2 * pixels)).map { _ in Int16(max(-32_000, min(32_000, (6 * random.normal()).rounded()))) }
    starts = (0..<frames).map { _ in Int(random.next() % UInt64(pixels)) }
  }
}

private func combinations(frames: Int, rows: Int) -> [Benchmark] {
  let count = width * rows
  let table = NoiseTable(frames: frames, pixels: count)
  let stored = table.values.map(\.bigEndian)
  let reals = table.values.map { Float($0) }
  let planes = StackPlanes(width: width, height: rows)
  var benchmarks: [Benchmark] = []
  for rejection in [StackRule.Rejection.none, .sigma] {
    guard let quick = IntegerStack(StackRule(rejection, .median), frames: frames, zero: 0) else { continue }
    let band = IntegerBand(frames: frames, pixels: count)
    let name = "stack: \(frames) frames of integers, \(rejection.rawValue), median"
    benchmarks.append(
      Benchmark(name: name, unit: "values", count: frames * count) {
        stored.withUnsafeBufferPointer { stored in
          for (k, start) in table.starts.enumerated() {
            band.store(bigEndian: UnsafeBufferPointer(rebasing: stored[start..<(start + count)]), frame: k, at: 0)
          }
        }
        quick.combine(band, count: count, into: planes, at: 0)
      })
  }
  let variances = CombinationBand(frames: frames, pixels: count)
  let noise = [Float](repeating: 36, count: count)
  noise.withUnsafeBufferPointer { noise in
    for k in 0..<frames { variances.store(noise, frame: k, at: 0) }
  }
  for rejection in [StackRule.Rejection.sigma, .noise] {
    let kernel = StackKernel(
      StackRule(rejection, .weighted, low: 4, high: 4), frames: table.starts.map { _ in .measured(weight: 1) })
    let band = CombinationBand(frames: frames, pixels: count)
    let name = "stack: \(frames) frames of reals with variances, \(rejection.rawValue), weighted"
    benchmarks.append(
      Benchmark(name: name, unit: "values", count: frames * count) {
        reals.withUnsafeBufferPointer { reals in
          for (k, start) in table.starts.enumerated() {
            band.store(UnsafeBufferPointer(rebasing: reals[start..<(start + count)]), frame: k, at: 0)
          }
        }
        kernel.combine(band, variances: variances, rows: 0..<rows, bandFirst: 0, bandRows: rows, into: planes)
      })
  }
  return benchmarks
}

/// Of a frame that is turned by 0.05 degrees, with its variances.
private func resamplings(rows: Int) -> [Benchmark] {
  let count = width * rows
  let reals = NoiseTable(frames: 1, pixels: count).values.map { Float($0) }
  return ResamplingKernel.allCases.map { kernel in
    let resampling = Resampling(kernel, transform: SimilarityTransform(a: 1, b: 0.0008, tx: 0.3, ty: 0.4))
    var line = [Float](repeating: 0, count: 2 * width)
    return Benchmark(name: "stack: resampling of a frame, \(kernel.rawValue)", unit: "pixels", count: count) {
      reals.withUnsafeBufferPointer { reals in
        let read = UnsafeBufferPointer(rebasing: reals[..<count])
        let source = Resampling.Source(values: read, variances: read, columns: width, first: 0)
        line.withUnsafeMutableBufferPointer { line in
          let output = Resampling.Output(
            values: UnsafeMutableBufferPointer(rebasing: line[..<width]),
            variances: UnsafeMutableBufferPointer(rebasing: line[width...]))
          for y in 0..<rows { resampling.row(y, of: source, into: output) }
        }
      }
    }
  }
}
