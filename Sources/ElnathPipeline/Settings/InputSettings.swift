import ElnathCore

/// Table [input] of the project file: which files there are and what their headers leave unsaid.
///
/// Every value that is nil comes from the headers or the camera profile; a value given here wins over both.
public struct InputSettings: Codable, Sendable, Equatable {
  /// The frames of the sky. Names of files, globs (`lights/*.fits`, `c8867t[0145-0160]o00.fits`), folders, or list files (`@night1`, `night1.txt`),
  /// relative to the project file. A folder without images of its own stands for all folders below it.
  public var lights: [String] = []
  /// Exposures of no length, named like `lights`. They may be absent, which log and report say.
  public var biases: [String] = []
  /// Exposures with the shutter closed, named like `lights`. They may be absent.
  public var darks: [String] = []
  /// Exposures of an even light, named like `lights`. They may be absent.
  public var flats: [String] = []
  /// Files of any kind, such as the folder of a whole night: their headers decide what they are.
  public var files: [String] = []
  /// Masks of bad pixels: FITS images that are not 0 where a pixel is bad.
  public var badPixels: [String] = []

  /// Name of a camera profile, or a path to one. Left out: the profile that recognises the headers, else `generic`.
  public var camera: String?
  /// Name of an observatory profile, or a path to one. Left out: the place that header or camera profile tell.
  public var observatory: String?
  /// Latitude of the telescope: degrees, north positive.
  public var latitude: Double?
  /// Longitude of the telescope: degrees, east positive.
  public var longitude: Double?
  /// Height of the telescope, metres above the sea.
  public var altitude: Double?
  /// Free aperture of the telescope, m: for the scintillation.
  public var aperture: Double?

  /// Seconds to add to the times of the headers.
  public var clockOffset = 0.0
  /// Hours that clocks without a time zone in their text were ahead of UTC (east positive), against the camera profile.
  public var clockZone: Double?

  /// Gain, e-/ADU. Left out: that of header or camera profile; without any the run does not begin, for 1 would be a guess.
  public var gain: Double?
  /// Read noise, electrons. Left out: that of header or camera profile; without any the run does not begin.
  public var readNoise: Double?
  /// Raw ADU, bias included, from which a pixel counts as saturated.
  public var saturation: Double?
  /// Level in ADU of an exposure without light.
  public var pedestal: Double?
  /// Arcseconds per pixel of the image as read out.
  public var pixelScale: Double?
  /// Coefficients of the response, as in a camera profile.
  public var linearity: [Double]?
  /// Raw ADU, bias included, from which the response is not straight and not corrected: such pixels are marked.
  public var linearLimit: Double?
  /// Exposure time in seconds of every light.
  public var exposure: Double?
  /// Name of the filter of every light and flat.
  public var filter: String?
  /// The part of the raw image that saw the sky, as `[x1:x2,y1:y2]`.
  public var trim: String?
  /// The part that did not and gives the bias level, as `[x1:x2,y1:y2]`.
  public var overscan: String?
  /// Outputs of the detector: gain and read noise of those that header or profile know by these names; or, where each
  /// has its data section, the outputs of the image.
  public var amplifier: [AmplifierLayout] = []
  /// The image to take of files that hold several: number of its header-data unit (0 is the primary), or its EXTNAME.
  public var imageExtension: ImageExtension?

  /// Keywords to read in place of others: `FILTER = "CMMTOBS"` takes the filter from CMMTOBS. The key is a usual keyword of
  /// the value, or the value's own name (`filter`, `exposure`, `gain`, ...).
  public var map: [String: String] = [:]

  /// A list of stars beside the `[[star]]`: CSV (star, x_px, y_px, role ...), AstroImageJ's `.radec` or `.apertures`, DS9's
  /// `.reg`; or `all`: every star of the field is measured.
  public var stars: String?

  public init() {}

  /// Refuses values that cannot be.
  public func check() throws(PipelineError) {
    let positive: [(CodingKeys, Double?)] = [
      (.gain, gain), (.saturation, saturation), (.linearLimit, linearLimit), (.pixelScale, pixelScale),
      (.aperture, aperture),
    ]
    for case (let key, let value?) in positive where !(value > 0 && value.isFinite) {
      throw Self.refused(key, "\(value)", "give a positive number")
    }
    let bounded: [(CodingKeys, Double?, ClosedRange<Double>)] = [
      (.exposure, exposure, 1e-6...1e6), (.readNoise, readNoise, 0...1e6), (.latitude, latitude, -90...90),
      (.longitude, longitude, -180...360),
      (.altitude, altitude, -500...100_000), (.clockZone, clockZone, -14...14), (.clockOffset, clockOffset, -1e7...1e7),
      (.pedestal, pedestal, -1e9...1e9),
    ]
    for case (let key, let value?, let range) in bounded where !range.contains(value) {
      throw Self.refused(key, "\(value)", "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    if let linearity, !linearity.allSatisfy(\.isFinite) {
      throw Self.refused(.linearity, "\(linearity)", "give the coefficients c1, c2, ... of d (1 + c1 d + c2 d^2 + ...)")
    }
    for case (let key, let text?) in [(CodingKeys.trim, trim), (.overscan, overscan)]
    where PixelRectangle(section: text) == nil {
      throw Self.refused(key, "\"\(text)\"", "give a section as \"[x1:x2,y1:y2]\"")
    }
    try checkAmplifiers()
    if observatory == nil && (latitude == nil) != (longitude == nil) {
      throw PipelineError(
        .configuration, "input.latitude", "latitude and longitude go together; give both, or an observatory")
    }
  }

  private func checkAmplifiers() throws(PipelineError) {
    for (index, own) in amplifier.enumerated() {
      let place = "\(CodingKeys.amplifier.rawValue)[\(index + 1)]"
      func refused(_ key: String, _ seen: String, _ remedy: String) -> PipelineError {
        PipelineError(.configuration, "input.\(place).\(key)", "\(seen) cannot be; \(remedy)")
      }
      if let gain = own.gain, !(gain > 0 && gain.isFinite) {
        throw refused("gain", "\(gain)", "give a positive number")
      }
      if let noise = own.readNoise, !(0...1e6).contains(noise) {
        throw refused("read_noise", "\(noise)", "give a number from 0 to 1e6")
      }
      for case (let key, let text?) in [("data", own.data), ("overscan", own.overscan), ("detector", own.detector)]
      where DirectedSection(text) == nil {
        throw refused(key, "\"\(text)\"", "give a section as \"[x1:x2,y1:y2]\"")
      }
    }
    let stated = amplifier.count { $0.data != nil }
    guard stated == 0 || stated == amplifier.count else {
      throw PipelineError(
        .configuration, "input.amplifier",
        "\(stated) of \(amplifier.count) have a data section; give it for all or none")
    }
    guard stated > 0 || amplifier.allSatisfy({ $0.name != nil }) else {
      throw PipelineError(
        .configuration, "input.amplifier", "one has neither a name nor a data section; give one of them")
    }
  }

  private static func refused(_ key: CodingKeys, _ seen: String, _ remedy: String) -> PipelineError {
    PipelineError(.configuration, "input.\(key.rawValue)", "\(seen) cannot be; \(remedy)")
  }

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case lights, biases, darks, flats, files
    case badPixels = "bad_pixels"
    case camera, observatory, latitude, longitude, altitude
    case aperture = "aperture_m"
    case clockOffset = "clock_offset_s"
    case clockZone = "clock_zone_h"
    case gain
    case readNoise = "read_noise"
    case saturation, pedestal
    case pixelScale = "pixel_scale"
    case linearity
    case linearLimit = "linear_limit"
    case exposure = "exposure_s"
    case filter, trim, overscan, amplifier
    case imageExtension = "extension"
    case map, stars
  }
}
