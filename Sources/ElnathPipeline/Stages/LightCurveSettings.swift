import ElnathCore

/// Table [lightcurve] of the project file: how the targets are compared.
public struct LightCurveSettings: Codable, Sendable, Equatable {
  /// `"auto"`, or a list of names.
  public enum Comparisons: Codable, Sendable, Equatable {
    case automatic
    case named([String])

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let word = try? container.decode(String.self) {
        self = word == "auto" ? .automatic : .named([word])
      } else {
        self = .named(try container.decode([String].self))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .automatic: try container.encode("auto")
      case .named(let names): try container.encode(names)
      }
    }
  }

  /// `"none"`, `"cycle"`, `"night"`, or a number of minutes.
  public enum Bin: Codable, Sendable, Equatable {
    case none
    case of(Binning)

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let minutes = try? container.decode(Double.self), minutes > 0 {
        self = .of(.minutes(minutes))
        return
      }
      let words: [String: Bin] = ["none": .none, "cycle": .of(.cycle), "night": .of(.night)]
      guard let bin = words[(try? container.decode(String.self)) ?? ""] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected none, cycle, night or a number of minutes")
      }
      self = bin
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .none: try container.encode("none")
      case .of(.cycle): try container.encode("cycle")
      case .of(.night): try container.encode("night")
      case .of(.minutes(let minutes)): try container.encode(minutes)
      }
    }
  }

  /// `"none"`, `"fit"`, or a number of magnitudes per magnitude of colour.
  public struct ColourTermSetting: Codable, Sendable, Equatable {
    public var term = ColourTerm.none

    public init(_ term: ColourTerm = .none) { self.term = term }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self), value.isFinite {
        term = .given(value)
        return
      }
      let words: [String: ColourTerm] = ["none": .none, "fit": .fitted]
      guard let known = words[(try? container.decode(String.self)) ?? ""] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected none, fit or a number of magnitudes per magnitude")
      }
      term = known
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch term {
      case .none: try container.encode("none")
      case .fitted: try container.encode("fit")
      case .given(let value): try container.encode(value)
      }
    }
  }

  /// zeropoint: one zero point a frame from all comparison stars at once, to which a missing star does no harm and a
  /// restless one little. sum: flux over the sum of the comparison stars' fluxes, as AstroImageJ has it.
  public var ensemble = EnsembleMethod.zeropoint
  /// Names, or `auto`: chosen on merit, stars with the role `comparison` among the detected ones. A list is used as it is. Left out:
  /// the stars with that role, or auto where there is none.
  public var comparisons: Comparisons?
  /// Comparison stars chosen at most. Left out: 15, and up to 60 as long as the zero points make up more than 2 per cent
  /// of the variance of the brightest target.
  public var wanted: Int?
  /// Names of stars that are never chosen.
  public var exclude: [String] = []
  /// Name of the check star, which is compared like a target and never used for comparison. Left out: the first star of
  /// that role, or a constant star of the first target's magnitude.
  public var check: String?
  /// Radius for all targets, px; the nearest measured one is taken. Left out: for each target and filter the one in
  /// which constant stars of its brightness scatter least.
  public var radius: Double?
  /// Binned curves beside the full ones: means over each cycle (frames of one filter in a row), night or so many minutes.
  public var bin = Bin.none
  /// What a star's colour adds to magnitudes on a catalogue's scale, where stars have `mag`, `band` and `colour`: none,
  /// fit (from five comparison stars on), or mag per mag of colour. None by default: many catalogues have no colours.
  public var colourTerm = ColourTermSetting()

  /// Names of the filters of a line and of its continuum: then `excess_<target>.csv` has the line's light and equivalent
  /// width. None by default, since only some runs have such filters.
  public var line: String?
  public var continuum: String?
  /// Which continuum belongs to a frame in the line. interpolate: the continuum at the time of each frame in the line; cycle: means over each cycle.
  public var pairing = LineExcess.Pairing.interpolate
  /// Longest time between two continuum frames that are interpolated, minutes: young stars seldom change by more than
  /// their errors within an hour.
  public var longestGap = 60.0
  /// True where the continuum filter lets the line not pass.
  public var continuumIsFree = false
  /// Widths of the bands by filter, nm, over those of the camera profile.
  public var widths: [String: Double] = [:]

  /// Most light in a pixel of a comparison star, as a part of the saturation level: sensors bend before they clip.
  public var saturationShare = 0.8
  /// Least median signal to noise of a comparison star; with fewer than 5 such stars, 20 will do.
  public var signalToNoise = 50.0
  /// Most light of neighbours in the aperture of a comparison star, as a part of its own.
  public var contamination = 0.01
  /// Least part of the frames in use on which a comparison star has a value.
  public var coverage = 0.8

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case ensemble, comparisons, wanted, exclude, check, radius, bin
    case colourTerm = "colour_term"
    case line, continuum, pairing
    case longestGap = "longest_gap_min"
    case continuumIsFree = "continuum_is_free"
    case widths
    case saturationShare = "saturation_share"
    case signalToNoise = "signal_to_noise"
    case contamination, coverage
  }

  public init() {}
}

extension LightCurveSettings {
  /// The settings as the light curves are built with them; what cannot be is refused.
  ///
  /// - Parameter profileWidths: widths of the bands as the camera profile has them, nm.
  public func builder(profileWidths: [String: Double] = [:]) throws(PipelineError) -> LightCurveBuilder {
    if let wanted, !(1...200).contains(wanted) {
      throw Self.refused(.wanted, "\(wanted)", "give a number from 1 to 200")
    }
    if let radius, !(radius > 0 && radius.isFinite) {
      throw Self.refused(.radius, "\(radius)", "give a number of pixels above 0")
    }
    for (key, value) in [
      (CodingKeys.saturationShare, saturationShare), (.contamination, contamination), (.coverage, coverage),
    ] where !(value > 0 && value <= 1) {
      throw Self.refused(key, "\(value)", "give a part of 1")
    }
    guard signalToNoise > 0 && signalToNoise.isFinite else {
      throw Self.refused(.signalToNoise, "\(signalToNoise)", "give a positive number")
    }
    if case .named(let names) = comparisons, names.isEmpty {
      throw Self.refused(.comparisons, "an empty list", "give names, or \"auto\"")
    }
    var builder = LightCurveBuilder()
    builder.method = ensemble
    builder.comparisons =
      switch comparisons {
      case nil: .listedElseAutomatic
      case .automatic: .automatic
      case .named(let names): .named(names)
      }
    builder.wanted = wanted
    builder.excluded = Set(exclude)
    builder.check = check
    builder.radius = radius
    builder.colourTerm = colourTerm.term
    builder.excess = try excess(profileWidths: profileWidths)
    builder.candidates.saturationShare = saturationShare
    builder.candidates.signalToNoise = signalToNoise
    builder.candidates.fallbackSignalToNoise = min(builder.candidates.fallbackSignalToNoise, signalToNoise)
    builder.candidates.contamination = contamination
    builder.candidates.coverage = coverage
    return builder
  }

  /// The line emission that is asked for; nil for none.
  private func excess(profileWidths: [String: Double]) throws(PipelineError) -> LineExcess? {
    guard line != nil || continuum != nil else { return nil }
    guard let line, let continuum, line != continuum else {
      throw Self.refused(
        line == nil ? .line : .continuum, line == nil ? "no filter" : continuum.map { "\"\($0)\"" } ?? "no filter",
        "give the filter of the line and another one of the continuum")
    }
    guard longestGap > 0 && longestGap.isFinite else {
      throw Self.refused(.longestGap, "\(longestGap)", "give a positive number of minutes")
    }
    var excess = LineExcess(line: line, continuum: continuum)
    excess.pairing = pairing
    excess.longestGap = longestGap
    excess.continuumIsFree = continuumIsFree
    let known = profileWidths.merging(widths) { _, own in own }
    for (name, width) in known.sorted(by: { $0.key < $1.key }) where !(width > 0 && width.isFinite) {
      throw Self.refused(.widths, "\(name) = \(width)", "give a width in nm")
    }
    excess.lineWidth = known[line] ?? .nan
    excess.continuumWidth = known[continuum] ?? .nan
    if excess.widthRatio >= 1 {
      throw Self.refused(
        .widths, "\(line) = \(excess.lineWidth), \(continuum) = \(excess.continuumWidth)",
        "the band of the line must be narrower than that of the continuum, or continuum_is_free = true")
    }
    return excess
  }

  private static func refused(_ key: CodingKeys, _ seen: String, _ remedy: String) -> PipelineError {
    PipelineError(.configuration, "lightcurve.\(key.rawValue)", "\(seen) cannot be; \(remedy)")
  }
}
