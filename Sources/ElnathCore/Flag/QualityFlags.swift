/// What is known against a measurement (bits 0 to 15) or a frame (bits 16 up). Bits and names stand in the tables and are
/// never used again for another meaning.
///
/// To add a flag: its constant, and its row in `definitions`.
public struct QualityFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let saturated = QualityFlags(rawValue: 1 << 0)
  public static let nonlinear = QualityFlags(rawValue: 1 << 1)
  public static let maskedPixel = QualityFlags(rawValue: 1 << 2)
  public static let cosmicRay = QualityFlags(rawValue: 1 << 3)
  public static let pastEdge = QualityFlags(rawValue: 1 << 4)
  public static let neighbour = QualityFlags(rawValue: 1 << 5)
  public static let centroidRefused = QualityFlags(rawValue: 1 << 6)
  public static let forced = QualityFlags(rawValue: 1 << 7)
  public static let noSky = QualityFlags(rawValue: 1 << 8)
  public static let skyGradient = QualityFlags(rawValue: 1 << 9)
  public static let satellite = QualityFlags(rawValue: 1 << 10)
  public static let outside = QualityFlags(rawValue: 1 << 11)
  public static let noiseModel = QualityFlags(rawValue: 1 << 12)
  public static let undersampled = QualityFlags(rawValue: 1 << 13)
  public static let maskedCore = QualityFlags(rawValue: 1 << 14)
  public static let oddProfile = QualityFlags(rawValue: 1 << 15)

  public static let seeing = QualityFlags(rawValue: 1 << 16)
  public static let elongation = QualityFlags(rawValue: 1 << 17)
  public static let sky = QualityFlags(rawValue: 1 << 18)
  public static let transparency = QualityFlags(rawValue: 1 << 19)
  public static let patchyCloud = QualityFlags(rawValue: 1 << 20)
  public static let fewStars = QualityFlags(rawValue: 1 << 21)
  public static let registration = QualityFlags(rawValue: 1 << 22)
  public static let trackingJump = QualityFlags(rawValue: 1 << 23)
  public static let twilight = QualityFlags(rawValue: 1 << 24)
  public static let fewComparisons = QualityFlags(rawValue: 1 << 25)
  public static let predictedTransform = QualityFlags(rawValue: 1 << 26)
  public static let timeConflict = QualityFlags(rawValue: 1 << 27)
  public static let duplicate = QualityFlags(rawValue: 1 << 28)
  public static let user = QualityFlags(rawValue: 1 << 29)
  public static let unreadable = QualityFlags(rawValue: 1 << 30)
  public static let notRegistered = QualityFlags(rawValue: 1 << 31)
  public static let wrongSize = QualityFlags(rawValue: 1 << 32)
  public static let zeroPointError = QualityFlags(rawValue: 1 << 33)
  public static let highAirmass = QualityFlags(rawValue: 1 << 34)
  public static let comparisonMissing = QualityFlags(rawValue: 1 << 35)
  public static let zeroPointDisjoint = QualityFlags(rawValue: 1 << 36)

  /// One flag: its bit, its name in the tables and what it says.
  public struct Definition: Sendable {
    public let bit: Int
    /// As it stands in `flag_names`, joined by `|`.
    public let name: String
    public let sentence: String

    public var flag: QualityFlags { QualityFlags(rawValue: 1 << UInt64(bit)) }
  }

  /// Every flag, by bit.
  public static let definitions: [Definition] = [
    Definition(bit: 0, name: "saturated", sentence: "A pixel within the aperture reached the saturation level."),
    Definition(
      bit: 1, name: "nonlinear", sentence: "A pixel within the aperture lies where the camera is no longer linear."),
    Definition(bit: 2, name: "masked_pixel", sentence: "A bad or missing pixel lies within the aperture."),
    Definition(bit: 3, name: "cosmic_ray", sentence: "A cosmic ray was found within the aperture."),
    Definition(bit: 4, name: "past_edge", sentence: "The aperture reaches past the edge of the frame."),
    Definition(bit: 5, name: "neighbour", sentence: "Light of a neighbour within reach contaminates the aperture."),
    Definition(
      bit: 6, name: "centroid_refused",
      sentence: "The centroid wandered beyond its bound; the forced position was used."),
    Definition(bit: 7, name: "forced", sentence: "Measured at the forced position."),
    Definition(bit: 8, name: "no_sky", sentence: "Too few sky pixels were left for a sure sky level."),
    Definition(bit: 9, name: "sky_gradient", sentence: "The sky around the star is uneven."),
    Definition(bit: 10, name: "satellite", sentence: "A satellite trail crosses the aperture."),
    Definition(bit: 11, name: "outside", sentence: "The star lies outside the frame."),
    Definition(
      bit: 12, name: "noise_model",
      sentence: "The sky noise departs from the model by more than 30 per cent; the measured scatter is used."),
    Definition(
      bit: 13, name: "undersampled",
      sentence: "Stars are narrower than 2.5 px; small apertures depend on where in its pixel a star falls."),
    Definition(
      bit: 14, name: "masked_core",
      sentence:
        "A bad pixel, a cosmic ray or a satellite spoils the flux: within 0.7 FWHM of the star, or with 2 per cent of its light."
    ),
    Definition(
      bit: 15, name: "odd_profile",
      sentence:
        "Light within the aperture is spread otherwise than the star's: a cosmic ray, a hot pixel or a satellite."),
    Definition(
      bit: 16, name: "seeing", sentence: "Stars are broader than in the neighbouring frames or than the run allows."),
    Definition(bit: 17, name: "elongation", sentence: "Stars are elongated: tracking or wind."),
    Definition(bit: 18, name: "sky", sentence: "The sky is much brighter than in the neighbouring frames."),
    Definition(bit: 19, name: "transparency", sentence: "Light is lost: clouds."),
    Definition(
      bit: 20, name: "patchy_cloud", sentence: "The comparison stars disagree among each other: uneven clouds."),
    Definition(
      bit: 21, name: "few_stars", sentence: "Far fewer stars than in the other frames of the group were detected."),
    Definition(bit: 22, name: "registration", sentence: "The residuals of the registration are too large."),
    Definition(bit: 23, name: "tracking_jump", sentence: "The frame departs from the motion of its neighbours."),
    Definition(bit: 24, name: "twilight", sentence: "The Sun is too high."),
    Definition(bit: 25, name: "few_comparisons", sentence: "Too few comparison stars were measured."),
    Definition(bit: 26, name: "predicted_transform", sentence: "The transform comes from neighbouring frames in time."),
    Definition(
      bit: 27, name: "time_conflict", sentence: "Header keywords contradict each other on the time, or none tells it."),
    Definition(bit: 28, name: "duplicate", sentence: "The frame repeats another one."),
    Definition(bit: 29, name: "user", sentence: "The user's verdict."),
    Definition(bit: 30, name: "unreadable", sentence: "The file could not be read."),
    Definition(bit: 31, name: "not_registered", sentence: "No transform to the reference frame could be proven."),
    Definition(bit: 32, name: "wrong_size", sentence: "The frame has another size than the reference frame."),
    Definition(bit: 33, name: "zero_point_error", sentence: "The zero point of the frame is uncertain."),
    Definition(bit: 34, name: "high_airmass", sentence: "The field stands too low."),
    Definition(bit: 35, name: "comparison_missing", sentence: "A comparison star is missing from the sum."),
    Definition(
      bit: 36, name: "zero_point_disjoint",
      sentence: "The frame shares no comparison stars with the rest of the series."),
  ]

  /// The bits of measurements of single stars.
  public static let star = QualityFlags(rawValue: 0xFFFF)
  /// The bits of frames.
  public static let frame = QualityFlags(rawValue: ~0xFFFF)
  /// The bits that the step `flag` sets, and clears before it begins.
  public static let ownedByFlag: QualityFlags = [
    .seeing, .elongation, .sky, .transparency, .patchyCloud, .fewStars, .registration, .trackingJump, .twilight,
    .fewComparisons, .user, .zeroPointError, .highAirmass,
  ]

  /// Names of the bits set, by bit, joined by `|`; empty for none.
  public var names: String {
    Self.definitions.filter { contains($0.flag) }.map(\.name).joined(separator: "|")
  }

  /// The flag of this name, or nil.
  public init?(name: String) {
    guard let definition = Self.definitions.first(where: { $0.name == name }) else { return nil }
    self = definition.flag
  }
}
