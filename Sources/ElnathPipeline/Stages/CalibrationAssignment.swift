import ElnathCore

/// What serves what, as far as it is known which groups have no master.
public struct CalibrationAssignment: Sendable, Equatable {
  /// The groups that serve one light frame, by their numbers in the plan.
  public struct Choice: Sendable, Equatable {
    public var bias: Int?
    public var dark: Int?
    /// What the dark is multiplied by; 1 for matched exposures.
    public var darkScale = 1.0
    public var flat: Int?
    /// True where bias frames or an overscan take the zero level of the frame away.
    public var isZeroLevelKnown = false
  }

  /// The groups that serve a group of calibration frames before they are combined.
  public struct Preparation: Sendable, Equatable {
    public var bias: Int?
    /// For flat frames, by their exposure.
    public var darks: [Double: Dark] = [:]
    public var isZeroLevelKnown = false

    /// A dark by its group, and the factor that brings it to the exposure of the light.
    public struct Dark: Sendable, Equatable {
      public var group: Int
      public var scale: Double
    }
  }

  /// For each light, in the order in which they were given; nil for those that cannot be read or were reduced before.
  public var choices: [Choice?] = []
  /// For each group that serves a light, directly or by way of another group.
  public var preparations: [Int: Preparation] = [:]

  /// Numbers of the groups that serve, in the order in which they can be made: bias, dark, flat.
  public var needed: [Int] { preparations.keys.sorted() }
}

extension CalibrationPlan {
  /// - Parameter failed: groups of which no master could be made.
  public func assignment(for lights: [ScannedFile], without failed: Set<Int> = []) -> CalibrationAssignment {
    var assignment = CalibrationAssignment()
    var known: [Wish: CalibrationAssignment.Choice] = [:]
    for light in lights {
      guard light.error == nil, light.observation.reduction == nil else {
        assignment.choices.append(nil)
        continue
      }
      let wish = Wish(light.observation)
      let choice = known[wish] ?? self.choice(for: wish, without: failed)
      known[wish] = choice
      assignment.choices.append(choice)
    }
    for choice in known.values {
      for group in [choice.bias, choice.dark, choice.flat].compactMap({ $0 }) {
        prepare(group, in: &assignment, without: failed)
      }
    }
    return assignment
  }

  private func choice(for wish: Wish, without failed: Set<Int>) -> CalibrationAssignment.Choice {
    var choice = CalibrationAssignment.Choice()
    choice.bias = best(.bias, for: wish, without: failed)
    choice.isZeroLevelKnown = choice.bias != nil || wish.hasOverscan
    choice.flat = best(.flat, for: wish, isZeroLevelKnown: choice.isZeroLevelKnown, without: failed)
    if let dark = dark(for: wish, isZeroLevelKnown: choice.isZeroLevelKnown, without: failed) {
      (choice.dark, choice.darkScale) = (dark.group, dark.scale)
    }
    return choice
  }

  private func prepare(_ number: Int, in assignment: inout CalibrationAssignment, without failed: Set<Int>) {
    guard assignment.preparations[number] == nil else { return }
    let group = groups[number]
    var preparation = CalibrationAssignment.Preparation()
    let wish = Wish(group, exposure: nil)
    preparation.bias = group.kind == .bias ? nil : best(.bias, for: wish, without: failed)
    preparation.isZeroLevelKnown = preparation.bias != nil || wish.hasOverscan
    if group.kind == .flat {
      for exposure in Set(group.files.map(\.observation.exposure)) where exposure > 0 {
        preparation.darks[exposure] = dark(
          for: Wish(group, exposure: exposure), isZeroLevelKnown: preparation.isZeroLevelKnown, without: failed)
      }
    }
    assignment.preparations[number] = preparation
    for other in [preparation.bias].compactMap({ $0 }) + preparation.darks.values.map(\.group) {
      prepare(other, in: &assignment, without: failed)
    }
  }

  private func dark(
    for wish: Wish, isZeroLevelKnown: Bool, without failed: Set<Int>
  ) -> CalibrationAssignment.Preparation.Dark? {
    guard let exposure = wish.exposure,
      let group = best(.dark, for: wish, isZeroLevelKnown: isZeroLevelKnown, without: failed)
    else { return nil }
    let length = groups[group].exposure
    return .init(group: group, scale: Self.agree(length, exposure) ? 1 : exposure / length)
  }

  private func best(
    _ kind: Observation.Kind, for wish: Wish, isZeroLevelKnown: Bool = true, without failed: Set<Int>
  ) -> Int? {
    candidates(kind, for: wish, isZeroLevelKnown: isZeroLevelKnown).first { !failed.contains($0) }
  }
}
