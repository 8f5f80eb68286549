import ElnathCore
import ElnathFITS

/// Decodes headers through a camera profile. What the project says wins over the header, the header over the profile.
public struct HeaderDecoder: Sendable {
  public let profile: CameraProfile
  public let project: InputSettings
  /// The place that the project names.
  public let observatory: ObservatoryProfile?
  /// The place where the camera always stands.
  public let home: ObservatoryProfile?

  public init(
    profile: CameraProfile, project: InputSettings = InputSettings(), observatory: ObservatoryProfile? = nil,
    home: ObservatoryProfile? = nil
  ) {
    self.profile = profile
    self.project = project
    self.observatory = observatory
    self.home = home
  }

  /// An observation and what is known against its frame.
  public struct Result: Sendable, Equatable {
    public var observation: Observation
    public var flags: QualityFlags
  }

  /// - Parameters:
  ///   - file: as it stands in tables; its last component may tell the kind.
  ///   - width: of the whole image, overscan included.
  ///   - listed: the list of the project in which the file stands, which decides on the kind; nil for none.
  public func decode(
    _ header: FITSHeader, file: String, width: Int, height: Int, listed: Observation.Kind? = nil
  ) -> Result {
    var reading = HeaderReading(header)
    var observation = Observation(file: file, width: width, height: height)
    var flags: QualityFlags = []

    let written = profile.exposure.exposure(in: &reading)
    observation.object = reading.text(among: profile.object.keywords)?.text ?? ""
    observation.kind = kind(of: observation, exposure: written, listed: listed, reading: &reading)
    observation.exposure = exposure(written, of: observation.kind, reading: &reading)
    observation.filter = filter(of: observation.kind, reading: &reading)

    let binning = profile.binning.binning(in: reading)
    observation.binning = "\(binning.x)x\(binning.y)"
    (observation.trim, observation.overscan) = profile.geometry.sections(
      in: &reading, width: width, height: height, project: project)

    decodeCamera(into: &observation, &reading)
    // A calibration frame needs its night, not its middle to the second.
    let length = observation.kind == .light || observation.exposure.isFinite ? observation.exposure : 0
    let time = HeaderMidTime(
      profile.time, exposure: length, clockOffset: project.clockOffset, reading: &reading)
    observation.jdUTC = time.julianDate
    if time.isConflict { flags.insert(.timeConflict) }
    if let pointing = profile.pointing.pointing(in: &reading) {
      (observation.rightAscension, observation.declination) = pointing
    }
    observation.site = site(&reading)
    observation.night = HeaderClock.night(observation.jdUTC, longitude: observation.site?.longitude ?? 0)
    observation.problems = reading.problems
    return Result(observation: observation, flags: flags)
  }

  private func kind(
    of observation: Observation, exposure: Double, listed: Observation.Kind?, reading: inout HeaderReading
  ) -> Observation.Kind {
    let seen = profile.kind.kind(
      in: reading, object: observation.object, fileName: ProjectFolder.split(observation.file).name, exposure: exposure)
    guard let listed else { return seen }
    if seen != .unknown && seen != listed {
      reading.note("listed as \(listed), but header or file name say \(seen); the list is believed")
    }
    return listed
  }

  /// Days of exposure, in seconds: beyond, a keyword holds something else.
  private static let longestExposure = 1e6

  /// Seconds; NaN where there is none, or none that such a frame can have.
  private func exposure(_ written: Double, of kind: Observation.Kind, reading: inout HeaderReading) -> Double {
    if kind == .light, let stated = project.exposure { return stated }
    let keywords = profile.exposure.keywords.joined(separator: ", ")
    if written.isNaN {
      if kind == .bias { return 0 }
      reading.note("no exposure time (looked for \(keywords)); state input.exposure_s")
      return .nan
    }
    guard written <= Self.longestExposure, written > 0 || (written == 0 && kind != .light) else {
      reading.note("exposure time of \(written) s")
      return .nan
    }
    return written
  }

  private func filter(of kind: Observation.Kind, reading: inout HeaderReading) -> String {
    if let stated = project.filter, kind == .light || kind == .flat { return stated }
    if kind == .bias || kind == .dark {
      // The wheel stands somewhere, but no light came through it.
      var silent = reading
      return profile.filter.filter(in: &silent)
    }
    return profile.filter.filter(in: &reading)
  }

  private func decodeCamera(into observation: inout Observation, _ reading: inout HeaderReading) {
    let isLight = observation.kind == .light
    func value(
      _ name: String, _ rule: CameraValue, _ override: Double?, _ key: InputSettings.CodingKeys, isNeeded: Bool,
      isPossible: @escaping @Sendable (Double) -> Bool = { $0 > 0 }
    ) -> Decoded<Double>? {
      CameraValueDecoder(
        name: name, rule: rule, override: override, isPossible: isPossible, key: key, isNeeded: isNeeded
      ).decode(&reading)
    }
    observation.gain = value("gain", profile.gain, project.gain, .gain, isNeeded: isLight)
    observation.readNoise = value("read noise", profile.readNoise, project.readNoise, .readNoise, isNeeded: isLight)
    observation.saturation = value("saturation", profile.saturation, project.saturation, .saturation, isNeeded: isLight)
    observation.pixelScale = value("pixel scale", profile.pixelScale, project.pixelScale, .pixelScale, isNeeded: false)
    observation.pedestal = value("pedestal", profile.pedestal, project.pedestal, .pedestal, isNeeded: false) { _ in true
    }
  }

  /// Each coordinate from the project, else its observatory, else the header, else the camera's home. Without an altitude
  /// it is sea level, which moves no time by more than some microseconds, and the aperture is left out: scintillation
  /// needs both.
  private func site(_ reading: inout HeaderReading) -> Site? {
    let header = profile.site.place(in: &reading)
    let places = [observatory, header, home].compactMap { $0 }
    func first(_ coordinate: (ObservatoryProfile) -> Double?) -> Double? { places.lazy.compactMap(coordinate).first }
    guard let latitude = project.latitude ?? first({ $0.latitude }),
      let longitude = project.longitude ?? first({ $0.longitude })
    else { return nil }
    let aperture = project.aperture ?? observatory?.aperture ?? profile.site.aperture ?? home?.aperture
    let altitude = project.altitude ?? first { $0.altitude }
    return Site(
      longitude: longitude, latitude: latitude, altitude: altitude ?? 0,
      aperture: altitude == nil ? .nan : aperture ?? .nan)
  }
}
