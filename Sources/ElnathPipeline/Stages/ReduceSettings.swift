/// Table [reduce] of the project file.
public struct ReduceSettings: Codable, Sendable, Equatable {
  /// Order of the polynomial along the overscan; 1 follows the slow drift of most amplifiers at no cost in noise.
  public var overscanOrder = 1
  /// Values of calibration frames further than this many standard deviations of the noise model from the median are
  /// left out; 4 keeps practically all good values of a master of 20 frames.
  public var rejectLimit = 4.0
  /// Set one to false to leave a kind of calibration frames aside although the project names them.
  public var bias = true
  public var dark = true
  public var flat = true

  enum CodingKeys: String, CodingKey {
    case overscanOrder = "overscan_order"
    case rejectLimit = "reject_limit"
    case bias, dark, flat
  }

  public init() {}
}
