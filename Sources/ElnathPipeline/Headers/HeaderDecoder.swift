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
  /// The profile of the usual keywords, by which frames are read that were reduced before.
  public let generic: CameraProfile?

  public init(
    profile: CameraProfile, project: InputSettings = InputSettings(), observatory: ObservatoryProfile? = nil,
    home: ObservatoryProfile? = nil, generic: CameraProfile? = nil
  ) {
    self.generic = generic
    self.profile = profile
    self.project = project
    self.observatory = observatory
    self.home = home
  }

  /// An observation and what is known against its frame.
  public struct Result: Sendable, Equatable {
    public var observation: Observation
    public var flags: QualityFlags
    /// Why the file is no frame, whatever its header says; nil when it may be one.
    public var refusal: String?
  }

  /// - Parameters:
  ///   - file: as it stands in tables; its last component may tell the kind.
  ///   - width: of the whole image, overscan included.
  ///   - images: those that the frame consists of, where the file has more to tell than one header and its size.
  ///   - listed: the list of the project in which the file stands, which decides on the kind; nil for none.
  public func decode(
    _ header: FITSHeader, file: String, width: Int, height: Int, images: [FITSImageHeader] = [],
    listed: Observation.Kind? = nil
  ) -> Result {
    var reading = HeaderReading(header)
    var observation = Observation(file: file, width: width, height: height)
    var flags: QualityFlags = []
    decodeSubject(into: &observation, listed: listed, &reading)
    let images = images.isEmpty ? [FITSImageHeader(header: header, width: width, height: height)] : images
    if images.contains(where: { !$0.isUnchanged }) {
      reading.note("the header was changed after it was written (CHECKSUM does not agree)")
    }
    let (geometry, refusal) = HeaderGeometry(profile: profile, project: project).geometry(of: images, &reading)
    observation.take(geometry)
    decodeCamera(into: &observation, &reading, geometry)
    decodeTime(into: &observation, &flags, &reading)
    if let pointing = profile.pointing.pointing(in: &reading, jdUTC: observation.jdUTC) {
      (observation.rightAscension, observation.declination) = (pointing.rightAscension, pointing.declination)
      observation.sources.append(.init("ra_deg", from: .header(pointing.keyword)))
    }
    // One made of several images has no coordinate system of its own.
    if observation.pieces.isEmpty { observation.projection = reading.projection(trim: observation.trim) }
    if let found = site(&reading) {
      observation.site = found.site
      observation.sources.append(.init("longitude_deg", from: found.origin))
    }
    observation.night = HeaderClock.night(observation.jdUTC, longitude: observation.site?.longitude ?? 0)
    noteUnusedMap(observation.kind, &reading)
    observation.problems = reading.problems
    return Result(observation: observation, flags: flags, refusal: refusal)
  }

  /// What the image is of, through which filter and how long.
  private func decodeSubject(
    into observation: inout Observation, listed: Observation.Kind?, _ reading: inout HeaderReading
  ) {
    let written = profile.exposure.exposure(in: &reading)
    let object = reading.text(among: profile.object.keywords)
    observation.object = object?.text ?? ""
    let seen = profile.kind.kind(
      in: reading, object: observation.object, objectKeyword: object?.keyword ?? "",
      fileName: ProjectFolder.split(observation.file).name, exposure: written.seconds)
    observation.kind = kind(seen.kind, listed: listed, &reading)
    let isSeen = seen.kind == observation.kind
    if let origin = isSeen ? seen.origin : .project { observation.sources.append(.init("kind", from: origin)) }
    if let object { observation.sources.append(.init("object", from: .header(object.keyword))) }
    if let filter = filter(of: observation.kind, reading: &reading) {
      observation.filter = filter.name
      observation.sources.append(.init("filter", from: filter.origin))
    }
    observation.exposure = exposure(written.seconds, of: observation.kind, reading: &reading)
    if observation.kind == .light, project.exposure != nil {
      observation.sources.append(.init("exposure_s", from: .project))
    } else if observation.exposure.isFinite, let keyword = written.keyword {
      observation.sources.append(.init("exposure_s", from: .header(keyword)))
    }
  }

  private func decodeTime(
    into observation: inout Observation, _ flags: inout QualityFlags, _ reading: inout HeaderReading
  ) {
    // A calibration frame needs its night, not its middle to the second.
    let length = observation.kind == .light || observation.exposure.isFinite ? observation.exposure : 0
    var rule = profile.time
    rule.zone = project.clockZone ?? rule.zone
    let time = HeaderMidTime(
      rule, kind: observation.kind, exposure: length, clockOffset: project.clockOffset, reading: &reading)
    observation.jdUTC = time.julianDate
    if time.isConflict { flags.insert(.timeConflict) }
    if time.julianDate.isFinite { observation.sources.append(.init("jd_utc", from: .header(time.keywords))) }
  }

  /// Keywords that the project names and lights do not have.
  private func noteUnusedMap(_ kind: Observation.Kind, _ reading: inout HeaderReading) {
    guard kind == .light else { return }
    for (key, keyword) in project.map.sorted(by: { $0.key < $1.key })
    where reading.text(keyword.withoutOuterBlanks.uppercased()) == nil {
      reading.note("input.map: \(key) is to be read from \(keyword), of which the header says nothing")
    }
  }

  /// The kind of the list, else the one that header or name show.
  private func kind(
    _ seen: Observation.Kind, listed: Observation.Kind?, _ reading: inout HeaderReading
  ) -> Observation.Kind {
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

  private func filter(
    of kind: Observation.Kind, reading: inout HeaderReading
  ) -> (name: String, origin: Decoded<Double>.Origin)? {
    if let stated = project.filter, kind == .light || kind == .flat { return (stated, .project) }
    if kind == .bias || kind == .dark {
      // The wheel stands somewhere, but no light came through it.
      var silent = reading
      return profile.filter.filter(in: &silent).map { ($0.name, .header($0.keyword)) }
    }
    return profile.filter.filter(in: &reading).map { ($0.name, .header($0.keyword)) }
  }

  private func decodeCamera(
    into observation: inout Observation, _ reading: inout HeaderReading, _ geometry: FrameGeometry
  ) {
    let binning = profile.binning.binning(in: &reading)
    observation.binning = "\(binning.x)x\(binning.y)"
    if let keyword = binning.keyword { observation.sources.append(.init("binning", from: .header(keyword))) }
    if let mode = profile.readoutMode.mode(in: reading) {
      observation.readoutMode = mode.name
      observation.sources.append(.init("readout_mode", from: .header(mode.keyword)))
    }
    if let temperature = profile.temperature.temperature(in: &reading) {
      observation.temperature = temperature.value
      observation.sources.append(.init("temperature_c", from: .header(temperature.keyword)))
    }
    observation.linearity = project.linearity ?? profile.linearity.coefficients
    observation.linearLimit = project.linearLimit ?? profile.linearity.limit
    decodeNumbers(into: &observation, profile.inMode(of: reading, binning: observation.binning), &reading, geometry)
    if observation.pixelScale == nil { observation.pixelScale = scaleOfOptics(reading) }
    // The profile states the scale of the chip's own pixels.
    if let scale = observation.pixelScale, scale.origin == .profile || scale.origin == .estimated {
      observation.pixelScale?.value = scale.value * Double(binning.x)
    }
  }

  private func decodeNumbers(
    into observation: inout Observation, _ profile: CameraProfile, _ reading: inout HeaderReading,
    _ geometry: FrameGeometry
  ) {
    let isLight = observation.kind == .light
    func value(
      _ name: String, _ rule: CameraValue, _ override: Double?, _ key: InputSettings.CodingKeys,
      _ units: [String: Double],
      isNeeded: Bool, isPossible: @escaping @Sendable (Double) -> Bool = { $0 > 0 }
    ) -> Decoded<Double>? {
      CameraValueDecoder(
        name: name, rule: rule, override: override, isPossible: isPossible, key: key, isNeeded: isNeeded, units: units
      ).decode(&reading)
    }
    // That of the outputs, where all have their own and nothing tells one for the whole frame.
    observation.gain =
      value("gain", profile.gain, project.gain, .gain, HeaderUnits.gain, isNeeded: isLight && geometry.gain == nil)
      ?? geometry.gain
    observation.readNoise =
      value(
        "read noise", profile.readNoise, project.readNoise, .readNoise, HeaderUnits.electrons,
        isNeeded: isLight && geometry.readNoise == nil) ?? geometry.readNoise
    observation.saturation = value(
      "saturation", profile.saturation, project.saturation, .saturation, HeaderUnits.counts, isNeeded: isLight)
    observation.pixelScale = value(
      "pixel scale", profile.pixelScale, project.pixelScale, .pixelScale, HeaderUnits.scale, isNeeded: false
    ) { $0 > 0 && $0 < 3600 }
    observation.pedestal = value(
      "pedestal", profile.pedestal, project.pedestal, .pedestal, HeaderUnits.counts, isNeeded: false
    ) { _ in true }
  }

  /// Arcseconds per pixel by the size of the pixels, as they were read out, and the focal length.
  private func scaleOfOptics(_ reading: HeaderReading) -> Decoded<Double>? {
    func first(_ list: KeywordList, _ units: [String: Double]) -> (keyword: String, value: Double)? {
      list.keywords.lazy.compactMap { keyword in reading.number(keyword, units: units).map { (keyword, $0) } }
        .first { $0.1 > 0 }
    }
    guard let size = first(profile.pixelSize, HeaderUnits.micrometres),
      let length = first(profile.focalLength, HeaderUnits.millimetres), length.value >= 10
    else { return nil }
    return Decoded(206.264806 * size.value / length.value, from: .header("\(size.keyword) and \(length.keyword)"))
  }

  /// Each coordinate from the project, else its observatory, else the header, else the camera's home. Without an altitude
  /// it is sea level, which moves no time by more than some microseconds, and the aperture is left out: scintillation
  /// needs both. The origin is that of the longitude.
  private func site(_ reading: inout HeaderReading) -> (site: Site, origin: Decoded<Double>.Origin)? {
    var (header, keyword) = profile.site.place(in: &reading)
    compare(&header, keyword, &reading)
    let places = [observatory, header, home].compactMap { $0 }
    func first(_ coordinate: (ObservatoryProfile) -> Double?) -> Double? { places.lazy.compactMap(coordinate).first }
    guard let latitude = project.latitude ?? first({ $0.latitude }),
      let longitude = project.longitude ?? first({ $0.longitude })
    else { return nil }
    let isOfProject = (project.longitude ?? observatory?.longitude) != nil
    let origin: Decoded<Double>.Origin =
      isOfProject ? .project : header.longitude == nil ? .profile : .header(keyword ?? "")
    let aperture = project.aperture ?? observatory?.aperture ?? profile.site.aperture ?? home?.aperture
    let altitude = project.altitude ?? first { $0.altitude }
    let site = Site(
      longitude: longitude, latitude: latitude, altitude: altitude ?? 0,
      aperture: altitude == nil ? .nan : aperture ?? .nan)
    return (site, origin)
  }

  /// Names a header's place that is not the known one. A longitude that only has the other sign is counted the other way.
  private func compare(_ header: inout ObservatoryProfile, _ keyword: String?, _ reading: inout HeaderReading) {
    guard let known = observatory ?? home, let west = known.longitude, let north = known.latitude,
      let longitude = header.longitude, let latitude = header.latitude, let keyword
    else { return }
    let isSameLatitude = abs(latitude - north) <= 1
    if isSameLatitude && abs(longitude - west) <= 1 { return }
    if isSameLatitude && abs(longitude + west) <= 1 {
      reading.note("\(keyword): the longitude has the other sign than that of \(known.title); it is turned round")
      header.longitude = -longitude
    } else {
      reading.note("the header's place (latitude \(latitude), longitude \(longitude)) is not that of \(known.title)")
    }
  }
}

extension Observation {
  fileprivate mutating func take(_ geometry: FrameGeometry) {
    width = geometry.width
    height = geometry.height
    trim = geometry.trim
    overscan = geometry.overscan
    amplifiers = geometry.amplifiers
    pieces = geometry.pieces
  }
}
