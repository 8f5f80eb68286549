import ElnathCore
import ElnathFITS

/// The header of a reduced frame: what FITS 4.0 and custom have keywords for, and what reading it again needs.
struct ReducedCards {
  let frame: Frame
  /// The raw file, as tables name it, and the masters that were used.
  let source: String
  let masters: [String]
  /// The header of the raw file.
  let raw: FITSHeader

  /// Names of what took the picture, which stay as they were.
  private static let kept = ["TELESCOP", "INSTRUME", "DETECTOR", "OBSERVER", "PROPID"]

  var cards: [HeaderCard] {
    let observation = frame.observation
    var cards = [
      HeaderCard("BUNIT", .text("electron"), "unit of the pixels"),
      HeaderCard("CREATOR", .text("elnath \(ElnathVersion.current)"), "program that reduced the frame"),
      HeaderCard("OBSTYPE", .text("OBJECT"), "kind of frame"),
      HeaderCard("OBJECT", .text(observation.object)),
      HeaderCard("FILTER", .text(observation.filter)),
    ]
    cards += Self.kept.compactMap { key in raw.text(key).map { HeaderCard(key, .text($0)) } }
    add("EXPTIME", observation.exposure, "exposure (s)", to: &cards)
    cards += times
    cards += place
    if observation.binning != "1x1" {
      let factors = observation.binning.split(separator: "x").compactMap { Int($0) }
      if factors.count == 2 {
        cards.append(HeaderCard("XBINNING", .integer(factors[0])))
        cards.append(HeaderCard("YBINNING", .integer(factors[1])))
      }
    }
    if !observation.readoutMode.isEmpty { cards.append(HeaderCard("READOUTM", .text(observation.readoutMode))) }
    add("CCD-TEMP", observation.temperature, "detector (Celsius)", to: &cards)
    add("PIXSCALE", observation.pixelScale?.value ?? .nan, "arcseconds per pixel", to: &cards)
    cards += noise
    return cards + history
  }

  private func add(_ key: String, _ value: Double, _ comment: String, to cards: inout [HeaderCard]) {
    if value.isFinite { cards.append(HeaderCard(key, .real(value), comment)) }
  }

  private var times: [HeaderCard] {
    let middle = frame.observation.jdUTC
    guard middle.isFinite else { return [] }
    let half = frame.observation.exposure.isFinite ? frame.observation.exposure / 2 / 86_400 : 0
    var cards = [HeaderCard("TIMESYS", .text("UTC"), "time scale")]
    for (key, date, comment) in [
      ("DATE-BEG", middle - half, "start"), ("DATE-AVG", middle, "mid-exposure"), ("DATE-END", middle + half, "end"),
    ] {
      if let text = Self.text(ofDate: date) { cards.append(HeaderCard(key, .text(text), comment)) }
      // The same to the last bit of the Julian date.
      cards.append(HeaderCard("MJD" + key.dropFirst(4), .real(date - 2_400_000.5), comment))
    }
    return cards
  }

  /// `2020-01-19T03:15:14.1000`.
  private static func text(ofDate julianDate: Double) -> String? {
    guard let date = JulianDate.calendar(jdUTC: julianDate), (0...9999).contains(date.year) else { return nil }
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let parts = Int((date.second * 10_000).rounded())
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + "\(padded(date.hour, 2)):\(padded(date.minute, 2)):\(padded(parts / 10_000, 2)).\(padded(parts % 10_000, 4))"
  }

  /// Where it was pointed, and from where.
  private var place: [HeaderCard] {
    let observation = frame.observation
    var cards: [HeaderCard] = []
    let isPointed = observation.rightAscension.isFinite && observation.declination.isFinite
    if isPointed {
      cards.append(HeaderCard("RADESYS", .text("ICRS"), "frame of RA and DEC"))
      add("RA", observation.rightAscension, "pointing (degrees)", to: &cards)
      add("DEC", observation.declination, "pointing (degrees)", to: &cards)
    }
    if let projection = observation.projection, projection.isICRS {
      cards += projection.cards.filter { $0.key != "RADESYS" || !isPointed }
    }
    guard let site = observation.site else { return cards }
    if isPointed, let earth = EarthState(jdUTC: observation.jdUTC, site: site) {
      let airmass = earth.airmass(
        rightAscension: observation.rightAscension, declination: observation.declination)
      add("AIRMASS", airmass, "at mid-exposure (Pickering 2002)", to: &cards)
    }
    add("OBSGEO-B", site.latitude, "latitude (degrees)", to: &cards)
    add("OBSGEO-L", site.longitude, "longitude (degrees, east)", to: &cards)
    add("OBSGEO-H", site.altitude, "height (m)", to: &cards)
    add("APTDIA", site.aperture * 1000, "aperture of the telescope (mm)", to: &cards)
    return cards
  }

  private var noise: [HeaderCard] {
    let observation = frame.observation
    var cards = [HeaderCard("GAIN", .real(1), "the pixels are electrons")]
    if let saturation = observation.saturation?.value, let gain = observation.gain?.value {
      add("SATURATE", (saturation - (observation.pedestal?.value ?? 0)) * gain, "full pixel, above zero", to: &cards)
    }
    cards += Self.cards(of: frame.noise)
    for (index, output) in frame.amplifierNoise.enumerated() {
      cards.append(HeaderCard("AMPSEC\(index + 1)", .text(output.area.section), "read through output \(index + 1)"))
      cards += Self.cards(of: output.model, "\(index + 1)")
    }
    if let flat = masters.last(where: { $0.hasPrefix("flat") }) {
      cards.append(HeaderCard("FLATFILE", .text("../masters/" + flat), "flat, from the folder of this file"))
    }
    return cards
  }

  private static func cards(of noise: NoiseModel, _ suffix: String = "") -> [HeaderCard] {
    [
      HeaderCard("RDNOISE" + suffix, .real(noise.readNoise), "read noise"),
      HeaderCard("RAWGAIN" + suffix, .real(noise.gain), "electrons per ADU of the raw frame"),
      HeaderCard("DARKVAR" + suffix, .real(noise.dark), "variance of the dark current in a pixel"),
      HeaderCard("MASTVAR" + suffix, .real(noise.masters), "variance of bias and dark masters"),
      HeaderCard("DIGIVAR" + suffix, .real(noise.digitisation), "variance of rounding to whole ADU"),
      HeaderCard("ZEROLEV" + suffix, .logical(noise.pedestalKnown), "zero level is known"),
    ]
  }

  /// The noise that such a header tells of. A header of another program says less: no read noise is then known.
  static func noise(in header: FITSHeader) -> (whole: NoiseModel, outputs: [AmplifierNoise]) {
    func model(_ suffix: String) -> NoiseModel {
      func value(_ key: String, _ fallback: Double) -> Double {
        header.number(key + suffix).flatMap { $0 >= 0 ? $0 : nil } ?? fallback
      }
      return NoiseModel(
        gain: value("RAWGAIN", 1), readNoise: value("RDNOISE", 0), dark: value("DARKVAR", 0),
        masters: value("MASTVAR", 0), digitisation: value("DIGIVAR", 0),
        pedestalKnown: header.logical("ZEROLEV" + suffix) ?? true)
    }
    var outputs: [AmplifierNoise] = []
    while let text = header.text("AMPSEC\(outputs.count + 1)"), let area = PixelRectangle(section: text) {
      outputs.append(AmplifierNoise(area: area, model: model("\(outputs.count + 1)")))
    }
    return (model(""), outputs)
  }

  private var history: [HeaderCard] {
    let observation = frame.observation
    var lines = ["raw frame: \(source)", "trimmed to \(observation.trim.section)"]
    for output in observation.outputs where output.overscan != nil {
      let name = output.name.isEmpty ? "" : " of \(output.name)"
      lines.append("zero level from overscan\(name) \(output.overscan?.section ?? "")")
    }
    lines += masters.map { "master: \($0)" }
    return lines.map { HeaderCard("HISTORY", nil, $0) }
  }
}
