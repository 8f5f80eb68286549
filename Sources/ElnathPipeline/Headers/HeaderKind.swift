import ElnathCore

extension KindRule {
  /// What the image is of, by the header, else by the file's name; unknown (or what the profile takes for granted) when
  /// neither tells. The origin is that of the object's name where this turns a light into a calibration frame.
  func kind(
    in reading: HeaderReading, object: String, objectKeyword: String, fileName: String, exposure: Double
  ) -> (kind: Observation.Kind, origin: Decoded<Double>.Origin?) {
    var found: (kind: Observation.Kind, origin: Decoded<Double>.Origin?) = (.unknown, nil)
    // The first keyword whose text is known: others may hold something else.
    for keyword in keywords {
      guard let kind = reading.text(keyword).flatMap({ values.kind(of: $0) }) else { continue }
      found = (kind, .header(keyword))
      break
    }
    // Programs that have no word for a flat call it an object, and its name tells.
    if found.kind == .unknown || found.kind == .light, let calibration = objects.kind(of: object) {
      found = (calibration, .header(objectKeyword))
    }
    if found.kind == .unknown, let byName = files.kind(of: fileName) { found = (byName, .fileName) }
    if found.kind == .unknown, otherwise != .unknown { found = (otherwise, .profile) }
    if found.kind == .dark && exposure <= longestBias { found.kind = .bias }
    return found
  }
}

extension KindPatterns {
  /// Darks come before flats, since a dark for flats names both.
  func kind(of text: String) -> Observation.Kind? {
    let rules: [(Observation.Kind, [String])] = [(.bias, bias), (.dark, dark), (.flat, flat), (.light, light)]
    return rules.first { $0.1.contains { NamePattern.matches($0, text, ignoringCase: true) } }?.0
  }
}

extension FilterRule {
  /// Name of the filter; empty without one. A text that none of the profile's names means stands as it is, and is noted.
  func filter(in reading: inout HeaderReading) -> (name: String, keyword: String)? {
    guard let (keyword, text) = reading.text(among: keywords) else { return wheel(in: reading) }
    if names.isEmpty { return (text, keyword) }
    let plain = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let known = names.first(where: { $0.isMeant(by: plain) }) { return (known.name, keyword) }
    if let doubtful = names.first(where: { $0.isPerhapsMeant(by: plain) }) {
      reading.note(
        "\(keyword) = '\(text)' is taken for the filter \(doubtful.name); state input.filter if it is another")
      return (doubtful.name, keyword)
    }
    reading.note("\(keyword) = '\(text)' names no filter that the camera profile knows; taken as it stands")
    return (text, keyword)
  }

  /// The filters of all wheels that are not open; the text of the first wheel when all are.
  private func wheel(in reading: HeaderReading) -> (name: String, keyword: String)? {
    let seen = wheels.compactMap { keyword in reading.text(keyword).map { (name: $0, keyword: keyword) } }
    let closed = seen.filter { wheel in !open.contains { NamePattern($0).matches(wheel.name, ignoringCase: true) } }
    guard let first = closed.first else { return seen.first }
    return (closed.map(\.name).joined(separator: "+"), first.keyword)
  }
}

extension FilterName {
  func isMeant(by text: String) -> Bool { Self.matches(patterns, text) }
  func isPerhapsMeant(by text: String) -> Bool { Self.matches(doubtful ?? [], text) }

  private static func matches(_ patterns: [String], _ text: String) -> Bool {
    patterns.contains { NamePattern.matches($0, text, ignoringCase: $0.count > 1) }
  }
}

extension BinningRule {
  /// Binning along both axes; 1 x 1 when the header is silent. Negative factors are those of a flipped readout.
  func binning(in reading: inout HeaderReading) -> (x: Int, y: Int, keyword: String?) {
    if let (keyword, text) = reading.text(among: both) {
      let factors = text.split { !$0.isNumber }.compactMap { Int($0) }
      if let first = factors.first, Self.possible.contains(first) {
        let second = factors.count > 1 ? factors[1] : first
        if Self.possible.contains(second) { return (first, second, keyword) }
      }
      reading.note("\(keyword) = '\(text)' is no binning; 1x1 is assumed where nothing else tells")
    }
    func factor(_ keywords: [String]) -> (value: Int, keyword: String)? {
      guard let (keyword, number) = reading.number(among: keywords) else { return nil }
      if let value = Int(exactly: abs(number)), Self.possible.contains(value) { return (value, keyword) }
      reading.note("\(keyword) = \(reading.text(keyword) ?? "") is no binning; 1 is assumed where nothing else tells")
      return nil
    }
    let along = factor(x)
    let up = factor(y)
    return (along?.value ?? up?.value ?? 1, up?.value ?? along?.value ?? 1, along?.keyword ?? up?.keyword)
  }

  private static let possible = 1...64
}
