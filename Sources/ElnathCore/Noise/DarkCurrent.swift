/// Dark current and hot pixels of an amplifier from darks of one exposure.
public struct DarkCurrent: Sendable, Equatable {
  /// Clipped mean over the pixels, ADU/px/s, so that hot ones do not count.
  public var rate: MeasuredValue
  /// Fraction of the pixels that stand out by more than five standard deviations of one dark, in each of two darks where
  /// there are two: a particle hits a pixel once. Its error is that of the count.
  public var hotFraction: MeasuredValue

  /// - Parameters:
  ///   - darks: of one amplifier and one exposure.
  ///   - exposure: seconds.
  ///   - transfer: knows the biases.
  ///   - zeroError: standard error of the zero level that is taken off, ADU: what levels of biases scatter by over the
  ///     root of their number; 0 where the overscan of each frame gives it.
  /// Nil for no darks, or an exposure that is not positive.
  init?(_ darks: [AmplifierSample], exposure: Double, transfer: PhotonTransfer, zeroError: Double) {
    guard let first = darks.first, exposure > 0, exposure.isFinite else { return nil }
    let samples = darks.map(transfer.withoutZero)
    let boxes = first.boxes.boxes
    let clip = SigmaClip(step: transfer.step)
    let looks = samples.map { sample in boxes.map { clip(Array(sample.values[$0.range])).mean } }
    var level = BoxMean.of(looks, weights: looks.map { _ in 1 })
    level.error = (level.error * level.error + zeroError * zeroError).squareRoot()
    rate = level.scaled(1 / exposure)
    hotFraction = Self.hotFraction(samples, boxes, transfer, level: level.value)
  }

  private static func hotFraction(
    _ samples: [AmplifierSample], _ boxes: [SampleBoxes.Box], _ transfer: PhotonTransfer, level: Double
  ) -> MeasuredValue {
    var scatter = BoxScatter(limit: 3, step: transfer.step)
    let variances = boxes.map { box in
      var values = Array(samples[0].values[box.range])
      return values.withUnsafeMutableBufferPointer { scatter($0, columns: box.columns)?.variance } ?? .nan
    }
    let limit = Float(level + 5 * Median.of(variances).squareRoot())
    guard limit.isFinite else { return .unknown }
    let (one, other) = (samples[0].values, samples[samples.count > 1 ? 1 : 0].values)
    var hot = 0
    // A pixel that is saturated in a dark is as hot as can be, and NaN here.
    for i in one.indices where !(one[i] <= limit) && !(other[i] <= limit) { hot += 1 }
    let n = Double(one.count)
    return MeasuredValue(
      Double(hot) / n, error: max(Double(hot), 1).squareRoot() / n, count: min(samples.count, 2))
  }
}
