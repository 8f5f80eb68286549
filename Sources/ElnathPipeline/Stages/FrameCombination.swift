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

  /// - Parameter stars: true for frames that may hold stars, which are looked for by comparison with a first master: that
  ///   takes another byte for each pixel of each frame.
  func planes(_ runner: SeriesRunner, stars: Bool) async throws -> MasterPlanes {
    let planes = MasterPlanes(width: width, height: height)
    // Frames from which nothing was subtracted still lie on the grid of whole ADU.
    let step = frames.allSatisfy(\.preparation.keepsValues) ? 1.0 : 0
    let kernels = noise.map { CombinationKernel(rule, noise: $0, weights: weights, typical: typical, step: step) }
    let isSearched = stars && rule.method.rejects && (3...Self.fewFrames).contains(frames.count)
    let pulls = isSearched ? FlatPulls(width: width, height: height, noise: mostNoise) : nil
    _ = try await runner.map(bands()) { rows in
      try combine(rows, into: planes, pulls, by: kernels)
    }
    guard let pulls else { return planes }
    let marks = try await runner.map(Array(frames.indices)) { FlatStars()(pulls, frame: $0) }
    let again = MarkedCombination(frames: frames, outputs: outputs, kernels: kernels, marks: marks)
    _ = try await runner.map(again.parts()) { part in
      try again.combine(part, into: planes)
    }
    return planes
  }

  private var width: Int { frames[0].preparation.width }
  private var height: Int { frames[0].preparation.height }

  /// Of each frame that of the noisiest output, so that none shows what is not there.
  private var mostNoise: [MasterCombination.Noise] {
    frames.indices.map { k in
      MasterCombination.Noise(
        constant: noise.map { $0[k].constant }.max() ?? 0, linear: noise.map { $0[k].linear }.max() ?? 0)
    }
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

  private func combine(
    _ rows: Range<Int>, into planes: MasterPlanes, _ pulls: FlatPulls?, by kernels: [CombinationKernel]
  ) throws {
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
    for part in parts {
      planes.combine(part.band, by: part.kernel, in: part.area)
      pulls?.fill(part.area, from: part.band, over: planes)
    }
  }

  /// What one output has of a band.
  private struct Part {
    let area: PixelRectangle
    let band: CombinationBand
    let kernel: CombinationKernel
  }
}
