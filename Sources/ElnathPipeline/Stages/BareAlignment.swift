import ElnathCore

/// Registers bare frames to the best of them and brings them to its sky and its transparency.
struct BareAlignment: Sendable {
  let runner: SeriesRunner

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
    for (input, row) in zip(inputs, alignment.frames) {
      guard let registration = row.registration, row.status != .rejected else {
        result.leftOut.append((row.file, row.reason.isEmpty ? "not registered" : row.reason))
        continue
      }
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

  /// The frame with the noise that its pixels show, as detection wants it.
  private static func image(_ input: StackInput, width: Int, height: Int) throws -> MaskedImage {
    var pixels: [Float] = []
    pixels.reserveCapacity(width * height)
    try input.rows.read(rows: 0..<height) { _, values in pixels += values }
    let sample = try SkySample(input.rows, width: width, height: height)
    let variance = Float(sample.sigma * sample.sigma)
    let gain = Float(input.observation.gain?.value ?? 1)
    let level = Float(sample.level)
    let saturation = Float(input.observation.saturation?.value ?? .infinity)
    var mask = [PixelMask](repeating: [], count: pixels.count)
    var variances = [Float](repeating: variance, count: pixels.count)
    for i in pixels.indices {
      if pixels[i].isNaN {
        mask[i] = .noData
        pixels[i] = level
      } else {
        if pixels[i] >= saturation { mask[i] = .saturated }
        variances[i] += max(0, pixels[i] - level) / gain
      }
    }
    return MaskedImage(
      image: PixelGrid(width: width, height: height, pixels: pixels),
      variance: PixelGrid(width: width, height: height, pixels: variances),
      mask: PixelGrid(width: width, height: height, pixels: mask))
  }
}
