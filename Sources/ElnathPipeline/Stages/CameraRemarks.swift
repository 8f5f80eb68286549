import ElnathCore

/// What people should know of the frames that a camera was measured with.
enum CameraRemarks {
  /// Fields or colours that change by less between two flats would not move the gain by one per cent.
  private static let notablePhaseChange = 0.002

  static func of(_ outputs: [CameraMeasurement.Output]) -> [String] {
    outputs.flatMap { output -> [String] in
      let seen = output.measurement
      let name = output.amplifier.name.isEmpty ? "" : "amplifier \(output.amplifier.name): "
      var remarks: [String] = []
      if let why = withoutGain(seen) { remarks.append(why) }
      if output.isFromHighPairs {
        let height = seen.pairs.filter(\.isUsed).compactMap { $0.transfer?.rawLevel }.max() ?? .nan
        remarks.append(
          "the gain comes from flats at \(percent(height / output.saturation)) of saturation, where sensors lose some "
            + "noise and gains read a few per cent high; flats below a third of saturation tell it better")
      }
      let used = seen.pairs.filter(\.isUsed).compactMap(\.transfer)
      let change = used.map(\.phaseChange).max() ?? 0
      if change > notablePhaseChange {
        remarks.append(
          "odd and even rows or columns of the flats differ by up to \(percent(change)) from frame to frame, as fields or "
            + "colours do: each is normalised by itself (else the pairs would read \(range(used.map(\.unsplitGain))) e-/ADU)"
        )
      }
      if seen.step > 0, seen.readNoise.value < 0.6 * seen.step {
        remarks.append(
          "the read noise is smaller than the step of the converter (\(seen.step) ADU): biases show little of it")
      }
      return remarks.map { name + $0 }
    }
  }

  private static func withoutGain(_ seen: AmplifierMeasurement) -> String? {
    guard !seen.gain.isKnown else { return nil }
    if seen.pairs.isEmpty { return nil }
    var counts: [String: Int] = [:]
    for pair in seen.pairs { counts[reason(pair), default: 0] += 1 }
    let reasons = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "no pair of flats tells the gain: \(reasons)"
  }

  static func reason(_ pair: AmplifierMeasurement.Pair) -> String {
    switch pair.doubt {
    case .faint: "too faint"
    case .saturated: "near saturation"
    case .unequal: "of unlike level"
    case nil: pair.transfer == nil ? "without enough good pixels" : ""
    }
  }

  /// `0.33 to 0.51`
  private static func range(_ values: [Double]) -> String {
    "\(DecimalRounding.significant(values.min() ?? .nan, 2)) to \(DecimalRounding.significant(values.max() ?? .nan, 2))"
  }

  /// `7.5 per cent`, `76 per cent`
  static func percent(_ fraction: Double) -> String {
    let percent = DecimalRounding.significant(100 * fraction, 2)
    return "\(Int(exactly: percent).map(String.init) ?? "\(percent)") per cent"
  }
}
