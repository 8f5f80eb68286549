import ElnathCore

/// A place from which is observed: the content of a file of `catalogs/observatories`.
public struct ObservatoryProfile: Codable, Sendable, Equatable {
  /// Name of the file without its ending.
  public var name = ""
  public var title = ""
  /// Degrees, north positive.
  public var latitude: Double?
  /// Degrees, east positive.
  public var longitude: Double?
  /// Metres above the sea.
  public var altitude: Double?
  /// Free aperture in m, of a place that has one telescope.
  public var aperture: Double?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case name, title, latitude, longitude, altitude
    case aperture = "aperture_m"
  }
}
