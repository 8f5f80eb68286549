import ElnathCore

/// Registers bare frames to the best of them and brings them to its sky and its transparency.
struct BareAlignment: Sendable {
  let runner: SeriesRunner
  /// Which frames may enter.
  let settings: StackSettings

  struct Result {
    var inputs: [StackInput]
    var leftOut: [(file: String, reason: String)] = []
    /// Sky of the reference frame.
    var level = 0.0
  }

  func callAsFunction(_ inputs: [StackInput], width: Int, height: Int) async throws -> Result {
    let numbered = Array(inputs.enumerated())
    let series = try await runner.map(numbered) { k, input -> SeriesFrame in
      let observation = input.observation
      let summary = FrameSummary(
        frame: k + 1, file: observation.file, filter: observation.filter, night: observation.night,
        jdUTC: observation.jdUTC, exposure: observation.exposure)
      let image = try Self.image(input, width: width, height: height)
      return SeriesFrame(summary: summary, sources: SourceDetection()(image, of: observation))
    }
    guard let alignment = SeriesAlignment()(series) else {
      throw PipelineError(
        .badData, "", "no frame has enough stars to serve as the reference; stack without --align auto")
    }
    let reference = alignment.frames[alignment.reference - 1]
    var result = Result(inputs: [], level: reference.sky)
    let review = StackReview(alignment.frames, of: alignment.frames, settings: settings)
    result.leftOut = review.leftOut
    let kept = Set(review.kept.map(\.frame))
    for (input, row) in zip(inputs, alignment.frames) where kept.contains(row.frame) {
      guard let registration = row.registration else { continue }
      var own = input
      own.transform = registration.transform == .identity ? nil : registration.transform
      own.sky = row.sky
      let light = Self.light(row) / Self.light(reference)
      own.factor = light.isFinite && light > 0 ? 1 / light : 1
      result.inputs.append(own)
    }
    return result
  }

  /// Of a star of one brightness, in arbitrary units.
  private static func light(_ row: FrameSummary) -> Double {
    (row.transparency.isFinite ? row.transparency : 1) * (row.exposure > 0 ? row.exposure : 1)
  }

  private static func image(_ input: StackInput, width: Int, height: Int) throws -> MaskedImage {
    var pixels: [Float] = []
    pixels.reserveCapacity(width * height)
    try input.rows.read(rows: 0..<height) { _, values in pixels += values }
    return try MaskedImage(bare: PixelGrid(width: width, height: height, pixels: pixels), of: input.observation)
  }
}

extension MaskedImage {
  /// A frame of unknown unit with the noise that its pixels show, as detection wants it.
  init(bare grid: PixelGrid<Float>, of observation: Observation) throws(PipelineError) {
    let sample = try SkySample(.held(grid), width: grid.width, height: grid.height)
    let variance = Float(sample.sigma * sample.sigma)
    let gain = Float(observation.gain?.value ?? 1)
    let level = Float(sample.level)
    let saturation = Float(observation.saturation?.value ?? .infinity)
    var pixels = grid.pixels
    var mask = [PixelMask](repeating: [], count: pixels.count)
    var variances = [Float](repeating: variance, count: pixels.count)
    for i in pixels.indices {
      if !pixels[i].isFinite {
        mask[i] = .noData
        pixels[i] = level
      } else {
        if pixels[i] >= saturation { mask[i] = .saturated }
        variances[i] += max(0, pixels[i] - level) / gain
      }
    }
    self.init(
      image: PixelGrid(width: grid.width, height: grid.height, pixels: pixels),
      variance: PixelGrid(width: grid.width, height: grid.height, pixels: variances),
      mask: PixelGrid(width: grid.width, height: grid.height, pixels: mask))
  }
}
