import ElnathCore
import ElnathFITS

/// One raw frame of a simulated project: its name and what its header says, in the dialect of the Half Degree Imager.
public struct SimulatedFile: Sendable, Equatable {
  public var kind: Observation.Kind
  /// Among the frames of its kind, from 0.
  public var index: Int
  /// Running number of the night, from 1.
  public var number: Int
  public var start: Night.Instant
  /// Seconds.
  public var exposure: Double
  /// Through which light and flat frames are taken; empty for the others.
  public var filter = ""

  /// `c8867t0145o00.fits`: days of the Julian date since 2450000, running number, letter of the kind.
  public var name: String {
    "c\(Int(start.day - 2_450_000))t\(padded(number, to: 4))\(letter)00.fits"
  }

  /// Folder and name, relative to the project file.
  public var path: String { folder + "/" + name }

  var folder: String { kind == .light ? "lights" : kind.rawValue }

  private var letter: String {
    switch kind {
    case .bias: "b"
    case .dark: "d"
    case .flat: "f"
    case .light, .unknown: "o"
    }
  }

  /// All frames of a series: first the calibration frames of its first night, then the lights.
  static func all(of simulation: Simulation) -> [SimulatedFile] {
    var files: [SimulatedFile] = []
    let first = simulation.night.start(of: 0)
    // The afternoon's calibration frames end half an hour before the first light.
    let bands = simulation.night.passbands
    let kinds: [(Observation.Kind, Int, Double)] = [
      (.bias, simulation.biases, 0), (.dark, simulation.darks, simulation.darkExposure),
      (.flat, simulation.flats * bands.count, simulation.flatExposure),
    ]
    let readout = 35.0
    var begin = -1800 - kinds.reduce(0) { $0 + Double($1.1) * ($1.2 + readout) }
    for (kind, count, exposure) in kinds {
      for index in 0..<count {
        files.append(
          SimulatedFile(
            kind: kind, index: index, number: files.count + 1, start: first.adding(seconds: begin), exposure: exposure,
            filter: kind == .flat ? bands[index / simulation.flats].name : ""))
        begin += exposure + readout
      }
    }
    let perNight = simulation.night.lightsPerNight
    let firstNumber = max(101, files.count + 1)
    for index in 0..<simulation.night.lights {
      files.append(
        SimulatedFile(
          kind: .light, index: index, number: index < perNight ? firstNumber + index : index % perNight + 1,
          start: simulation.night.start(of: index), exposure: simulation.night.exposure,
          filter: simulation.night.passband(of: index).name))
    }
    return files
  }

  /// The raw frame as a unit to be written.
  func unit(of simulation: Simulation) -> FITSHDU {
    let raw =
      switch kind {
      case .bias: simulation.bias(index)
      case .dark: simulation.dark(index)
      case .flat: simulation.flat(index)
      case .light, .unknown: simulation.light(index)
      }
    return FITSHDU(
      width: raw.width, height: raw.height, pixels: .uint16(raw.pixels), cards: cards(of: simulation))
  }

  func cards(of simulation: Simulation) -> [HeaderCard] {
    let camera = simulation.camera
    let object = kind == .light ? "HLTau" : kind == .flat ? "dome flat" : kind.rawValue
    var cards = [
      HeaderCard("OBSTYPE", .text(kind == .light ? "OBJECT" : kind.rawValue.uppercased()), "type of the exposure"),
      HeaderCard("OBJECT", .text(object)),
      HeaderCard("EXPTIME", .real(exposure), "[s]"),
      HeaderCard("DATE-OBS", .text(dateText), "UTC at the start"),
      HeaderCard("MJD-OBS", .text(dateText), "UTC at the start"),
    ]
    if kind == .light || kind == .flat {
      cards += [
        HeaderCard("CMMTOBS", .text(filter), "filter, as the observer typed it"),
        HeaderCard("FILTER1", .integer(105), "slot of wheel 1"),
        HeaderCard("FILTER2", .integer(201), "slot of wheel 2"),
      ]
    }
    if kind == .light {
      let equinox = ((2000 + (start.jdUTC - 2_451_545) / 365.25) * 100).rounded() / 100
      let place = Night.ofDate(
        rightAscension: simulation.sky.rightAscension, declination: simulation.sky.declination,
        jdUTC: 2_451_545 + (equinox - 2000) * 365.25)
      cards += [
        HeaderCard("RASTRNG", .text(sexagesimal(place.rightAscension / 15, decimals: 2)), "right ascension of date"),
        HeaderCard(
          "DECSTRNG", .text((place.declination < 0 ? "-" : "+") + sexagesimal(abs(place.declination), decimals: 1))),
        HeaderCard("EQUINOX", .real(equinox)),
        HeaderCard("AIRMASS", .real((simulation.conditions(index).airmass * 1000).rounded() / 1000)),
      ]
    }
    cards += [
      HeaderCard("INSTRUME", .text("hdi")), HeaderCard("TELESCOP", .text("WIYN 0.9m")),
      HeaderCard("OBSERVER", .text("elnath simulate")), HeaderCard("FILENAME", .text(name)),
      HeaderCard("CCDBIN1", .integer(camera.binning)), HeaderCard("CCDBIN2", .integer(camera.binning)),
    ]
    if simulation.statesSections {
      cards += [
        HeaderCard("TRIMSEC", .text(camera.trim.section)), HeaderCard("DATASEC", .text(camera.trim.section)),
      ]
      if let overscan = camera.overscan { cards.append(HeaderCard("BIASSEC", .text(overscan.section))) }
    }
    cards.append(HeaderCard("COMMENT", nil, "Simulated: nobody observed this."))
    return cards
  }

  /// `2020-01-19T03:12:44.100`.
  private var dateText: String {
    let (year, month, day) = start.calendar
    let seconds = start.milliseconds / 1000
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))T"
      + "\(padded(seconds / 3600, to: 2)):\(padded(seconds / 60 % 60, to: 2)):\(padded(seconds % 60, to: 2))."
      + padded(start.milliseconds % 1000, to: 3)
  }

  /// `18:07:03.0` for a value that is not negative.
  private func sexagesimal(_ value: Double, decimals: Int) -> String {
    let scale = decimals == 1 ? 10 : 100
    let whole = Int((value * 3600 * Double(scale)).rounded())
    let seconds = whole / scale
    return "\(padded(seconds / 3600, to: 2)):\(padded(seconds / 60 % 60, to: 2)):\(padded(seconds % 60, to: 2))."
      + padded(whole % scale, to: decimals)
  }

  private func padded(_ number: Int, to width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
