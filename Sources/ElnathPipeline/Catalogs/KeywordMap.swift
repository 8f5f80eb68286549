/// The lists of keywords of a profile by the value that they give, for users who say that a keyword holds it.
struct KeywordRole {
  /// The value's own name.
  let name: String
  /// Keywords that stand for the value also where a profile does not look for them.
  let usual: [String]
  let list: WritableKeyPath<CameraProfile, [String]>
  /// Where the value is a number of the camera, which a user's word makes certain.
  var number: WritableKeyPath<CameraProfile, CameraValue>?

  static var all: [KeywordRole] {
    [
      KeywordRole(name: "object", usual: ["OBJECT"], list: \.object.keywords),
      KeywordRole(name: "kind", usual: ["IMAGETYP", "OBSTYPE"], list: \.kind.keywords),
      KeywordRole(name: "filter", usual: ["FILTER"], list: \.filter.keywords),
      KeywordRole(name: "exposure", usual: ["EXPTIME", "EXPOSURE"], list: \.exposure.keywords),
      KeywordRole(name: "gain", usual: ["GAIN", "EGAIN"], list: \.gain.keywords, number: \.gain),
      KeywordRole(name: "read_noise", usual: ["RDNOISE"], list: \.readNoise.keywords, number: \.readNoise),
      KeywordRole(name: "saturation", usual: ["SATURATE"], list: \.saturation.keywords, number: \.saturation),
      KeywordRole(name: "pixel_scale", usual: ["PIXSCALE"], list: \.pixelScale.keywords, number: \.pixelScale),
      KeywordRole(name: "pedestal", usual: ["PEDESTAL"], list: \.pedestal.keywords, number: \.pedestal),
      KeywordRole(name: "temperature", usual: ["CCD-TEMP"], list: \.temperature.keywords),
      KeywordRole(name: "readout_mode", usual: ["READOUTM"], list: \.readoutMode.keywords),
      KeywordRole(name: "mid_time", usual: ["DATE-AVG", "MJD-AVG"], list: \.time.mid),
      KeywordRole(name: "time", usual: ["DATE-OBS", "DATE-BEG", "MJD-OBS"], list: \.time.start),
      KeywordRole(name: "julian_date", usual: ["JD"], list: \.time.startOrMid),
      KeywordRole(name: "clock", usual: ["TIME-OBS"], list: \.time.clock),
      KeywordRole(name: "end_time", usual: ["DATE-END"], list: \.time.end),
      KeywordRole(name: "ra", usual: ["RA", "OBJCTRA"], list: \.pointing.rightAscension),
      KeywordRole(name: "dec", usual: ["DEC", "OBJCTDEC"], list: \.pointing.declination),
      KeywordRole(name: "equinox", usual: ["EQUINOX"], list: \.pointing.equinox),
      KeywordRole(name: "latitude", usual: ["SITELAT"], list: \.site.latitude),
      KeywordRole(name: "longitude", usual: ["SITELONG"], list: \.site.longitude),
      KeywordRole(name: "altitude", usual: ["SITEELEV"], list: \.site.altitude),
      KeywordRole(name: "binning", usual: ["BINNING", "CCDSUM"], list: \.binning.both),
      KeywordRole(name: "trim", usual: ["TRIMSEC"], list: \.geometry.trim),
      KeywordRole(name: "overscan", usual: ["BIASSEC"], list: \.geometry.overscan),
    ]
  }
}

extension CameraProfile {
  /// The profile that looks first into the keywords that the user names: `map` has the keyword to read under the value's
  /// name (`filter`) or under a keyword that would usually hold it (`FILTER`), in capitals or not.
  public func reading(_ map: [String: String]) throws(PipelineError) -> CameraProfile {
    var profile = self
    for (key, keyword) in map.sorted(by: { $0.key < $1.key }) {
      guard let role = Self.role(of: key, in: self) else {
        let names = KeywordRole.all.map(\.name)
        let nearest = Spelling.nearest(key, among: names + KeywordRole.all.flatMap(\.usual))
        throw PipelineError(
          .configuration, "input.map.\(key)",
          "no value is read from this keyword\(nearest.map { "; did you mean '\($0)'?" } ?? ";") "
            + "Give a usual keyword or one of \(names.joined(separator: ", "))")
      }
      let name = keyword.withoutOuterBlanks.uppercased()
      guard !name.isEmpty else {
        throw PipelineError(.configuration, "input.map.\(key)", "no keyword given; write \(key) = \"KEYWORD\"")
      }
      profile[keyPath: role.list] = [name] + profile[keyPath: role.list].filter { $0 != name }
      if let number = role.number {
        profile[keyPath: number].unlessComment = []
        profile[keyPath: number].unlessHeader = [:]
        profile[keyPath: number].doubtWhole = false
        profile[keyPath: number].most = nil
      }
    }
    profile.pointing.pairUp(replaced: (pointing.rightAscension, pointing.declination))
    return profile
  }

  private static func role(of key: String, in profile: CameraProfile) -> KeywordRole? {
    let upper = key.uppercased()
    let roles = KeywordRole.all
    return roles.first { $0.name.uppercased() == upper } ?? roles.first { profile[keyPath: $0.list].contains(upper) }
      ?? roles.first { $0.usual.contains(upper) }
  }
}

extension PointingRule {
  /// Brings both lists to one length when one of them got a keyword more: that one goes with every partner that the
  /// header may have.
  fileprivate mutating func pairUp(replaced old: (rightAscension: [String], declination: [String])) {
    let (alongIsNew, upIsNew) = (rightAscension != old.rightAscension, declination != old.declination)
    if alongIsNew && !upIsNew, let first = rightAscension.first {
      declination = old.declination + old.declination
      rightAscension = old.declination.map { _ in first } + old.rightAscension
    } else if upIsNew && !alongIsNew, let first = declination.first {
      rightAscension = old.rightAscension + old.rightAscension
      declination = old.rightAscension.map { _ in first } + old.declination
    } else if alongIsNew && upIsNew, let along = rightAscension.first, let up = declination.first {
      rightAscension = [along] + old.rightAscension
      declination = [up] + old.declination
    }
  }
}
