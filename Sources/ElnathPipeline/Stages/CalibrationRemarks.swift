import ElnathCore

/// What people should know of the calibration of a series, each thing once: for a group of frames, not for every frame.
public struct CalibrationRemarks: Sendable, Equatable {
  /// What is missing, borrowed or unlike: each may cost accuracy.
  public var warnings: [String] = []
  /// What is usual and still worth knowing.
  public var notes: [String] = []

  /// - Parameters:
  ///   - assignment: of these lights by this plan.
  ///   - failed: groups of which no master could be made; their records tell why.
  ///   - tellsServices: false where it is told elsewhere which master serves which lights.
  public init(
    _ plan: CalibrationPlan, _ assignment: CalibrationAssignment, lights: [ScannedFile], without failed: Set<Int> = [],
    tellsServices: Bool = true
  ) {
    warnings += plan.leftOut
    let served = zip(lights, assignment.choices).compactMap { light, choice in choice.map { (light.observation, $0) } }
    addMissing(plan, served, without: failed)
    if tellsServices {
      addBorrowed(plan, served)
      addScaled(plan, served)
    }
    addTemperatures(plan, served)
    addPreparations(plan, assignment)
    addOrphans(plan, assignment, served.map(\.0), without: failed)
  }

  private typealias Served = (light: Observation, choice: CalibrationAssignment.Choice)

  private mutating func addMissing(_ plan: CalibrationPlan, _ served: [Served], without failed: Set<Int>) {
    func add(_ kind: Observation.Kind, _ chosen: (CalibrationAssignment.Choice) -> Int?, _ cost: String) {
      let without = served.filter { chosen($0.choice) == nil }
      guard !without.isEmpty else { return }
      let isThere = plan.groups.indices.contains { plan.groups[$0].kind == kind && !failed.contains($0) }
      if !isThere && kind != .flat {
        warnings.append("no \(kind) frames: \(cost)")
        return
      }
      for (what, lights) in Self.counted(without, by: { Self.lacking(kind, $0, isThere: isThere, served) }) {
        warnings.append(
          what + (without.count < served.count ? " (\(Self.several(lights, "light")))" : "") + ": " + cost)
      }
    }
    add(.bias, \.bias, "the bias pattern is not subtracted")
    add(.dark, \.dark, "dark current is not subtracted")
    add(.flat, \.flat, "the response of the pixels is not corrected")
  }

  /// What is lacking for a light, such that lights which lack the same have the same text.
  private static func lacking(
    _ kind: Observation.Kind, _ served: Served, isThere: Bool, _ all: [Served]
  ) -> String {
    let readout = ReadoutFormat(served.light)
    let isOneReadout = all.allSatisfy { ReadoutFormat($0.light) == readout }
    let ofReadout = isOneReadout ? "" : " of \(readout)"
    switch kind {
    case .flat:
      let called = served.light.filter.isEmpty ? "lights without a filter" : "filter \(served.light.filter)"
      return isThere && !served.choice.isZeroLevelKnown
        ? "flat frames for \(called)\(ofReadout) cannot be used, for without bias frames or an overscan their zero level "
          + "is unknown"
        : "no flat frames for \(called)\(ofReadout)"
    case .dark where !served.choice.isZeroLevelKnown:
      return "no dark frames of \(seconds(served.light.exposure))\(ofReadout), and without bias frames or an overscan "
        + "none can be scaled"
    case .dark: return "no dark frames for \(seconds(served.light.exposure))\(ofReadout)"
    default: return "no \(kind) frames of \(readout)"
    }
  }

  private mutating func addBorrowed(_ plan: CalibrationPlan, _ served: [Served]) {
    for choice in [\CalibrationAssignment.Choice.bias, \.dark, \.flat] {
      let borrowed = served.compactMap { light, chosen -> String? in
        guard let group = chosen[keyPath: choice].map({ plan.groups[$0] }), Self.isBorrowed(group, light.night) else {
          return nil
        }
        let own = light.night.isEmpty ? "lights without a time" : "the night of \(light.night)"
        return "\(Self.named(group)) for \(own): borrowed from the night of \(group.night)"
      }
      warnings += Self.counted(borrowed, by: { $0 }).map { "\($0.0) (\(Self.several($0.count, "light")))" }
    }
  }

  private static func isBorrowed(_ group: CalibrationGroup, _ night: String) -> Bool {
    !group.night.isEmpty && group.night != night
  }

  private mutating func addTemperatures(_ plan: CalibrationPlan, _ served: [Served]) {
    for choice in [\CalibrationAssignment.Choice.bias, \.dark] {
      let unlike = served.compactMap { light, chosen -> (group: Int, temperature: Double)? in
        guard let group = chosen[keyPath: choice],
          CalibrationPlan.temperatureDifference(plan.groups[group], .init(light)) > CalibrationPlan.temperatureTolerance
        else { return nil }
        return (group, light.temperature)
      }
      for (number, lights) in Dictionary(grouping: unlike, by: \.group).sorted(by: { $0.key < $1.key }) {
        let group = plan.groups[number]
        let (low, high) = (lights.map(\.temperature).min() ?? .nan, lights.map(\.temperature).max() ?? .nan)
        warnings.append(
          "\(Self.named(group)) at \(Self.degrees(group.temperature)) "
            + "for \(Self.several(lights.count, "light")) at \(Self.range(low, high, Self.degrees))")
      }
    }
  }

  private mutating func addScaled(_ plan: CalibrationPlan, _ served: [Served]) {
    let scaled = served.compactMap { light, choice -> String? in
      guard let dark = choice.dark.map({ plan.groups[$0] }), choice.darkScale != 1 else { return nil }
      return "\(Self.named(dark)) scaled by \(Self.short(choice.darkScale)) for \(Self.seconds(light.exposure))"
    }
    notes += Self.counted(scaled, by: { $0 }).map { "\($0.0) (\(Self.several($0.count, "light")))" }
  }

  /// The same of the calibration frames' own calibration.
  private mutating func addPreparations(_ plan: CalibrationPlan, _ assignment: CalibrationAssignment) {
    for number in assignment.needed {
      guard let preparation = assignment.preparations[number] else { continue }
      let group = plan.groups[number]
      let darks = Set(preparation.darks.values.map(\.group)).sorted()
      for other in [preparation.bias].compactMap({ $0 }) + darks {
        let used = plan.groups[other]
        if Self.isBorrowed(used, group.night) {
          let own = group.night.isEmpty ? "" : ", of the night of \(group.night)"
          notes.append("\(Self.named(used)), of the night of \(used.night), goes into \(Self.named(group))\(own)")
        }
        let difference = CalibrationPlan.temperatureDifference(used, .init(group, exposure: nil))
        if used.kind == .dark, difference > CalibrationPlan.temperatureTolerance {
          notes.append(
            "\(Self.named(used)) at \(Self.degrees(used.temperature)) goes into \(Self.named(group)) "
              + "at \(Self.degrees(group.temperature))")
        }
      }
    }
  }

  private mutating func addOrphans(
    _ plan: CalibrationPlan, _ assignment: CalibrationAssignment, _ lights: [Observation], without failed: Set<Int>
  ) {
    let readouts = Set(lights.map(ReadoutFormat.init))
    for number in plan.groups.indices where assignment.preparations[number] == nil && !failed.contains(number) {
      let group = plan.groups[number]
      let reason =
        readouts.contains { group.readout.serves($0) }
        ? ""
        : ": they have \(group.readout), the lights \(readouts.map(\.description).sorted().joined(separator: " or "))"
      let count = Self.several(group.files.count, "\(group.kind) frame")
      notes.append(
        "\(Self.described(group)) (\(count), first \(group.files[0].observation.file)) serve no light frame\(reason)")
    }
  }

  // MARK: Words

  /// `flat_R.fits` is what the user finds; what it is made of stands beside.
  private static func named(_ group: CalibrationGroup) -> String { String(group.fileName.dropLast(5)) }

  private static func described(_ group: CalibrationGroup) -> String {
    let what: String =
      switch group.kind {
      case .flat: "flat frames of " + (group.filter.isEmpty ? "no filter" : group.filter)
      case .dark: "dark frames of \(seconds(group.exposure))"
      default: "\(group.kind) frames"
      }
    return what + (group.night.isEmpty ? "" : " of the night of \(group.night)")
  }

  static func seconds(_ exposure: Double) -> String {
    exposure.isNaN ? "unknown exposure" : "\(Int(exactly: exposure).map(String.init) ?? short(exposure)) s"
  }

  static func degrees(_ temperature: Double) -> String { "\((temperature * 10).rounded() / 10) C" }

  static func short(_ value: Double) -> String { "\(DecimalRounding.decimals(value, 3))" }

  static func several(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  static func range(_ low: Double, _ high: Double, _ text: (Double) -> String) -> String {
    text(low) == text(high) ? text(low) : "\(text(low)) to \(text(high))"
  }

  /// How many there are of each, in the order in which they first come.
  private static func counted<Item>(_ items: [Item], by text: (Item) -> String) -> [(String, count: Int)] {
    var places: [String: Int] = [:]
    var counts: [(String, count: Int)] = []
    for item in items {
      let text = text(item)
      if let place = places[text] {
        counts[place].count += 1
      } else {
        places[text] = counts.count
        counts.append((text, 1))
      }
    }
    return counts
  }
}
