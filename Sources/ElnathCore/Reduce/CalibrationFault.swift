/// Why a calibration frame is not used.
public enum CalibrationFault: Sendable, Equatable {
  case noValues
  /// The part of its pixels that is saturated, and the median raw level, ADU.
  case saturated(Double, level: Double)
  /// A flat without light: ADU above the zero level.
  case empty(Double)
  /// A dark darker than the zero level, ADU.
  case darker(Double)
  /// Level unlike that of the others, ADU.
  case level(Double, others: Double)
  /// Structure unlike that of the others: rms, of flats as a fraction, else in ADU.
  case structure(Double, others: Double, relative: Bool)
}

extension CalibrationFault: CustomStringConvertible {
  /// A phrase that goes on after the name of the file.
  public var description: String {
    switch self {
    case .noValues: "no pixel has a value"
    case .saturated(let part, let level):
      "saturated (median \(Self.rounded(level)) ADU, \(Self.rounded(100 * part)) % of the pixels)"
    case .empty(let level): "no light (\(Self.rounded(level)) ADU above the zero level)"
    case .darker(let level): "darker than the bias frames or the overscan (\(Self.rounded(level)) ADU above them)"
    case .level(let level, let others):
      "level \(Self.rounded(level)) ADU where the others have \(Self.rounded(others)): exposed to light?"
    case .structure(let rms, let others, true):
      "illumination unlike that of the others (rms \(Self.rounded(100 * rms)) %, theirs \(Self.rounded(100 * others)) %)"
    case .structure(let rms, let others, false):
      "structure unlike that of the others (rms \(Self.rounded(rms)) ADU, theirs \(Self.rounded(others))): exposed to light?"
    }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
