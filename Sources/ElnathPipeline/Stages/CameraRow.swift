import ElnathCore

/// One measured number of one output of the camera beside what is stated of it: a row of `camera.csv`.
public struct CameraRow: Sendable {
  /// What is measured of a camera.
  public enum Quantity: String, Sendable, CaseIterable {
    case gain
    case readNoise = "read_noise"
    case readNoiseADU = "read_noise_adu"
    case overscanNoise = "overscan_noise_adu"
    case darkCurrent = "dark_current"
    case darkRate = "dark_rate_adu"
    case hotFraction = "hot_fraction"
    case biasLevel = "bias_level_adu"
    case biasRows = "bias_rows_adu"
    case biasColumns = "bias_columns_adu"

    public var unit: String {
      switch self {
      case .gain: "e-/ADU"
      case .readNoise: "e-"
      case .readNoiseADU, .overscanNoise, .biasLevel, .biasRows, .biasColumns: "ADU"
      case .darkCurrent: "e-/px/s"
      case .darkRate: "ADU/px/s"
      case .hotFraction: ""
      }
    }

    /// For people.
    public var title: String {
      switch self {
      case .gain: "gain"
      case .readNoise: "read noise"
      case .readNoiseADU: "read noise"
      case .overscanNoise: "overscan noise"
      case .darkCurrent: "dark current"
      case .darkRate: "dark rate"
      case .hotFraction: "hot pixels"
      case .biasLevel: "bias level"
      case .biasRows: "bias pattern, rows"
      case .biasColumns: "bias pattern, columns"
      }
    }
  }

  /// What becomes of a stated number in the light of the measured one.
  public enum Verdict: Sendable, Equatable {
    case agrees
    /// By this fraction of the stated number, measured minus stated.
    case differs(Double)
    /// Nothing is stated, or nothing could be measured.
    case unknown
  }

  /// Empty where the lights have one readout only.
  public var readout: String
  public var amplifier: String
  public var quantity: Quantity
  public var measured: MeasuredValue
  public var header: Double?
  public var profile: Double?
  public var project: Double?
  /// What the reduction takes, and where that comes from.
  public var used: Double?
  public var origin: String
  /// What the measured number is to be held against: `used`, with the noise of rounding where a read noise is stated
  /// without it.
  var expected: Double?

  /// Two numbers closer than this, as a fraction of the stated one, are the same for photometry.
  static let tolerance = 0.1
  /// And so are two within so many standard errors.
  static let significance = 3.0

  /// Measured minus stated over stated; nil where either is unknown.
  public var difference: Double? {
    guard let expected, expected > 0, measured.isKnown else { return nil }
    return measured.value / expected - 1
  }

  public var verdict: Verdict {
    guard let difference, let expected else { return .unknown }
    // Without an error nothing is known of the measurement's worth.
    let isClear = abs(measured.value - expected) > Self.significance * measured.error
    return abs(difference) > Self.tolerance && isClear ? .differs(difference) : .agrees
  }
}

extension CameraRow.Verdict: CustomStringConvertible {
  /// `agree`, `differ by 31 per cent`, `unknown`.
  public var description: String {
    switch self {
    case .agrees: "agree"
    case .differs(let fraction): "differ by \(CameraRemarks.percent(abs(fraction)))"
    case .unknown: "unknown"
    }
  }
}
