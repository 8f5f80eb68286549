import ElnathCore

/// How one kind of camera writes its headers, and what it is like: the content of a file of `catalogs/cameras`.
///
/// A profile is laid over `generic.toml`, so a file states only where its camera differs. Lists of keywords are tried in
/// their order; patterns are those of `NamePattern`.
public struct CameraProfile: Codable, Sendable, Equatable {
  /// Name of the file without its ending.
  public var name = ""
  public var title = ""
  /// What everyone who uses such frames should know: said once for each run.
  public var remarks: [String] = []
  /// Observatory profile where this camera stands, when it always stands there.
  public var observatory: String?
  /// Keyword and patterns of its text, all of which a header must fulfil to be recognised; empty for none.
  public var recognise: [String: [String]] = [:]

  /// e-/ADU.
  public var gain = CameraValue()
  /// Electrons.
  public var readNoise = CameraValue()
  /// True when the read noise was measured on digitised frames, so that the digitisation noise is part of it.
  public var readNoiseIncludesDigitisation = true
  /// Raw ADU, bias included.
  public var saturation = CameraValue()
  /// ADU of an exposure without light.
  public var pedestal = CameraValue()
  /// Arcseconds per pixel: in keywords of the image as it was read out, as a value of the profile of the unbinned chip.
  public var pixelScale = CameraValue()
  /// Micrometres of the image as it was read out, and mm: they give the pixel scale where nothing else does.
  public var pixelSize = KeywordList()
  public var focalLength = KeywordList()
  public var linearity = LinearityRule()
  /// Values that hold in certain modes only, laid over the above; the first mode that fits counts.
  public var modes: [CameraMode] = []
  public var temperature = TemperatureRule()
  public var readoutMode = ReadoutModeRule()

  public var object = KeywordList()
  /// Seconds.
  public var exposure = KeywordList()
  public var kind = KindRule()
  public var filter = FilterRule()
  public var time = TimeRule()
  public var pointing = PointingRule()
  public var site = SiteRule()
  public var binning = BinningRule()
  public var geometry = GeometryRule()

  public init() {}

  enum CodingKeys: String, CodingKey {
    case name, title, remarks, observatory, recognise, gain
    case readNoise = "read_noise"
    case readNoiseIncludesDigitisation = "read_noise_includes_digitisation"
    case saturation, pedestal
    case pixelScale = "pixel_scale"
    case pixelSize = "pixel_size"
    case focalLength = "focal_length"
    case linearity, modes, temperature
    case readoutMode = "readout_mode"
    case object, exposure, kind, filter, time, pointing, site, binning, geometry
  }
}

/// A number of the camera: the keywords that may hold it, and the value of the profile for headers that don't.
public struct CameraValue: Codable, Sendable, Equatable {
  public var keywords: [String] = []
  /// Patterns of comments that show that the keyword means something else, such as the index of a gain.
  public var unlessComment: [String] = []
  /// Keywords and patterns of their text, of which one shows the same: programs that write a setting there.
  public var unlessHeader: [String: [String]] = [:]
  /// The largest believable value of a header: more is a setting in other units.
  public var most: Double?
  /// True when a whole number without a point in the header may well be a setting in other units: used, but noted.
  public var doubtWhole = false
  public var value: Double?
  /// True when the value of the profile is not measured or published but inferred.
  public var estimated = false

  public init() {}

  enum CodingKeys: String, CodingKey {
    case keywords
    case unlessComment = "unless_comment"
    case unlessHeader = "unless_header"
    case most
    case doubtWhole = "doubt_whole"
    case value, estimated
  }
}

/// Keywords of one value, the first that tells it wins.
public struct KeywordList: Codable, Sendable, Equatable {
  public var keywords: [String] = []

  public init() {}
}

/// What an image is of.
public struct KindRule: Codable, Sendable, Equatable {
  /// Keywords that name the kind.
  public var keywords: [String] = []
  /// Kind by patterns of that text, by patterns of the object's name (calibration frames only), and by patterns of the
  /// file name. Upper and lower case count the same.
  public var values = KindPatterns()
  public var objects = KindPatterns()
  public var files = KindPatterns()
  /// Kind of a frame of which nothing tells.
  public var otherwise = Observation.Kind.unknown
  /// A dark of no longer exposure than this, in seconds, is a bias.
  public var longestBias = 0.0

  public init() {}

  enum CodingKeys: String, CodingKey {
    case keywords, values, objects, files, otherwise
    case longestBias = "longest_bias_s"
  }
}

/// Patterns of text by the kind of image that they mean.
public struct KindPatterns: Codable, Sendable, Equatable {
  public var light: [String] = []
  public var bias: [String] = []
  public var dark: [String] = []
  public var flat: [String] = []

  public init() {}
}

/// How a header names the filter.
public struct FilterRule: Codable, Sendable, Equatable {
  public var keywords: [String] = []
  /// Keywords of filter wheels in the same light: the names of those that are not open are joined by `+`. They count
  /// where none of `keywords` says something.
  public var wheels: [String] = []
  /// Patterns of the text of a wheel that has no filter in the light.
  public var open: [String] = []
  /// Widths of the bands by the name of the filter, nm: for equivalent widths.
  public var widths: [String: Double] = [:]
  /// Names of filters and the texts that mean them, tried in this order.
  public var names: [FilterName] = []

  public init() {}
}

/// A filter and the texts that mean it.
public struct FilterName: Codable, Sendable, Equatable {
  public var name = ""
  /// One-letter patterns are read with their case (r is not R), longer ones without.
  public var patterns: [String] = []
  /// Texts that may well mean another filter: taken for this one, but noted.
  public var doubtful: [String]?

  public init() {}
}

/// Where the times stand and what clock wrote them.
public struct TimeRule: Codable, Sendable, Equatable {
  /// Keywords of the middle, the start and the end of the exposure: dates with times, or Julian dates of either kind.
  public var mid: [String] = []
  public var start: [String] = []
  public var end: [String] = []
  /// Keywords with a date of which it is not sure whether it means the start or the middle.
  public var startOrMid: [String] = []
  /// Keywords with the time of day at the start, for dates that come without one.
  public var clock: [String] = []
  /// Those whose name says that they are in UTC.
  public var universal: [String] = []
  /// Hours that a clock without a time zone in its text is ahead of UTC (east positive).
  public var zone = 0.0
  /// Keywords with times that are none in UTC (local, heliocentric, barycentric): never read, but named when there is no
  /// other.
  public var notUTC: [String] = []
  /// 12 for a clock that writes hours 1 to 12 without AM or PM.
  public var clockHours = 24
  /// Keywords whose comment shows the same time with AM or PM.
  public var halfOfDayComments: [String] = []
  /// Which half of the day such a clock means where no comment tells.
  public var halfOfDay = HalfOfDay.night

  /// Which half of the day a clock of twelve hours means.
  public enum HalfOfDay: String, Codable, Sendable, CaseIterable {
    case am, pm
    /// Hours 6 to 11 are of the evening, 12 to 5 of the morning; those of a flat all of the afternoon and evening.
    case night
  }

  public init() {}

  enum CodingKeys: String, CodingKey {
    case mid, start, end
    case startOrMid = "start_or_mid"
    case clock, universal
    case zone = "zone_h"
    case notUTC = "not_utc"
    case clockHours = "clock_hours"
    case halfOfDayComments = "half_of_day_comments"
    case halfOfDay = "half_of_day"
  }
}

/// Where the telescope pointed: the first pair of keywords of which both are there.
public struct PointingRule: Codable, Sendable, Equatable {
  public var rightAscension: [String] = []
  public var declination: [String] = []
  public var equinox: [String] = []
  /// Keywords that name the system of axes: ICRS, FK5, FK4.
  public var frame: [String] = []
  /// The unit of right ascensions that are plain numbers. Sexagesimal text is always in hours.
  public var unit = Unit.degrees

  /// What right ascensions without colons are counted in.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    case degrees, hours
  }

  public init() {}

  enum CodingKeys: String, CodingKey {
    case rightAscension = "right_ascension"
    case declination, equinox, frame, unit
  }
}

/// Keywords of the place of the telescope.
public struct SiteRule: Codable, Sendable, Equatable {
  public var latitude: [String] = []
  public var longitude: [String] = []
  public var altitude: [String] = []
  public var longitudePositive = Direction.east
  /// Keywords and patterns of their text, of which one shows that the header counts longitudes positive to the west.
  public var westIf: [String: [String]] = [:]
  /// Keywords that are positive to the east whatever the others are.
  public var alwaysEast: [String] = []
  /// Free aperture of the telescope, m.
  public var aperture: Double?

  /// The direction in which longitudes are positive.
  public enum Direction: String, Codable, Sendable, CaseIterable {
    case east, west
  }

  public init() {}

  enum CodingKeys: String, CodingKey {
    case latitude, longitude, altitude
    case longitudePositive = "longitude_positive"
    case westIf = "west_if"
    case alwaysEast = "always_east"
    case aperture = "aperture_m"
  }
}

/// Keywords of the binning along x and y.
public struct BinningRule: Codable, Sendable, Equatable {
  public var x: [String] = []
  public var y: [String] = []
  /// Keywords with both, as `2x2` or `2 2`.
  public var both: [String] = []

  public init() {}
}

extension Observation.Kind: Codable {}
