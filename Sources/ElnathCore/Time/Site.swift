/// Where the telescope stands and how large it is.
public struct Site: Sendable, Equatable {
  /// Degrees, east positive.
  public var longitude: Double
  /// Degrees, geodetic (WGS84).
  public var latitude: Double
  /// Height above the ellipsoid, m.
  public var altitude: Double
  /// Free aperture of the telescope, m; NaN when unknown.
  public var aperture: Double

  public init(longitude: Double, latitude: Double, altitude: Double, aperture: Double = .nan) {
    self.longitude = longitude
    self.latitude = latitude
    self.altitude = altitude
    self.aperture = aperture
  }
}
