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
  let bytesPerBand: Int
  /// Pixels of each frame that do not count.
  private var marks: [PixelBits] = []

  /// From this many frames on the wings of a star in one of them lie far below the noise of the mean.
  private static let fewFrames = 20

  init(
    frames: [CalibrationSurvey.Frame], outputs: [Amplifier], rule: MasterCombination,
    noise: [[MasterCombination.Noise]], weights: [Double]?, typical: Double,
    bytesPerBand: Int
  ) {
    self.frames = frames
    self.outputs = outputs
    self.rule = rule
    self.noise = noise
    self.weights = weights
    self.typical = typical
    self.bytesPerBand = bytesPerBand
  }

  /// - Parameter stars: true for frames that may hold stars, which are looked for by comparison with a first master.
  mutating func planes(_ runner: SeriesRunner, stars: Bool) async throws -> MasterPlanes {
    let first = try await combined(runner)
    guard stars, rule.method.rejects, (3...Self.fewFrames).contains(frames.count) else { return first }
    marks = try await starMarks(runner, master: first.combined())
    return marks.contains { $0.count > 0 } ? try await combined(runner) : first
  }

  private var width: Int { frames[0].preparation.width }
  private var height: Int { frames[0].preparation.height }

  private func starMarks(_ runner: SeriesRunner, master: PixelGrid<Float>) async throws -> [PixelBits] {
    let (width, height) = (width, height)
    let noise = noise
    return try await runner.map(Array(frames.enumerated())) { k, frame in
      var pixels = [Float](repeating: .nan, count: width * height)
      try pixels.withUnsafeMutableBufferPointer { pixels in
        let first = frame.preparation.rawRows(0..<height).lowerBound
        try frame.rows.read(rows: frame.preparation.rawRows(0..<height)) { row, values in
          let y = row - first
          frame.preparation.prepare(
            values, row: y, into: UnsafeMutableBufferPointer(rebasing: pixels[(y * width)..<((y + 1) * width)]))
        }
      }
      let grid = PixelGrid(width: width, height: height, pixels: pixels)
      // The noisiest output, so that none shows what is not there.
      let own = noise.map { $0[k] }
      let most = MasterCombination.Noise(
        constant: own.map(\.constant).max() ?? 0, linear: own.map(\.linear).max() ?? 0)
      return FlatStars()(grid, master: master, noise: most)
    }
  }

  private func combined(_ runner: SeriesRunner) async throws -> MasterPlanes {
    let planes = MasterPlanes(width: width, height: height)
    // Frames from which nothing was subtracted still lie on the grid of whole ADU.
    let step = frames.allSatisfy(\.preparation.keepsValues) ? 1.0 : 0
    let kernels = noise.map { CombinationKernel(rule, noise: $0, weights: weights, typical: typical, step: step) }
    _ = try await runner.map(bands()) { rows in
      try combine(rows, into: planes, by: kernels)
    }
    return planes
  }

  /// Rows that are combined at a time; none reaches from one output into the next above it.
  private func bands() -> [Range<Int>] {
    let rows = max(1, bytesPerBand / (width * frames.count * MemoryLayout<Float>.size))
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
    let prepared = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
    defer { prepared.deallocate() }
    for (k, frame) in frames.enumerated() {
      let raw = frame.preparation.rawRows(rows)
      try frame.rows.read(rows: raw) { row, values in
        let y = row - raw.lowerBound + rows.lowerBound
        frame.preparation.prepare(values, row: y, into: prepared)
        if !marks.isEmpty { marks[k].blank(prepared, row: y) }
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
