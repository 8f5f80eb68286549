import ElnathCore

/// How one kind of camera writes its headers, and what it is like: the content of a file of `catalogs/cameras`.
///
/// A profile is laid over `generic.toml`, so a file states only where its camera differs. Lists of keywords are tried in
/// their order; patterns are those of `NamePattern`.
public struct CameraProfile: Codable, Sendable, Equatable {
  /// Name of the file without its ending.
  public var name = ""
  public var title = ""
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
  /// Arcseconds per pixel, unbinned.
  public var pixelScale = CameraValue()

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
    case name, title, observatory, recognise, gain
    case readNoise = "read_noise"
    case readNoiseIncludesDigitisation = "read_noise_includes_digitisation"
    case saturation, pedestal
    case pixelScale = "pixel_scale"
    case object, exposure, kind, filter, time, pointing, site, binning, geometry
  }
}

/// A number of the camera: the keywords that may hold it, and the value of the profile for headers that don't.
public struct CameraValue: Codable, Sendable, Equatable {
  public var keywords: [String] = []
  /// Patterns of comments that show that the keyword means something else, such as the index of a gain.
  public var unlessComment: [String] = []
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
    case most
    case doubtWhole = "doubt_whole"
    case value, estimated
  }
}

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

public struct KindPatterns: Codable, Sendable, Equatable {
  public var light: [String] = []
  public var bias: [String] = []
  public var dark: [String] = []
  public var flat: [String] = []

  public init() {}
}

public struct FilterRule: Codable, Sendable, Equatable {
  public var keywords: [String] = []
  /// Names of filters and the texts that mean them, tried in this order.
  public var names: [FilterName] = []

  public init() {}
}

public struct FilterName: Codable, Sendable, Equatable {
  public var name = ""
  /// One-letter patterns are read with their case (r is not R), longer ones without.
  public var patterns: [String] = []

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

  public init() {}

  enum CodingKeys: String, CodingKey {
    case mid, start, end
    case startOrMid = "start_or_mid"
    case clock, universal
    case zone = "zone_h"
  }
}

/// Where the telescope pointed: the first pair of keywords of which both are there.
public struct PointingRule: Codable, Sendable, Equatable {
  public var rightAscension: [String] = []
  public var declination: [String] = []
  public var equinox: [String] = []
  /// The unit of right ascensions that are plain numbers. Sexagesimal text is always in hours.
  public var unit = Unit.degrees

  public enum Unit: String, Codable, Sendable, CaseIterable {
    case degrees, hours
  }

  public init() {}

  enum CodingKeys: String, CodingKey {
    case rightAscension = "right_ascension"
    case declination, equinox, unit
  }
}

public struct SiteRule: Codable, Sendable, Equatable {
  public var latitude: [String] = []
  public var longitude: [String] = []
  public var altitude: [String] = []
  public var longitudePositive = Direction.east
  /// Free aperture of the telescope, m.
  public var aperture: Double?

  public enum Direction: String, Codable, Sendable, CaseIterable {
    case east, west
  }

  public init() {}

  enum CodingKeys: String, CodingKey {
    case latitude, longitude, altitude
    case longitudePositive = "longitude_positive"
    case aperture = "aperture_m"
  }
}

public struct BinningRule: Codable, Sendable, Equatable {
  public var x: [String] = []
  public var y: [String] = []
  /// Keywords with both, as `2x2` or `2 2`.
  public var both: [String] = []

  public init() {}
}

/// Which part of the image saw the sky and which gives the bias level.
public struct GeometryRule: Codable, Sendable, Equatable {
  /// Keywords with sections as `[x1:x2,y1:y2]`.
  public var trim: [String] = []
  public var overscan: [String] = []
  /// Keywords with the number of overscan columns at the right.
  public var overscanColumns: [String] = []
  /// What holds where the header says nothing: the first layout that has the size of the image.
  public var layouts: [GeometryLayout] = []

  public init() {}

  enum CodingKeys: String, CodingKey {
    case trim, overscan
    case overscanColumns = "overscan_columns"
    case layouts
  }
}

/// Sections of images of one size. A `*` in a section is the last column or row.
public struct GeometryLayout: Codable, Sendable, Equatable {
  /// Size of the images, or their least size.
  public var width: Int?
  public var height: Int?
  public var leastWidth: Int?
  public var leastHeight: Int?
  public var trim: String?
  public var overscan: String?
  /// What the user should know about such images.
  public var problem: String?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case width, height
    case leastWidth = "least_width"
    case leastHeight = "least_height"
    case trim, overscan, problem
  }
}

extension Observation.Kind: Codable {}
