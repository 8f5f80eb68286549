import ElnathCore

/// Bands of 88 frames of 4096 pixels in 64 rows: integers pixel on pixel, reals, and what resampling adds.
func stackBenchmarks() -> [Benchmark] {
  let (width, rows, frames) = (4096, 64, 88)
  let count = width * rows
  var random = SeededGenerator(seed: 6)
  // Normal values of a table, begun elsewhere in each frame: quick to make, and no two frames alike.
  let table = (0..<(2 * count)).map { _ in Int16(max(-32_000, min(32_000, (6 * random.normal()).rounded()))) }
  let starts = (0..<frames).map { _ in Int(random.next() % UInt64(count)) }
  let stored = table.map(\.bigEndian)
  let reals = table.map { Float($0) }
  let planes = StackPlanes(width: width, height: rows)
  var benchmarks: [Benchmark] = []
  for rejection in [StackRule.Rejection.none, .sigma] {
    let rule = StackRule(rejection, .median)
    guard let quick = IntegerStack(rule, frames: frames, zero: 0) else { continue }
    let band = IntegerBand(frames: frames, pixels: count)
    benchmarks.append(
      Benchmark(name: "stack: 88 frames of integers, \(rejection.rawValue), median", unit: "pixels", count: count) {
        stored.withUnsafeBufferPointer { stored in
          for (k, start) in starts.enumerated() {
            band.store(bigEndian: UnsafeBufferPointer(rebasing: stored[start..<(start + count)]), frame: k, at: 0)
          }
        }
        quick.combine(band, count: count, into: planes, at: 0)
      })
  }
  let noise = MasterCombination.Noise(constant: 36, linear: 0)
  for rejection in [StackRule.Rejection.sigma, .noise] {
    let kernel = StackKernel(
      StackRule(rejection, .weighted), frames: starts.map { _ in StackKernel.Frame(weight: 1, noise: noise) })
    let band = CombinationBand(frames: frames, pixels: count)
    benchmarks.append(
      Benchmark(name: "stack: 88 frames of reals, \(rejection.rawValue), weighted", unit: "pixels", count: count) {
        reals.withUnsafeBufferPointer { reals in
          for (k, start) in starts.enumerated() {
            band.store(UnsafeBufferPointer(rebasing: reals[start..<(start + count)]), frame: k, at: 0)
          }
        }
        kernel.combine(band, rows: 0..<rows, bandFirst: 0, bandRows: rows, into: planes)
      })
  }
  for kernel in ResamplingKernel.allCases {
    let resampling = Resampling(kernel, transform: SimilarityTransform(a: 1, b: 0.0008, tx: 0.3, ty: 0.4))
    var line = [Float](repeating: 0, count: 2 * width)
    benchmarks.append(
      Benchmark(name: "stack: resampling of a frame, \(kernel.rawValue)", unit: "pixels", count: count) {
        reals.withUnsafeBufferPointer { reals in
          line.withUnsafeMutableBufferPointer { line in
            for y in 0..<rows {
              resampling.row(
                y, of: UnsafeBufferPointer(rebasing: reals[..<count]), columns: width, from: 0,
                values: UnsafeMutableBufferPointer(rebasing: line[..<width]),
                dilution: UnsafeMutableBufferPointer(rebasing: line[width...]))
            }
          }
        }
      })
  }
  return benchmarks
}
