/// Which part of the image saw the sky and which gives the bias level.
public struct GeometryRule: Codable, Sendable, Equatable {
  /// Keywords with sections as `[x1:x2,y1:y2]`.
  public var trim: [String] = []
  public var overscan: [String] = []
  /// Keywords with the number of overscan columns at the right, and of overscan rows at the top, which are cut off.
  public var overscanColumns: [String] = []
  public var overscanRows: [String] = []
  /// Keywords with the section of the detector that an image (its DATASEC) was read from, in pixels of the detector;
  /// reversed ends where columns or rows were read in the opposite order. They join the images of a file, or the outputs
  /// of an image, to one frame.
  public var detector: [String] = []
  /// How headers describe several outputs in one image.
  public var amplifiers = AmplifierRule()
  /// What holds where the header says nothing: the first layout that has the size of the image.
  public var layouts: [GeometryLayout] = []

  public init() {}

  enum CodingKeys: String, CodingKey {
    case trim, overscan
    case overscanColumns = "overscan_columns"
    case overscanRows = "overscan_rows"
    case detector, amplifiers, layouts
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
  /// The outputs, where there are several; `trim` and `overscan` then say nothing.
  public var amplifiers: [AmplifierLayout]?
  /// What the user should know about such images.
  public var problem: String?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case width, height
    case leastWidth = "least_width"
    case leastHeight = "least_height"
    case trim, overscan, amplifiers, problem
  }
}

/// Keywords of which each output of one image has its own: `#` in them is the output's name, so that `BIASSEC#` stands
/// for BIASSEC1, BIASSEC2 ... or BIASSECA, BIASSECB.
public struct AmplifierRule: Codable, Sendable, Equatable {
  /// Keywords with the names of the outputs that were used, separated by blanks or commas.
  public var list: [String] = []
  /// Sets of names that are tried where there is no list, separated by blanks; that of which most are found counts.
  public var names: [String] = []
  /// The part that saw the sky; what of it is wanted; the part that did not; the place on the detector.
  public var data: [String] = []
  public var trim: [String] = []
  public var overscan: [String] = []
  public var detector: [String] = []
  /// e-/ADU, electrons.
  public var gain: [String] = []
  public var readNoise: [String] = []

  public init() {}

  enum CodingKeys: String, CodingKey {
    case list, names, data, trim, overscan, detector, gain
    case readNoise = "read_noise"
  }
}

/// One output of a layout, or of the project's own list.
public struct AmplifierLayout: Codable, Sendable, Equatable {
  /// As header or profile call this output.
  public var name: String?
  /// The part of the image that saw the sky and was read through this output, as `[x1:x2,y1:y2]`.
  public var data: String?
  /// The part that saw no sky and was read through this output.
  public var overscan: String?
  /// Where `data` lies on the detector, where that differs from its place in the image.
  public var detector: String?
  /// Gain of this output, e-/ADU.
  public var gain: Double?
  /// Read noise of this output, electrons.
  public var readNoise: Double?

  public init() {}

  enum CodingKeys: String, CodingKey {
    case name, data, overscan, detector, gain
    case readNoise = "read_noise"
  }
}
