import ElnathCore

/// The rung of the ladder that looks at pixels: only frames that no star registers are read again, and the reference once.
struct CorrelationRung: Sendable {
  let runner: SeriesRunner

  /// - Parameter image: the pixels of the frame at a place of the series; nil where they can no longer be read.
  func callAsFunction(
    _ registered: RegisteredSeries, image: @escaping @Sendable (Int) -> MaskedImage?
  ) async throws -> RegisteredSeries {
    let open = registered.unregistered
    guard !open.isEmpty, let reference = image(registered.reference) else { return registered }
    let places = ([registered.reference] + open).map { registered.fixedPlaces(on: $0) }
    let correlation = FrameCorrelation(reference: CorrelationImage(reference, without: places[0]))
    let answers = try await runner.map(Array(zip(open, places.dropFirst()))) { frame, fixed in
      guard let pixels = image(frame) else { return (frame, CorrelationAnswer.refused("can no longer be read")) }
      return (frame, correlation(CorrelationImage(pixels, without: fixed)))
    }
    var result = registered
    result.add(answers.map { (frame: $0.0, answer: $0.1) })
    return result
  }
}
