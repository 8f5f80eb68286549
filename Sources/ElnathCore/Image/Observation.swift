/// What a file is: decoded once from its header through a camera profile.
public struct Observation: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case light, bias, dark, flat, unknown
  }

  /// Path as it stands in tables: relative to the project file where possible.
  public var file: String
  public var kind: Kind
  public var object: String
  /// Name of the filter; empty when the header and the profile know none.
  public var filter: String
  /// Exposure time in seconds; NaN when unknown.
  public var exposure: Double
  /// Mid-exposure as a Julian date in UTC (quasi-JD within a leap second, as ERFA counts); NaN when unknown.
  public var jdUTC: Double
  /// e-/ADU.
  public var gain: Decoded<Double>?
  /// Electrons.
  public var readNoise: Decoded<Double>?
  /// Raw ADU, bias included, from which a pixel counts as saturated.
  public var saturation: Decoded<Double>?
  /// Size of the image in the file, before trimming.
  public var width: Int
  public var height: Int
  /// The part of the raw image that saw the sky.
  public var trim: PixelRectangle
  /// The part that did not and gives the bias level; nil when the camera has none.
  public var overscan: PixelRectangle?
  /// Binning, as `1x1`.
  public var binning: String
  /// The observing night, noon to noon at the site, named by the date of its evening; empty without a time.
  public var night: String
  /// Pointing in degrees, ICRS; NaN when unknown.
  public var rightAscension: Double
  public var declination: Double
  /// Where the telescope stands; nil when nothing tells.
  public var site: Site?
  /// Arcseconds per pixel of the image as it was read out.
  public var pixelScale: Decoded<Double>?
  /// Level in ADU that the profile declares for an exposure without light; nil when only overscan or bias frames
  /// can tell it.
  public var pedestal: Decoded<Double>?
  /// What was not understood, or contradicts itself: one sentence each.
  public var problems: [String]

  public init(file: String, kind: Kind = .unknown, width: Int, height: Int) {
    self.file = file
    self.kind = kind
    self.object = ""
    self.filter = ""
    self.exposure = .nan
    self.jdUTC = .nan
    self.gain = nil
    self.readNoise = nil
    self.saturation = nil
    self.width = width
    self.height = height
    self.trim = PixelRectangle(x: 0, y: 0, width: width, height: height)
    self.overscan = nil
    self.binning = "1x1"
    self.night = ""
    self.rightAscension = .nan
    self.declination = .nan
    self.site = nil
    self.pixelScale = nil
    self.pedestal = nil
    self.problems = []
  }
}

/// A value and where it comes from.
public struct Decoded<Value: Sendable & Equatable>: Sendable, Equatable {
  public enum Origin: Sendable, Equatable {
    /// The header keyword of this name.
    case header(String)
    case profile
    /// From the camera profile, which itself marks it as an estimate.
    case estimated
    case project
  }

  public var value: Value
  public var origin: Origin

  public init(_ value: Value, from origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

extension Decoded.Origin: CustomStringConvertible {
  public var description: String {
    switch self {
    case .header(let key): "header \(key)"
    case .profile: "camera profile"
    case .estimated: "camera profile (estimated)"
    case .project: "project"
    }
  }
}
