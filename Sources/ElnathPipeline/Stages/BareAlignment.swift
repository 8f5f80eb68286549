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
    return MaskedImage(
      bare: PixelGrid(width: width, height: height, pixels: pixels), observation: input.observation)
  }
}
