/// The response of a camera that is not quite straight.
public struct LinearityRule: Codable, Sendable, Equatable {
  /// c1, c2, ...: a pixel of d ADU above the zero level would have d (1 + c1 d + c2 d^2 + ...) if the response were
  /// straight. Empty for a camera that needs no correction.
  public var coefficients: [Double] = []
  /// Raw ADU, bias included, from which the response is not known or not corrected; nil for none below saturation.
  public var limit: Double?

  public init() {}
}

/// Temperature of the detector.
public struct TemperatureRule: Codable, Sendable, Equatable {
  public var keywords: [String] = []
  public var unit = Unit.celsius

  public enum Unit: String, Codable, Sendable, CaseIterable {
    case celsius, kelvin
  }

  public init() {}
}

/// What the calibration frames of a light have to share with it beside size and binning.
public struct ReadoutModeRule: Codable, Sendable, Equatable {
  /// Keywords that name the mode: the first that says something.
  public var keywords: [String] = []
  /// Keywords with whole numbers that are settings of the electronics: all that are there become part of the name.
  public var settings: [String] = []

  public init() {}
}

/// Values of a camera that hold in one of its modes only.
public struct CameraMode: Codable, Sendable, Equatable {
  /// Keyword and patterns of its text, all of which the header must fulfil (numbers are compared as numbers); nil for none.
  public var match: [String: [String]]?
  /// Binning as `2x2`; nil for any.
  public var binning: String?
  /// e-/ADU.
  public var gain: Double?
  /// Electrons.
  public var readNoise: Double?
  /// Raw ADU, bias included.
  public var saturation: Double?
  /// True when the values are not measured or published but inferred.
  public var estimated: Bool?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case match, binning, gain
    case readNoise = "read_noise"
    case saturation, estimated
  }
}
