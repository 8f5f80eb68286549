import ElnathCore
import ElnathFITS

/// One frame on its way into a stack.
struct StackInput: Sendable {
  var observation: Observation
  var rows: FrameRows
  /// The same rows as integers, where the file holds such.
  var integers: RowReader?
  /// From the reference frame to this one; nil where pixel lies on pixel.
  var transform: SimilarityTransform?
  /// What is taken from its values first, and what they are multiplied by then.
  var sky = 0.0
  var factor = 1.0
  var frame = StackKernel.Frame()

  var isPlain: Bool { transform == nil && sky == 0 && factor == 1 }
}

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
    return planes.stack()
  }

  private func general(_ inputs: [StackInput], level: Double, _ planes: StackPlanes) async throws {
    let (width, height) = (planes.width, planes.height)
    let general = StackKernel(rule, frames: inputs.map(\.frame))
    let resamplings = inputs.map { input in input.transform.map { Resampling(kernel, transform: $0) } }
    let isResampled = inputs.contains { $0.transform != nil }
    let bytes = CombinationBand.bytes(frames: inputs.count, pixels: width) * (isResampled ? 2 : 1)
    try await eachBand(bytesPerRow: bytes, planes) { rows in
      let first = max(0, rows.lowerBound - general.margin)
      let all = first..<min(height, rows.upperBound + general.margin)
      let band = CombinationBand(frames: inputs.count, pixels: all.count * width)
      let dilution = isResampled ? CombinationBand(frames: inputs.count, pixels: all.count * width) : nil
      let line = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2 * width)
      defer { line.deallocate() }
      let values = UnsafeMutableBufferPointer(rebasing: line[..<width])
      let thinned = UnsafeMutableBufferPointer(rebasing: line[width...])
      for (k, input) in inputs.enumerated() {
        let (sky, factor, level) = (Float(input.sky), Float(input.factor), Float(level))
        func store(_ y: Int) {
          if factor != 1 || sky != 0 || level != 0 {
            for x in 0..<width { values[x] = (values[x] - sky) * factor + level }
          }
          band.store(UnsafeBufferPointer(values), frame: k, at: (y - first) * width)
          dilution?.store(UnsafeBufferPointer(thinned), frame: k, at: (y - first) * width)
        }
        if let resampling = resamplings[k] {
          let window = resampling.sourceRows(for: all, width: width, height: height)
          let source = UnsafeMutableBufferPointer<Float>.allocate(capacity: window.count * width)
          defer { source.deallocate() }
          try input.rows.read(rows: window) { y, read in
            let place = (y - window.lowerBound) * width
            _ = source[place..<(place + width)].update(fromContentsOf: read)
          }
          for y in all {
            resampling.row(
              y, of: UnsafeBufferPointer(source), columns: width, from: window.lowerBound, values: values,
              dilution: thinned)
            store(y)
          }
        } else {
          thinned.update(repeating: 1)
          try input.rows.read(rows: all) { y, read in
            _ = values.update(fromContentsOf: read)
            store(y)
          }
        }
      }
      general.combine(band, dilution: dilution, rows: rows, bandFirst: first, bandRows: all.count, into: planes)
    }
  }

  /// Bytes of the planes for each pixel: two of reals, two of counts; twice, as they are handed over at the end.
  private static let planeBytes = 2 * (2 * 4 + 2 * 2)
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
