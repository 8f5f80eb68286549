/// What a file is: decoded once from its header through a camera profile.
public struct Observation: Sendable, Equatable {
  /// What a frame is of.
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
  /// Size of the raw frame, before trimming.
  public var width: Int
  public var height: Int
  /// How the raw frame is put together from the images of the file; empty where the one image of the file is it.
  public var pieces: [ReadoutPiece]
  /// Not nil for a frame in electrons that was reduced before: nothing of it is reduced again.
  public var reduction: PastReduction?
  /// The part of the raw image that saw the sky.
  public var trim: PixelRectangle
  /// The part that did not and gives the bias level; nil when the camera has none.
  public var overscan: PixelRectangle?
  /// The outputs that the frame was read through, where there are several or where they differ from the values here;
  /// empty for one output with `overscan`, `gain` and `readNoise`.
  public var amplifiers: [Amplifier]
  /// Coefficients c1, c2, ... of the response: a pixel of d ADU above the zero level would have d (1 + c1 d + c2 d^2 + ...)
  /// if the response were straight. Empty for a camera that needs no correction.
  public var linearity: [Double]
  /// Raw ADU, bias included, from which the response is not to be trusted even when corrected; nil for a camera whose
  /// response is known up to its saturation.
  public var linearLimit: Double?
  /// Binning, as `1x1`.
  public var binning: String
  /// Name of the readout mode, where the camera has several; empty when unknown.
  public var readoutMode: String
  /// Of the detector, degrees Celsius; NaN when unknown.
  public var temperature: Double
  /// The observing night, noon to noon at the site, named by the date of its evening; empty without a time.
  public var night: String
  /// Pointing in degrees, ICRS; NaN when unknown.
  public var rightAscension: Double
  public var declination: Double
  /// Pixels of the trimmed frame to the sky, as the header has it; nil without one that can be used.
  public var projection: SkyProjection?
  /// Where the telescope stands; nil when nothing tells.
  public var site: Site?
  /// Arcseconds per pixel of the image as it was read out.
  public var pixelScale: Decoded<Double>?
  /// Level in ADU that the profile declares for an exposure without light; nil when only overscan or bias frames
  /// can tell it.
  public var pedestal: Decoded<Double>?
  /// Where the values come from that are no `Decoded` themselves, in the order in which they were decoded.
  public var sources: [Source]
  /// What was not understood, or contradicts itself: one sentence each.
  public var problems: [String]

  /// The origin of one value.
  public struct Source: Sendable, Equatable {
    /// Column of the table of observations, such as `filter` or `jd_utc`.
    public var value: String
    public var origin: Decoded<Double>.Origin

    public init(_ value: String, from origin: Decoded<Double>.Origin) {
      self.value = value
      self.origin = origin
    }
  }

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
    self.pieces = []
    self.reduction = nil
    self.trim = PixelRectangle(x: 0, y: 0, width: width, height: height)
    self.overscan = nil
    self.amplifiers = []
    self.linearity = []
    self.linearLimit = nil
    self.binning = "1x1"
    self.readoutMode = ""
    self.temperature = .nan
    self.night = ""
    self.rightAscension = .nan
    self.declination = .nan
    self.projection = nil
    self.site = nil
    self.pixelScale = nil
    self.pedestal = nil
    self.sources = []
    self.problems = []
  }
}

/// A value and where it comes from.
public struct Decoded<Value: Sendable & Equatable>: Sendable, Equatable {
  /// Where a value comes from.
  public enum Origin: Sendable, Equatable {
    /// The header keyword of this name.
    case header(String)
    case profile
    /// From the camera profile, which itself marks it as an estimate.
    case estimated
    case project
    /// From the name of the file.
    case fileName
    /// From the calibration frames themselves.
    case measured
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
    case .fileName: "file name"
    case .measured: "measured"
    }
  }
}
