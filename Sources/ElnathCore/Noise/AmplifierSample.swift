/// What one calibration frame shows of one amplifier: the pixels of its boxes, small enough to be kept while the frame
/// itself is not.
public struct AmplifierSample: Sendable {
  public let boxes: SampleBoxes
  /// ADU above the zero level as far as the overscan knows it; NaN where a pixel is saturated or without data.
  let values: [Float]
  /// Median of the raw pixels, bias included, ADU; NaN without any.
  public let rawLevel: Double
  /// Median of the values, ADU; NaN without any.
  public let level: Double

  /// - Parameters:
  ///   - level: the zero level as the overscan tells it; nil for none.
  ///   - saturation: raw ADU.
  public init<Raw: RawPixels>(
    _ boxes: SampleBoxes, raw: Raw, level: Overscan.Level?, saturation: Double
  ) throws(Raw.Failure) {
    let seen = try boxes.values(of: raw)
    var values = boxes.values(seen, above: level, trim: raw.observation.trim)
    let full = Float(saturation)
    for i in values.indices where !(seen[i] < full) { values[i] = .nan }
    self.boxes = boxes
    self.values = values
    rawLevel = Self.sampledMedian(seen)
    self.level = Self.sampledMedian(values)
  }

  private init(_ boxes: SampleBoxes, values: [Float]) {
    self.boxes = boxes
    self.values = values
    level = Self.sampledMedian(values)
    rawLevel = .nan
  }

  /// The mean of several samples of one amplifier, pixel by pixel; NaN where any is. Nil without samples.
  static func mean(of samples: [AmplifierSample]) -> AmplifierSample? {
    guard let first = samples.first else { return nil }
    var sum = first.values
    for sample in samples.dropFirst() {
      for i in sum.indices { sum[i] += sample.values[i] }
    }
    let scale = 1 / Float(samples.count)
    for i in sum.indices { sum[i] *= scale }
    return AmplifierSample(first.boxes, values: sum)
  }

  /// This sample without the zero level and pattern of another.
  func minus(_ zero: AmplifierSample) -> AmplifierSample {
    var values = values
    for i in values.indices { values[i] -= zero.values[i] }
    return AmplifierSample(boxes, values: values)
  }

  /// Every 7th pixel: a number that no box and no lattice is a multiple of.
  private static func sampledMedian(_ values: [Float]) -> Double {
    Median.of(stride(from: 0, to: values.count, by: 7).map { Double(values[$0]) })
  }
}
