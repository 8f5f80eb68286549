import ElnathCore

/// Which calibration frames belong together, and which of them serve which frames. A function of the headers alone.
///
/// **Groups.** Bias, dark and flat frames make one group, and one master, where they agree in readout (size of the
/// trimmed frame, binning, readout mode, amplifiers, overscan) and in night, noon to noon at the site. Dark frames must
/// also agree in exposure to 1 per cent, bias and dark frames in temperature: sorted by it, two that differ by more than
/// 2 degrees part the group. Flat frames must agree in filter; their exposures and temperatures may differ. Frames
/// without a time make groups that go with any night.
///
/// **Always.** A group serves only frames of its own readout; an unknown readout mode goes with any other.
///
/// **Bias.** The one of the same night, else of the nearest night (in days, the earlier of two); of several the one
/// nearest in temperature.
///
/// **Dark.** One within 2 degrees of the frame comes before all others, for dark current follows the temperature; an
/// unknown temperature counts as near. Then one whose exposure agrees to 1 per cent, of the same night or the nearest.
/// Else, where the zero level of the frame is known from bias frames or an overscan, the longest of the same night, or
/// of the nearest with any, scaled by the exposure: the longest is the least noisy.
///
/// **Flat.** The one of the same filter and night, else of the nearest night; only where the zero level is known.
///
/// **Calibration of calibration frames.** Dark frames lose the bias, flat frames the bias and the dark that these rules
/// give them: each flat frame a dark for its own exposure.
///
/// **Failure.** A group of which no master could be made is passed over as if it were not there: a night whose frames
/// were all rejected borrows from the next nearest.
public struct CalibrationPlan: Sendable {
  /// Bias, dark, flat; within a kind by readout, filter, exposure, night and temperature.
  public let groups: [CalibrationGroup]
  /// Calibration frames that can serve nothing as they are, each with the reason.
  public let leftOut: [String]

  /// Dark current doubles every 5 to 8 degrees in most detectors: 2 degrees change it by a fifth to a third.
  static let temperatureTolerance = 2.0
  /// Part of an exposure by which two may differ and still count as the same.
  static let exposureTolerance = 0.01

  /// - Parameter files: of any kind; lights do not matter here.
  public init(_ files: [ScannedFile], settings: ReduceSettings = ReduceSettings()) {
    let wanted: [Observation.Kind: Bool] = [.bias: settings.bias, .dark: settings.dark, .flat: settings.flat]
    var usable: [ScannedFile] = []
    var leftOut: [String] = []
    for file in files where wanted[file.observation.kind] == true {
      if let reason = Self.reasonAgainst(file) {
        leftOut.append("\(file.observation.file): \(reason), not used")
      } else {
        usable.append(file)
      }
    }
    groups = CalibrationGrouping.groups(of: usable)
    self.leftOut = leftOut
  }

  private static func reasonAgainst(_ file: ScannedFile) -> String? {
    if let error = file.error { return error }
    if file.flags.contains(.duplicate) { return file.observation.problems.last ?? "repeats another frame" }
    if file.observation.kind == .dark, !(file.observation.exposure > 0) {
      return file.observation.exposure == 0
        ? "dark frame with an exposure of 0 s" : "dark frame without an exposure time"
    }
    return nil
  }

  /// What decides on the calibration of a frame.
  struct Wish: Hashable, Sendable {
    var readout: ReadoutFormat
    var filter: String
    /// Seconds; nil where unknown.
    var exposure: Double?
    var night: String
    /// Degrees Celsius; nil where unknown.
    var temperature: Double?
    var hasOverscan: Bool

    init(_ observation: Observation) {
      readout = ReadoutFormat(observation)
      filter = observation.filter
      exposure = observation.exposure.isNaN ? nil : observation.exposure
      night = observation.night
      temperature = observation.temperature.isNaN ? nil : observation.temperature
      hasOverscan = observation.hasOverscan
    }

    /// For frames of a group; of a flat one exposure at a time.
    init(_ group: CalibrationGroup, exposure: Double?) {
      readout = group.readout
      filter = group.filter
      self.exposure = exposure
      night = group.night
      temperature = group.temperature.isNaN ? nil : group.temperature
      hasOverscan = group.files.first?.observation.hasOverscan ?? false
    }
  }

  /// Numbers of the groups of one kind that may serve, the best first.
  func candidates(_ kind: Observation.Kind, for wish: Wish, isZeroLevelKnown: Bool = true) -> [Int] {
    let ranked = groups.indices.compactMap { number -> (number: Int, rank: [Double])? in
      let group = groups[number]
      guard group.kind == kind, group.readout.serves(wish.readout) else { return nil }
      return rank(of: group, for: wish, isZeroLevelKnown: isZeroLevelKnown).map { (number, $0) }
    }
    return ranked.sorted { a, b in
      a.rank == b.rank ? a.number < b.number : a.rank.lexicographicallyPrecedes(b.rank)
    }.map(\.number)
  }

  /// Less is better, the first number that differs deciding; nil for what must not serve.
  private func rank(of group: CalibrationGroup, for wish: Wish, isZeroLevelKnown: Bool) -> [Double]? {
    let night = Self.distance(of: group.night, from: wish.night)
    let warmth = Self.temperatureDifference(group, wish)
    switch group.kind {
    case .bias: return [night, warmth]
    case .flat: return isZeroLevelKnown && group.filter == wish.filter ? [night, warmth] : nil
    case .dark:
      guard let exposure = wish.exposure, exposure > 0 else { return nil }
      let excess = warmth > Self.temperatureTolerance ? warmth : 0
      if Self.agree(group.exposure, exposure) { return [excess, 0, night, warmth] }
      return isZeroLevelKnown ? [excess, 1, night, -group.exposure, warmth] : nil
    case .light, .unknown: return nil
    }
  }

  static func agree(_ dark: Double, _ exposure: Double) -> Bool { abs(dark - exposure) <= exposureTolerance * exposure }

  /// Degrees; 0 where either is unknown.
  static func temperatureDifference(_ group: CalibrationGroup, _ wish: Wish) -> Double {
    guard let temperature = wish.temperature, !group.temperature.isNaN else { return 0 }
    return abs(group.temperature - temperature)
  }

  /// Of nights, such that less is nearer: the same, then an unknown one, then by days, the earlier first.
  static func distance(of night: String, from other: String) -> Double {
    guard let day = HeaderClock.dayNumber(night: night) else { return other.isEmpty ? 0 : 0.5 }
    guard let wanted = HeaderClock.dayNumber(night: other) else { return 1 }
    return Double(2 * abs(day - wanted) + (day > wanted ? 1 : 0))
  }
}

extension Observation {
  /// True where any output has one.
  var hasOverscan: Bool { overscan != nil || amplifiers.contains { $0.overscan != nil } }
}

extension HeaderClock {
  /// Days since 1970-01-01 of the evening of a night; nil where it is none.
  static func dayNumber(night: String) -> Int? {
    let parts = night.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    return ClockText.Date(year: parts[0], month: parts[1], day: parts[2]).dayNumber
  }
}
