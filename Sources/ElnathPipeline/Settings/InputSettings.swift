import ElnathCore

/// Table [input] of the project file: which files there are and what their headers leave unsaid.
///
/// Every value that is nil comes from the headers or the camera profile; a value given here wins over both.
public struct InputSettings: Codable, Sendable, Equatable {
  /// Names of files, globs (`lights/*.fits`, `c8867t[0145-0160]o00.fits`), folders, or list files (`@night1`, `night1.txt`),
  /// relative to the project file.
  public var lights: [String] = []
  public var biases: [String] = []
  public var darks: [String] = []
  public var flats: [String] = []
  /// Masks of bad pixels: FITS images that are not 0 where a pixel is bad.
  public var badPixels: [String] = []

  /// Name of a camera profile, or a path to one. Left out: the profile that recognises the headers, else `generic`.
  public var camera: String?
  /// Name of an observatory profile, or a path to one.
  public var observatory: String?
  /// Degrees, north positive.
  public var latitude: Double?
  /// Degrees, east positive.
  public var longitude: Double?
  /// Metres above the sea.
  public var altitude: Double?
  /// Free aperture of the telescope, m.
  public var aperture: Double?

  /// Seconds to add to the times of the headers.
  public var clockOffset = 0.0

  /// e-/ADU.
  public var gain: Double?
  /// Electrons.
  public var readNoise: Double?
  /// Raw ADU, bias included, from which a pixel counts as saturated.
  public var saturation: Double?
  /// Level in ADU of an exposure without light.
  public var pedestal: Double?
  /// Arcseconds per pixel.
  public var pixelScale: Double?
  /// Exposure time in seconds of every light.
  public var exposure: Double?
  /// Name of the filter of every light and flat.
  public var filter: String?
  /// The part of the raw image that saw the sky, as `[x1:x2,y1:y2]`.
  public var trim: String?
  /// The part that did not and gives the bias level, as `[x1:x2,y1:y2]`.
  public var overscan: String?

  /// A table of stars (CSV: star, x_px, y_px, role ...) beside the `[[star]]`; or `all`: every star of the field is
  /// measured.
  public var stars: String?

  public init() {}

  /// Refuses values that cannot be.
  public func check() throws(PipelineError) {
    let positive: [(CodingKeys, Double?)] = [
      (.gain, gain), (.saturation, saturation), (.pixelScale, pixelScale), (.aperture, aperture),
    ]
    for case (let key, let value?) in positive where !(value > 0 && value.isFinite) {
      throw Self.refused(key, "\(value)", "give a positive number")
    }
    let bounded: [(CodingKeys, Double?, ClosedRange<Double>)] = [
      (.exposure, exposure, 1e-6...1e6), (.readNoise, readNoise, 0...1e6), (.latitude, latitude, -90...90),
      (.longitude, longitude, -180...360),
      (.altitude, altitude, -500...100_000), (.clockOffset, clockOffset, -1e7...1e7), (.pedestal, pedestal, -1e9...1e9),
    ]
    for case (let key, let value?, let range) in bounded where !range.contains(value) {
      throw Self.refused(key, "\(value)", "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    for case (let key, let text?) in [(CodingKeys.trim, trim), (.overscan, overscan)]
    where PixelRectangle(section: text) == nil {
      throw Self.refused(key, "\"\(text)\"", "give a section as \"[x1:x2,y1:y2]\"")
    }
    if observatory == nil && (latitude == nil) != (longitude == nil) {
      throw PipelineError(
        .configuration, "input.latitude", "latitude and longitude go together; give both, or an observatory")
    }
  }

  private static func refused(_ key: CodingKeys, _ seen: String, _ remedy: String) -> PipelineError {
    PipelineError(.configuration, "input.\(key.rawValue)", "\(seen) cannot be; \(remedy)")
  }

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case lights, biases, darks, flats
    case badPixels = "bad_pixels"
    case camera, observatory, latitude, longitude, altitude
    case aperture = "aperture_m"
    case clockOffset = "clock_offset_s"
    case gain
    case readNoise = "read_noise"
    case saturation, pedestal
    case pixelScale = "pixel_scale"
    case exposure = "exposure_s"
    case filter, trim, overscan, stars
  }
}
