import ElnathCore
import ElnathFITS

/// `stack`: combines frames band by band of rows, under a cap on memory that does not depend on how many there are.
///
/// The result depends neither on the bands nor on the number of jobs.
struct StackStage: Sendable {
  static let name = "stack"

  let rule: StackRule
  let kernel: ResamplingKernel
  let runner: SeriesRunner
  /// Bytes, the planes of the result included; where they are not enough, one row at a time is worked on.
  let memory: Int
  /// Told how many of how many bands are done.
  var finished: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

  /// - Parameters:
  ///   - width, height: of the stack, and of the frames.
  ///   - level: added to every value.
  func callAsFunction(_ inputs: [StackInput], width: Int, height: Int, level: Double = 0) async throws -> Stack {
    let planes = StackPlanes(width: width, height: height)
    let zero = inputs[0].integers?.integerZero
    let integers = inputs.compactMap { $0.isPlain && $0.integers?.integerZero == zero ? $0.integers : nil }
    if let zero, level == 0, integers.count == inputs.count,
      let quick = IntegerStack(rule, frames: inputs.count, zero: zero)
    {
      let bytes = IntegerBand.bytes(frames: inputs.count, pixels: width)
      try await eachBand(bytesPerRow: bytes, planes) { rows in
        let band = IntegerBand(frames: integers.count, pixels: rows.count * width)
        for (k, reader) in integers.enumerated() {
          do throws(FITSError) {
            try reader.readIntegers(rows: rows) { row, stored in
              band.store(bigEndian: stored, frame: k, at: (row - rows.lowerBound) * width)
            }
          } catch {
            throw Self.lost(reader.path, error)
          }
        }
        quick.combine(band, count: rows.count * width, into: planes, at: rows.lowerBound * width)
      }
    } else {
      try await general(inputs, level: level, planes)
    }
    var stack = planes.stack()
    stack.correlation = correlation(inputs, width: width, height: height)
    return stack
  }

  /// What resampling does to sums over pixels; 1 where nothing was resampled.
  private func correlation(_ inputs: [StackInput], width: Int, height: Int) -> Double {
    guard inputs.contains(where: { $0.transform != nil }) else { return 1 }
    return StackCorrelation.factor(
      inputs.map { input in
        // Weights are one over the variance, where they are known; else the frames count alike.
        StackCorrelation.Frame(
          resampling: input.transform.map { Resampling(kernel, transform: $0) },
          weight: rule.combination == .weighted ? input.frame.weight : 1, variance: 1 / input.frame.weight)
      }, width: width, height: height)
  }

  private func general(_ inputs: [StackInput], level: Double, _ planes: StackPlanes) async throws {
    let (width, height) = (planes.width, planes.height)
    let general = StackKernel(rule, frames: inputs.map(\.frame))
    let resamplings = inputs.map { input in input.transform.map { Resampling(kernel, transform: $0) } }
    // Where nothing is resampled and no variance known each value has that of its frame.
    let hasVariances = inputs.contains { $0.transform != nil || $0.hasVariances }
    let bytes = CombinationBand.bytes(frames: inputs.count, pixels: width) * (hasVariances ? 2 : 1)
    try await eachBand(bytesPerRow: bytes, planes) { rows in
      let all = max(0, rows.lowerBound - general.margin)..<min(height, rows.upperBound + general.margin)
      let band = StackRows(rows: all, width: width, height: height, frames: inputs.count, hasVariances: hasVariances)
      for (k, input) in inputs.enumerated() {
        try band.store(input, frame: k, resampling: resamplings[k], level: Float(level)) { x, y in
          let place = PixelPoint(x: Double(x), y: Double(y))
          planes.countSaturated(at: input.transform?.inverse(place) ?? place, within: rows)
        }
      }
      general.combine(
        band.values, variances: band.variances, rows: rows, bandFirst: all.lowerBound, bandRows: all.count,
        into: planes)
    }
  }

  /// Bytes of the planes for each pixel: two of reals, three of counts; twice, as they are handed over at the end.
  private static let planeBytes = 2 * (2 * 4 + 3 * 2)
  /// More than this at a time gains nothing.
  private static let usualBand = 48 << 20

  private func eachBand(
    bytesPerRow: Int, _ planes: StackPlanes, _ body: @escaping @Sendable (Range<Int>) throws -> Void
  ) async throws {
    let free = max(0, memory - Self.planeBytes * planes.width * planes.height) / runner.jobs
    let rows = max(1, min(free / bytesPerRow, max(16, Self.usualBand / bytesPerRow)))
    let bands = stride(from: 0, to: planes.height, by: rows).map { $0..<min($0 + rows, planes.height) }
    let finished = finished
    _ = try await runner.map(bands, finished: { finished($0, bands.count) }, body)
  }

  private static func lost(_ path: String, _ error: FITSError) -> PipelineError {
    PipelineError(
      .inputOutput, path, "can no longer be read (\(error.message)); run again when it can", underlying: error)
  }
}
