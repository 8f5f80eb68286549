import ElnathCore

/// Combines prepared frames band by band.
struct FrameCombination: Sendable {
  let frames: [CalibrationSurvey.Frame]
  let outputs: [Amplifier]
  let rule: MasterCombination
  /// Of each output, of each frame.
  let noise: [[MasterCombination.Noise]]
  let weights: [Double]?
  /// What most pixels of a prepared frame hold.
  let typical: Double
  /// At most.
  let bytesPerBand: Int

  /// From this many frames on the wings of a star in one of them lie far below the noise of the mean.
  private static let fewFrames = 20

  /// - Parameter stars: true for frames that may hold stars, which are looked for by comparison with a first master.
  func planes(_ runner: SeriesRunner, stars: Bool) async throws -> MasterPlanes {
    let planes = MasterPlanes(width: width, height: height)
    // Frames from which nothing was subtracted still lie on the grid of whole ADU.
    let step = frames.allSatisfy(\.preparation.keepsValues) ? 1.0 : 0
    let kernels = noise.map { CombinationKernel(rule, noise: $0, weights: weights, typical: typical, step: step) }
    _ = try await runner.map(bands()) { rows in
      try combine(rows, into: planes, by: kernels)
    }
    guard stars, rule.method.rejects, (3...Self.fewFrames).contains(frames.count) else { return planes }
    let marks = try await starMarks(runner, master: planes)
    let again = MarkedCombination(frames: frames, outputs: outputs, kernels: kernels, marks: marks)
    _ = try await runner.map(again.parts()) { part in
      try again.combine(part, into: planes)
    }
    return planes
  }

  private var width: Int { frames[0].preparation.width }
  private var height: Int { frames[0].preparation.height }

  private func starMarks(_ runner: SeriesRunner, master: MasterPlanes) async throws -> [PixelBits] {
    let frames = frames
    // The noisiest output, so that none shows what is not there.
    let most = frames.indices.map { k in
      MasterCombination.Noise(
        constant: noise.map { $0[k].constant }.max() ?? 0, linear: noise.map { $0[k].linear }.max() ?? 0)
    }
    // Frames side by side, as many at a time for each job.
    let parts = min(runner.jobs, frames.count)
    let groups = (0..<parts).map { ($0 * frames.count / parts)..<(($0 + 1) * frames.count / parts) }
    let marks = try await runner.map(groups) { group in
      try FlatStars()(master: master, noise: Array(most[group])) { k, rows, step, body in
        try frames[group.lowerBound + k].read(rows: rows, every: step, body)
      }
    }
    return marks.flatMap { $0 }
  }

  private static let cached = 2 << 20
  private static let leastRows = 8

  /// Rows that are combined at a time; none reaches from one output into the next above it.
  private func bands() -> [Range<Int>] {
    let row = width * frames.count * MemoryLayout<Float>.size
    // What stays in the processor's cache; yet not so few rows that to open the files takes longer than to read them.
    let rows = max(1, min(bytesPerBand / row, max(Self.cached / row, Self.leastRows)))
    let edges = Set(outputs.flatMap { [$0.area.y, $0.area.y + $0.area.height] }).sorted()
    return zip(edges, edges.dropFirst()).flatMap { bottom, top in
      stride(from: bottom, to: top, by: rows).map { $0..<min($0 + rows, top) }
    }
  }

  private func combine(_ rows: Range<Int>, into planes: MasterPlanes, by kernels: [CombinationKernel]) throws {
    let parts = outputs.enumerated().compactMap { number, output -> Part? in
      let area = output.area
      guard area.y <= rows.lowerBound && rows.upperBound <= area.y + area.height else { return nil }
      let box = PixelRectangle(x: area.x, y: rows.lowerBound, width: area.width, height: rows.count)
      return Part(
        area: box, band: CombinationBand(frames: frames.count, pixels: box.width * box.height), kernel: kernels[number])
    }
    for (k, frame) in frames.enumerated() {
      try frame.read(rows: rows) { y, prepared in
        for part in parts {
          let columns = UnsafeBufferPointer(rebasing: prepared[part.area.x..<(part.area.x + part.area.width)])
          part.band.store(columns, frame: k, at: (y - rows.lowerBound) * part.area.width)
        }
      }
    }
    for part in parts { planes.combine(part.band, by: part.kernel, in: part.area) }
  }

  /// What one output has of a band.
  private struct Part {
    let area: PixelRectangle
    let band: CombinationBand
    let kernel: CombinationKernel
  }
}
