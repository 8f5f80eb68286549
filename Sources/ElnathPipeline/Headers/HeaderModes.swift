extension CameraProfile {
  /// The profile with the values of the first mode that the header is of.
  func inMode(of reading: HeaderReading, binning: String) -> CameraProfile {
    let found = modes.first { mode in
      (mode.binning.map { $0 == binning } ?? true)
        && (mode.match ?? [:]).allSatisfy { reading.matches($0.key, $0.value) }
    }
    guard let mode = found else { return self }
    var profile = self
    func put(_ value: Double?, into rule: inout CameraValue) {
      guard let value else { return }
      rule.value = value
      rule.estimated = mode.estimated ?? false
    }
    put(mode.gain, into: &profile.gain)
    put(mode.readNoise, into: &profile.readNoise)
    put(mode.saturation, into: &profile.saturation)
    return profile
  }
}

extension ReadoutModeRule {
  /// Name of the mode: what the first keyword says, then the settings as `GAIN 100`, joined by commas; empty without any.
  func mode(in reading: HeaderReading) -> (name: String, keyword: String)? {
    var parts: [(text: String, keyword: String)] = []
    if let (keyword, text) = reading.text(among: keywords) { parts.append((text, keyword)) }
    for keyword in settings where !parts.contains(where: { $0.keyword == keyword }) {
      // Only whole numbers are settings: a gain of 1.52 is measured in e-/ADU.
      guard let text = reading.text(keyword), let number = HeaderNumber(text), number.unit.isEmpty, !text.contains("."),
        let whole = Int(exactly: number.value)
      else { continue }
      parts.append(("\(keyword) \(whole)", keyword))
    }
    guard let first = parts.first else { return nil }
    return (parts.map(\.text).joined(separator: ", "), first.keyword)
  }
}

extension TemperatureRule {
  private static let possible = -273.15...150

  /// Degrees Celsius.
  func temperature(in reading: inout HeaderReading) -> (value: Double, keyword: String)? {
    guard let (keyword, number) = reading.number(among: keywords, units: HeaderUnits.temperature) else { return nil }
    let written = reading.text(keyword).flatMap(HeaderNumber.init)?.unit ?? ""
    let isKelvin = written.isEmpty ? unit == .kelvin : written.hasSuffix("k") || written == "kelvin"
    let celsius = isKelvin ? number - 273.15 : number
    guard Self.possible.contains(celsius) else {
      reading.note("\(keyword) = \(reading.text(keyword) ?? "") cannot be the temperature of the detector")
      return nil
    }
    return (celsius, keyword)
  }
}
