import ElnathCore

/// Finds one number of the camera: from the project, else the header, else the profile.
struct CameraValueDecoder {
  /// As messages call it: `gain`.
  let name: String
  let rule: CameraValue
  /// What the project file says.
  let override: Double?
  /// What is accepted.
  let isPossible: @Sendable (Double) -> Bool
  /// Key of table [input] that states it.
  let key: InputSettings.CodingKeys
  /// True where the frame cannot be used without it.
  let isNeeded: Bool
  /// Units that the header may write behind the number.
  var units = HeaderUnits.plain

  /// Header and profile values further apart than this are worth a word.
  static let tolerance = 0.1

  func decode(_ reading: inout HeaderReading) -> Decoded<Double>? {
    if let override { return Decoded(override, from: .project) }
    let stated = rule.value.map { Decoded($0, from: rule.estimated ? .estimated : .profile) }
    for keyword in rule.keywords {
      guard let (_, value) = reading.number(among: [keyword], units: units) else { continue }
      let comment = reading.comment(keyword)
      if let program = rule.unlessHeader.keys.sorted().first(where: { reading.matches($0, rule.unlessHeader[$0] ?? []) }
      ),
        Self.isWhole(reading.text(keyword))
      {
        reading.note(
          "\(keyword) = \(value) is not taken for the \(name): \(program) = '\(reading.text(program) ?? "")' writes a "
            + "setting there")
      } else if rule.unlessComment.contains(where: { NamePattern($0).matches(comment, ignoringCase: true) }) {
        reading.note("\(keyword) = \(value) is not taken for the \(name): its comment says '\(comment)'")
      } else if !isPossible(value) || value > rule.most ?? .infinity {
        reading.note("\(keyword) = \(value) cannot be the \(name)")
      } else {
        if rule.doubtWhole, let text = reading.text(keyword), Self.isWhole(text) {
          reading.note("\(keyword) = \(text) may be a setting; state input.\(key.rawValue) to be sure of the \(name)")
        }
        if let stated, abs(value - stated.value) > Self.tolerance * abs(stated.value) {
          reading.note("\(name): header \(keyword) says \(value), the \(stated.origin) \(stated.value)")
        }
        return Decoded(value, from: .header(keyword))
      }
    }
    if stated == nil && isNeeded {
      let looked = rule.keywords.isEmpty ? "" : " (looked for \(rule.keywords.joined(separator: ", ")))"
      reading.note("no \(name)\(looked); state input.\(key.rawValue)")
    }
    return stated
  }

  /// True for a number without a point.
  private static func isWhole(_ text: String?) -> Bool {
    text.map { !$0.isEmpty && $0.allSatisfy { $0.isNumber || $0 == "+" } } ?? false
  }
}

extension KeywordList {
  /// Exposure time in seconds; NaN when the header has none. Zero and less stand as they are, for the caller to judge.
  func exposure(in reading: inout HeaderReading) -> (seconds: Double, keyword: String?) {
    guard let (keyword, written) = reading.number(among: keywords, units: HeaderUnits.seconds) else {
      return (.nan, nil)
    }
    var seconds = written
    let comment = reading.comment(keyword).lowercased()
    if ["millisec", "[ms]", "(ms)", "in ms"].contains(where: comment.contains) {
      seconds = written / 1000
      reading.note("\(keyword) = \(written) is read as milliseconds: its comment says so")
    }
    for other in keywords where other != keyword {
      guard let value = reading.number(other, units: HeaderUnits.seconds), value > 0 else { continue }
      if abs(value - written) > max(0.01 * abs(written), 0.001) {
        reading.note("\(keyword) = \(written) and \(other) = \(value) contradict each other; \(keyword) is taken")
      }
    }
    return (seconds, keyword)
  }
}
