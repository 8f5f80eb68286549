import ElnathCore

extension PointingRule {
  /// Where the telescope pointed, in degrees, ICRS; nil when the header does not tell.
  func pointing(in reading: inout HeaderReading) -> (rightAscension: Double, declination: Double)? {
    for (first, second) in zip(rightAscension, declination) {
      guard let ra = reading.text(first), let dec = reading.text(second) else { continue }
      if first.hasPrefix("CRVAL"), reading.text("CTYPE\(first.dropFirst(5))")?.hasPrefix("RA") != true { continue }
      let numbers = (reading.header.number(first), reading.header.number(second))
      guard let position = position(ra, dec, numbers) else {
        reading.note("\(first) = '\(ra)' and \(second) = '\(dec)' are not a position on the sky")
        continue
      }
      guard let epoch = epoch(in: &reading) else { return position }
      return CelestialFrame.icrs(
        rightAscension: position.rightAscension, declination: position.declination, equinox: epoch)
    }
    return nil
  }

  /// Each as a plain number where it is one, else from sexagesimal text.
  private func position(
    _ ra: String, _ dec: String, _ numbers: (ra: Double?, dec: Double?)
  ) -> (rightAscension: Double, declination: Double)? {
    func ofText() -> Double? { SexagesimalAngle(ra).map { $0.unit == .degrees ? $0.value : $0.value * 15 } }
    guard let along = numbers.ra.map({ unit == .hours ? $0 * 15 : $0 }) ?? ofText(),
      let up = numbers.dec ?? SexagesimalAngle(dec)?.value, abs(up) <= 90, along >= -180, along <= 360
    else { return nil }
    return (along < 0 ? along + 360 : (along == 360 ? 0 : along), up)
  }

  /// Julian epoch of the equinox; nil for J2000 and for ICRS, and where the header does not tell.
  private func epoch(in reading: inout HeaderReading) -> Double? {
    guard let (keyword, text) = reading.text(among: equinox) else { return nil }
    let number = text.uppercased().drop { $0 == "J" || $0 == "B" }
    guard let epoch = Double(number), (1800..<2200).contains(epoch) else {
      if text.uppercased() != "ICRS" { reading.note("\(keyword) = '\(text)' is not an equinox; 2000 is assumed") }
      return nil
    }
    return abs(epoch - 2000) < 1e-3 ? nil : epoch
  }
}

extension SiteRule {
  /// Where the telescope stands, as far as the header tells: degrees (longitude east positive) and m.
  func place(in reading: inout HeaderReading) -> ObservatoryProfile {
    func angle(_ keywords: [String], upTo limit: Double) -> Double? {
      guard let (keyword, text) = reading.text(among: keywords) else { return nil }
      if let angle = SexagesimalAngle(text), abs(angle.value) <= limit { return angle.value }
      reading.note("\(keyword) = '\(text)' is not an angle of a place on Earth")
      return nil
    }
    var place = ObservatoryProfile()
    place.latitude = angle(latitude, upTo: 90)
    if let degrees = angle(longitude, upTo: 360) {
      let east = longitudePositive == .west ? -degrees : degrees
      place.longitude = east > 180 ? east - 360 : (east <= -180 ? east + 360 : east)
    }
    if place.latitude == 0 && place.longitude == 0 {
      reading.note("latitude and longitude of 0 are no site; state input.observatory")
      place.latitude = nil
      place.longitude = nil
    }
    place.altitude = reading.number(among: altitude)?.value
    return place
  }
}
