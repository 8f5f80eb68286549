import ElnathCore

/// The measured camera beside the stated one.
public struct CameraReport: Sendable {
  public let measurements: [CameraMeasurement]
  public let rows: [CameraRow]

  /// A gain or read noise is good enough to be worked with where its error is below this fraction.
  static let goodError = 0.05

  /// - Parameters:
  ///   - lights: one observation for each measurement: what the reduction would take.
  ///   - stated: likewise.
  ///   - readNoiseIncludesDigitisation: of the stated read noise.
  init(
    _ measurements: [CameraMeasurement], lights: [Observation], stated: [StatedCamera],
    readNoiseIncludesDigitisation: Bool
  ) {
    self.measurements = measurements
    var rows: [CameraRow] = []
    for (number, measurement) in measurements.enumerated() {
      for output in measurement.outputs {
        let maker = CameraRowMaker(
          readout: measurements.count > 1 ? measurement.readout.description : "", output: output,
          light: lights[number], stated: stated[number],
          readNoiseIncludesDigitisation: readNoiseIncludesDigitisation)
        rows += maker.rows
      }
    }
    self.rows = rows
  }

  /// Rows whose stated number is contradicted.
  public var conflicts: [CameraRow] {
    rows.filter { if case .differs = $0.verdict { true } else { false } }
  }

  /// One sentence for each conflict.
  public var warnings: [String] {
    conflicts.map { row in
      "the \(row.nameOfOutput)\(row.quantity.title) measured from \(row.source) is \(row.measured.text) "
        + "\(row.quantity.unit), the \(row.origin) says \(shortest(row.used ?? .nan)): they "
        + "\(row.verdict); check which holds, and put it under [input], or detector = \"measured\" under [reduce]"
    }
  }

  /// What was measured of gain and read noise, and how it may be put to use; empty where neither is known.
  public var proposal: String {
    let known = rows.filter { ($0.quantity == .gain || $0.quantity == .readNoise) && $0.measured.isKnown }
    guard !known.isEmpty else { return "" }
    let outputs = Set(rows.map { $0.readout + "/" + $0.amplifier }).count
    let seen = known.map { "\($0.nameOfOutput)\($0.quantity.rawValue) = \($0.measured.text)" }.joined(separator: ", ")
    let pairs = known.first { $0.quantity == .gain }?.source ?? known[0].source
    let ways =
      outputs == 1
      ? "put \(settings.joined(separator: " and ")) under [input], or detector = \"measured\" under [reduce]"
      : "put detector = \"measured\" under [reduce]"
    return "measured from \(pairs): \(seen); \(ways)"
  }

  /// Lines for table [input], for a camera of one output and readout; else none.
  public var settings: [String] {
    let known = rows.filter { ($0.quantity == .gain || $0.quantity == .readNoise) && $0.measured.isKnown }
    guard Set(known.map { $0.readout + "/" + $0.amplifier }).count == 1 else { return [] }
    return known.map { "\($0.quantity.rawValue) = \($0.measured.rounded.value)" }
  }

  private func shortest(_ value: Double) -> String { "\(DecimalRounding.significant(value, 4))" }
}

extension CameraRow {
  /// `A ` for an amplifier of that name.
  fileprivate var nameOfOutput: String { amplifier.isEmpty ? "" : "amplifier \(amplifier) " }

  fileprivate var source: String {
    switch quantity {
    case .gain: "\(measured.count) \(measured.count == 1 ? "pair" : "pairs") of flats"
    case .readNoise, .readNoiseADU: "\(measured.count) \(measured.count == 1 ? "pair" : "pairs") of biases"
    default: "\(measured.count) frames"
    }
  }
}

extension MeasuredValue {
  /// Value and error to two digits of the error; as they are where the error is unknown.
  var rounded: MeasuredValue {
    guard value.isFinite, error.isFinite, error > 0 else {
      return MeasuredValue(DecimalRounding.significant(value, 4), error: error, count: count)
    }
    var digits = 0
    var scale = 1.0
    while error * scale < 9.95, digits < 12 {
      digits += 1
      scale *= 10
    }
    return MeasuredValue(
      DecimalRounding.decimals(value, digits), error: DecimalRounding.decimals(error, digits), count: count)
  }

  /// `0.512 +- 0.019`.
  var text: String {
    let short = rounded
    return short.error.isFinite ? "\(short.value) +- \(short.error)" : "\(short.value)"
  }

  /// True where photometry can be built on it.
  var isGood: Bool { isKnown && value > 0 && error < CameraReport.goodError * value }
}

/// The rows of one output.
private struct CameraRowMaker {
  let readout: String
  let output: CameraMeasurement.Output
  let light: Observation
  let stated: StatedCamera
  let readNoiseIncludesDigitisation: Bool

  var rows: [CameraRow] {
    let seen = output.measurement
    var gain = row(.gain, seen.gain)
    gain.header = stated.gain.header
    gain.profile = stated.gain.profile
    gain.project = stated.gain.project
    gain.used = output.amplifier.gain
    gain.expected = gain.used
    gain.origin = origin(light.gain, own: output.amplifier.gain)
    // Where flats tell nothing, what is stated of the gain turns ADU into electrons.
    let factor = seen.gain.isKnown ? seen.gain : gain.used.map { MeasuredValue($0, error: 0, count: 0) } ?? .unknown
    var noise = row(.readNoise, output.readNoise.times(factor))
    noise.header = stated.readNoise.header
    noise.profile = stated.readNoise.profile
    noise.project = stated.readNoise.project
    noise.used = output.amplifier.readNoise
    noise.origin = origin(light.readNoise, own: output.amplifier.readNoise)
    noise.expected = noise.used.map { stated in
      guard !readNoiseIncludesDigitisation, factor.isKnown else { return stated }
      let rounding = seen.step * factor.value
      return (stated * stated + rounding * rounding / 12).squareRoot()
    }
    return [
      gain, noise, row(.readNoiseADU, seen.readNoise), row(.overscanNoise, seen.overscanNoise),
      row(.darkCurrent, seen.dark?.rate.times(factor) ?? .unknown), row(.darkRate, seen.dark?.rate ?? .unknown),
      row(.hotFraction, seen.dark?.hotFraction ?? .unknown), row(.biasLevel, seen.biasLevel),
      row(.biasRows, seen.structure.rows), row(.biasColumns, seen.structure.columns),
    ]
  }

  private func row(_ quantity: CameraRow.Quantity, _ measured: MeasuredValue) -> CameraRow {
    CameraRow(
      readout: readout, amplifier: output.amplifier.name, quantity: quantity, measured: measured, header: nil,
      profile: nil, project: nil, used: nil, origin: "", expected: nil)
  }

  private func origin(_ value: Decoded<Double>?, own: Double?) -> String {
    guard let own else { return "" }
    guard let value, value.value == own else { return "amplifier" }
    return value.origin.description
  }
}

extension CameraMeasurement.Output {
  /// ADU: from pairs of biases, else from the overscan.
  var readNoise: MeasuredValue {
    measurement.readNoise.isKnown ? measurement.readNoise : measurement.overscanNoise
  }
}
