import ElnathCore

extension PointingRule {
  /// Where the telescope pointed, in degrees, ICRS; nil when the header does not tell.
  /// - Parameter jdUTC: of the exposure, for positions of date; NaN when unknown.
  func pointing(
    in reading: inout HeaderReading, jdUTC: Double
  ) -> (rightAscension: Double, declination: Double, keyword: String)? {
    for (first, second) in zip(rightAscension, declination) {
      guard let ra = reading.text(first), let dec = reading.text(second) else { continue }
      if first.hasPrefix("CRVAL"), reading.text("CTYPE\(first.dropFirst(5))")?.hasPrefix("RA") != true { continue }
      let isInHours = reading.comment(first).lowercased().contains("hours")
      guard let position = position(ra, dec, isInHours: unit == .hours || isInHours) else {
        reading.note("\(first) = '\(ra)' and \(second) = '\(dec)' are not a position on the sky")
        continue
      }
      let axes = axes(in: &reading, jdUTC: jdUTC)
      let found = axes.icrs(position, jdUTC: jdUTC)
      return (found.rightAscension, found.declination, first)
    }
    return nil
  }

  /// Each as a plain number where it is one, else from sexagesimal text.
  private func position(
    _ ra: String, _ dec: String, isInHours: Bool
  ) -> (rightAscension: Double, declination: Double)? {
    let degrees: [String: Double] = [
      "": isInHours ? 15 : 1, "deg": 1, "d": 1, "\u{B0}": 1, "h": 15, "hr": 15, "hours": 15,
    ]
    func number(_ text: String) -> Double? {
      HeaderNumber(text).flatMap { number in degrees[number.unit].map { number.value * $0 } }
    }
    func ofText() -> Double? { SexagesimalAngle(ra).map { $0.unit == .degrees ? $0.value : $0.value * 15 } }
    let upright = HeaderNumber(dec).flatMap { ["", "deg", "d", "\u{B0}"].contains($0.unit) ? $0.value : nil }
    guard let along = number(ra) ?? ofText(), let up = upright ?? SexagesimalAngle(dec)?.value, abs(up) <= 90,
      along >= -180, along <= 360
    else { return nil }
    return (along < 0 ? along + 360 : (along == 360 ? 0 : along), up)
  }

  /// The axes of the header's positions; ICRS where it does not tell.
  private func axes(in reading: inout HeaderReading, jdUTC: Double) -> Axes {
    let system = reading.text(among: frame)?.text.uppercased() ?? ""
    if ["ICRS", "GCRS"].contains(system) { return .icrs }
    let isOld = system.hasPrefix("FK4")
    for keyword in equinox {
      guard let text = reading.text(keyword) else { continue }
      let upper = text.uppercased().withoutOuterBlanks
      if upper == "ICRS" { return .icrs }
      if Self.ofDate.contains(upper) {
        if jdUTC.isFinite { return .julian(2000 + (jdUTC - 2_451_545) / 365.25) }
        reading.note("\(keyword) = '\(text)', and without a time that is no equinox; 2000 is assumed")
        return .icrs
      }
      let letter = upper.first
      guard let epoch = HeaderNumber(String(upper.drop { $0 == "J" || $0 == "B" })),
        epoch.unit.isEmpty, (1800..<2200).contains(epoch.value)
      else {
        reading.note("\(keyword) = '\(text)' is not an equinox; 2000 is assumed where nothing else tells")
        continue
      }
      // FITS 4.0 section 8.3: before 1984 the old system is meant, unless the header names the new one.
      if isOld || letter == "B" || (epoch.value < 1984 && letter != "J" && system != "FK5") {
        return .besselian(epoch.value)
      }
      return abs(epoch.value - 2000) < 1e-3 ? .icrs : .julian(epoch.value)
    }
    return isOld ? .besselian(1950) : .icrs
  }

  private static let ofDate: Set<String> = [
    "JNOW", "NOW", "DATE", "OF DATE", "CURRENT", "APPARENT", "TRUE", "MEAN", "EOD", "APP",
  ]

  /// Axes that positions are referred to. FK5 of 2000 is taken for ICRS, from which it differs by 0.02 arcsec.
  private enum Axes {
    case icrs
    /// Mean equator and equinox of a Julian year.
    case julian(Double)
    /// FK4, mean equator and equinox of a Besselian year.
    case besselian(Double)

    func icrs(
      _ position: (rightAscension: Double, declination: Double), jdUTC: Double
    ) -> (rightAscension: Double, declination: Double) {
      switch self {
      case .icrs: position
      case .julian(let year):
        CelestialFrame.icrs(
          rightAscension: position.rightAscension, declination: position.declination, equinox: year)
      case .besselian(let year):
        CelestialFrame.icrs(
          rightAscension: position.rightAscension, declination: position.declination, besselianEquinox: year,
          jdUTC: jdUTC)
      }
    }
  }
}

extension SiteRule {
  /// Where the telescope stands, as far as the header tells: degrees (longitude east positive) and m; and the keyword of
  /// the longitude.
  func place(in reading: inout HeaderReading) -> (place: ObservatoryProfile, keyword: String?) {
    func angle(_ keywords: [String], upTo limit: Double) -> (keyword: String, value: Double)? {
      guard let (keyword, text) = reading.text(among: keywords) else { return nil }
      let compass = text.uppercased().filter { "NSEW".contains($0) }
      let bare = String(text.uppercased().filter { !"NSEW".contains($0) }).lowercased()
      let sign = compass == "S" || compass == "W" ? -1.0 : 1
      if compass.count <= 1, let angle = SexagesimalAngle(bare.withoutOuterBlanks), abs(angle.value) <= limit {
        // A direction beside a signed number would say it twice.
        return (keyword, compass.isEmpty ? angle.value : sign * abs(angle.value))
      }
      reading.note("\(keyword) = '\(text)' is not an angle of a place on Earth")
      return nil
    }
    var place = ObservatoryProfile()
    place.latitude = angle(latitude, upTo: 90)?.value
    let along = angle(longitude, upTo: 360)
    if let (keyword, degrees) = along {
      let saysItself = reading.text(keyword)?.uppercased().contains { $0 == "E" || $0 == "W" } == true
      let isWest =
        !saysItself && !alwaysEast.contains(keyword) && (longitudePositive == .west || reading.matchesAny(westIf))
      let east = isWest ? -degrees : degrees
      place.longitude = east > 180 ? east - 360 : (east <= -180 ? east + 360 : east)
    }
    if place.latitude == 0 && place.longitude == 0 {
      reading.note("latitude and longitude of 0 are no site; state input.observatory")
      place.latitude = nil
      place.longitude = nil
    }
    if let (keyword, metres) = reading.number(among: altitude, units: HeaderUnits.metres) {
      if (-500...9000).contains(metres) {
        place.altitude = metres
      } else {
        reading.note("\(keyword) = \(metres) cannot be the altitude of a telescope in m")
      }
    }
    return (place, along?.keyword)
  }
}
