import ElnathCore

/// One `[[star]]` of the project file.
public struct StarSettings: Codable, Sendable, Equatable {
  /// Its name in the tables and, in small letters, in the names of files.
  public var name = ""
  /// target: a light curve is made of it. comparison: may be compared with. check: compared like a target, never compared
  /// with. measure: only measured. avoid: never compared with. A star written by hand is mostly what one is after.
  public var role = Star.Role.target
  /// Right ascension and declination, ICRS. Beside a place in pixels they serve the time alone; a star without either is looked up by its name in
  /// `catalogs/stars/`.
  public var rightAscension: RightAscension?
  public var declination: Declination?
  /// FITS pixels of the trimmed frame `frame`.
  public var x: Double?
  public var y: Double?
  /// The light frame that `x` and `y` were read off; by default the reference frame.
  public var frame: String?
  /// True for a nebulous target: one large aperture at a forced position, the same on all frames.
  public var extended = false
  /// Catalogue magnitude in the band `band`: ties zero points where the band equals the filter.
  public var magnitude: Double?
  public var band: String?
  /// Radius in px of its own aperture, the same on all frames; or `aperture`, of any kind. All stars are measured in it.
  public var radius: Double?
  public var aperture: ApertureSettings?
  /// Inner and outer radius of its own sky annulus, px.
  public var annulus: [Double]?
  /// How it is centred, whatever [measure] says.
  public var centroid: MeasurementPlan.Choices.Centroid?
  /// Sectors left out of its sky, such as a jet: `[[from, to], ...]`, position angles in degrees, north over east;
  /// where the reference frame has no solution on the sky north is up (+y) and east left.
  public var excludeSectors: [[Double]] = []
  /// Catalogue colour, mag, the same one for all stars (B-V, BP-RP ...): for colour terms and H-alpha excess.
  public var colour: Double?

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case name, role
    case rightAscension = "ra"
    case declination = "dec"
    case x, y, frame, extended
    case magnitude = "mag"
    case band, colour, radius, aperture, annulus, centroid
    case excludeSectors = "exclude_sectors"
  }

  /// Place on `frame`, where it is given in pixels.
  public var position: PixelPoint? {
    guard let x, let y else { return nil }
    return PixelPoint(fits: (x, y))
  }

  /// What a star of its own cannot tell: names that are missing, repeated or the same in a file name, and places.
  static func check(_ stars: [StarSettings]) throws(SettingsProblem) {
    for (index, star) in stars.enumerated() {
      let path = ["star", "[\(index + 1)]"]
      try star.checkName(at: path)
      try star.checkPlace(at: path)
      _ = try star.photometry(at: path)
      for earlier in stars[..<index] {
        guard TableFile.name(for: earlier.name) == TableFile.name(for: star.name) else { continue }
        let message =
          earlier.name == star.name
          ? "'\(star.name)' is the name of another star already; give each its own"
          : "'\(star.name)' and '\(earlier.name)' would share the file lightcurve_\(TableFile.name(for: star.name)).csv"
            + "; rename one"
        throw SettingsProblem(path: path + ["name"], message: message)
      }
    }
  }

  private func checkName(at path: [String]) throws(SettingsProblem) {
    let place = path + ["name"]
    guard let first = name.unicodeScalars.first else { throw SettingsProblem(path: place, message: "missing") }
    if "=+-@".unicodeScalars.contains(first) {
      throw SettingsProblem(
        path: place, message: "'\(name)' begins with '\(first)', which spreadsheets take for a formula; rename the star"
      )
    }
    if CSVText.cleaned(name) != name || name.first == " " || name.last == " " {
      throw SettingsProblem(
        path: place, message: "'\(CSVText.cleaned(name))' has control characters or blanks at its ends; remove them")
    }
    if name.utf8.count > Self.longestName {
      throw SettingsProblem(
        path: place,
        message: "a name of \(name.utf8.count) bytes is too long for a file; use \(Self.longestName) at most")
    }
  }

  /// Leaves room for what surrounds the name in `lightcurve_<name>_<filter>.csv` within the usual 255 bytes.
  private static let longestName = 150

  private func checkPlace(at path: [String]) throws(SettingsProblem) {
    for (given, other, key, missing) in [
      (x != nil, y != nil, "x", "y"), (y != nil, x != nil, "y", "x"),
      (rightAscension != nil, declination != nil, "ra", "dec"),
      (declination != nil, rightAscension != nil, "dec", "ra"),
    ] where given && !other {
      throw SettingsProblem(path: path, message: "'\(name)' has \(key) but no \(missing); give both")
    }
    if let x, let y, !x.isFinite || !y.isFinite {
      throw SettingsProblem(path: path, message: "'\(name)' lies at x = \(x), y = \(y); give pixels of the frame")
    }
    if frame != nil && x == nil {
      throw SettingsProblem(path: path, message: "'\(name)' has a frame but no x and y; give them, or remove the frame")
    }
  }
}
