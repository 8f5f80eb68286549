import ElnathCore

extension KindRule {
  /// What the image is of, by the header, else by the file's name; unknown (or what the profile takes for granted) when
  /// neither tells.
  func kind(in reading: HeaderReading, object: String, fileName: String, exposure: Double) -> Observation.Kind {
    var kind = reading.text(among: keywords).flatMap { values.kind(of: $0.text) }
    // Programs that have no word for a flat call it an object, and its name tells.
    if kind == nil || kind == .light, let calibration = objects.kind(of: object) {
      kind = calibration
    }
    let found = kind ?? files.kind(of: fileName) ?? otherwise
    return found == .dark && exposure <= longestBias ? .bias : found
  }
}

extension KindPatterns {
  /// Darks come before flats, since a dark for flats names both.
  func kind(of text: String) -> Observation.Kind? {
    let rules: [(Observation.Kind, [String])] = [(.bias, bias), (.dark, dark), (.flat, flat), (.light, light)]
    return rules.first { $0.1.contains { NamePattern($0).matches(text, ignoringCase: true) } }?.0
  }
}

extension FilterRule {
  /// Name of the filter; empty without one. A text that none of the profile's names means stands as it is, and is noted.
  func filter(in reading: inout HeaderReading) -> String {
    guard let (keyword, text) = reading.text(among: keywords) else { return "" }
    if names.isEmpty { return text }
    if let known = names.first(where: { $0.isMeant(by: text) }) { return known.name }
    reading.note("\(keyword) = '\(text)' names no filter that the camera profile knows; taken as it stands")
    return text
  }
}

extension FilterName {
  func isMeant(by text: String) -> Bool {
    patterns.contains { NamePattern($0).matches(text, ignoringCase: $0.count > 1) }
  }
}

extension BinningRule {
  /// Binning along both axes; 1 x 1 when the header is silent.
  func binning(in reading: HeaderReading) -> (x: Int, y: Int) {
    if let both = reading.text(among: both)?.text {
      let factors = both.split { !$0.isNumber }.compactMap { Int($0) }
      if let first = factors.first, first > 0 {
        let second = factors.count > 1 ? factors[1] : first
        if second > 0 { return (first, second) }
      }
    }
    func factor(_ keywords: [String]) -> Int? {
      keywords.lazy.compactMap { reading.header.integer($0) }.first { $0 > 0 }
    }
    let along = factor(x)
    return (along ?? factor(y) ?? 1, factor(y) ?? along ?? 1)
  }
}
