import ElnathCore

/// A project file made from what was found in the headers. It parses and runs as it stands; what only the observer knows
/// stands in it as a comment.
public struct ProjectDraft: Sendable {
  public let scan: Scan
  /// Name of the profile, or its path.
  public let camera: String
  /// True when the camera was recognised rather than named or unknown.
  public let isRecognised: Bool

  public var text: String {
    [head, input, steps, star].joined(separator: "\n")
  }

  private var head: String {
    """
    # Elnath project, drafted from the headers of \(scan.observations.count) files. Paths are relative to this file.
    # Run it with: elnath run PROJECT.toml
    version = 1

    """
  }

  private var input: String {
    let readable = scan.observations.filter { $0.error == nil }
    let patterns = InitPatterns(
      files: readable.map { ($0.observation.file, $0.observation.isFrameOfNight ? $0.observation.kind : nil) })
    let rows = ScanTable(scan, plan: CalibrationPlan(scan.observations)).rows
    var text = "[input]\n"
    for (key, kind) in [("lights", Observation.Kind.light), ("biases", .bias), ("darks", .dark), ("flats", .flat)] {
      let lines = rows.filter { $0.kind == kind }.map(\.sentence)
      text += comments(lines.isEmpty ? ["no \(key) found"] : lines)
      let unknown = kind == .light ? patterns.entries(of: .unknown) : []
      if !unknown.isEmpty {
        text += comments(["nothing tells what these are, so they stand among the lights: "] + unknown)
      }
      text += Self.list(key, patterns.entries(of: kind) + unknown)
    }
    let unreadable = scan.observations.filter { $0.error != nil }
    text += comments(unreadable.map { "left out: \($0.observation.file): \($0.error ?? "")" })
    let others = patterns.entries(of: nil)
    if !others.isEmpty {
      text += comments(["left out, since their headers have neither a kind nor an exposure time nor a date:"] + others)
    }
    let problems = comments(ScanSummary.problems(of: scan))
    return text + "\n" + cameraLines + (problems.isEmpty ? "" : "\n" + problems)
  }

  private var cameraLines: String {
    let profile = scan.camera
    var text = comments([isRecognised ? "recognised: \(profile.title)" : profile.title])
    text += Self.line("camera", .text(camera))
    if let light = scan.lights.first(where: { $0.error == nil })?.observation ?? scan.observations.first?.observation {
      text += comments(ScanSummary.values(of: light))
    }
    if !scan.lights.contains(where: { $0.observation.gain != nil }) {
      text += comments(["the run will not start without these three, from the manual of the camera or measured:"])
    }
    let light = scan.lights.first?.observation
    func setting(_ key: String, _ value: Double?, otherwise usual: String, _ unit: String) -> String {
      let text = "# \(key) = \(value.map { "\($0)" } ?? usual)"
      return text + String(repeating: " ", count: max(1, 27 - text.count)) + "# \(unit)"
    }
    return text + """
      \(setting("gain", light?.gain?.value, otherwise: "1.3", "e-/ADU"))
      \(setting("read_noise", light?.readNoise?.value, otherwise: "7.3", "electrons"))
      \(setting("saturation", light?.saturation?.value, otherwise: "60000", "raw ADU, bias included"))
      # observatory = "kpno"     # or latitude, longitude (east positive), altitude (m), aperture_m
      # clock_offset_s = 0.0     # added to the times of the headers
      # stars = "stars.csv"      # a table of stars instead of, or beside, the [[star]] below

      """
  }

  private var steps: String {
    """
    [align]
    # reference = "\(Self.commented(scan.lights.first?.observation.file ?? "frame.fits"))"   # otherwise chosen by quality

    [lightcurve]
    # comparisons = "auto"       # or a list of names of stars; then exactly these are used

    """
  }

  private var star: String {
    let light = scan.lights.first?.observation
    let name = light.map(\.object).flatMap { $0.isEmpty ? nil : $0 } ?? "my star"
    let hasPointing = light?.rightAscension.isFinite == true
    /// The middle of the trimmed image, in FITS pixels.
    func middle(_ side: Int?) -> Double { side.map { Double($0 + 1) / 2 } ?? 512 }
    func degrees(_ value: Double?) -> String { "\(((value ?? 0) * 1e5).rounded() / 1e5)" }
    return """
      # One block for each star; at least one target. x and y are FITS pixels on the trimmed image of `frame` (the centre
      # of the first pixel is 1, 1); ra and dec serve barycentric times and airmass. Without x, y and frame a star is placed
      # by ra and dec, or by its name in catalogs/stars, where the field can be matched to the sky (elnath solve).
      # [[star]]
      # name = "\(Self.commented(name))"
      # role = "target"          # target, comparison, check, measure, avoid
      # ra = \(hasPointing ? degrees(light?.rightAscension) : "\"04:31:37.47\"")\
      \(hasPointing ? "           # where the telescope pointed, in degrees; put the star's own" : "")
      # dec = \(hasPointing ? degrees(light?.declination) : "\"+18:12:24.5\"")
      # x = \(middle(light?.trim.width))
      # y = \(middle(light?.trim.height))
      # frame = "\(Self.commented(light?.file ?? "frame.fits"))"

      """
  }

  private func comments(_ lines: [String]) -> String {
    lines.map { "# \(Self.oneLine($0))\n" }.joined()
  }

  private static func line(_ key: String, _ value: SettingsTree) -> String {
    SettingsTree(path: [key], value: value).toml()
  }

  private static func list(_ key: String, _ entries: [String]) -> String {
    line(key, .array(entries.map { .text($0) }))
  }

  /// Text for use between quotes in a comment.
  private static func commented(_ text: String) -> String {
    oneLine(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}

extension Observation {
  /// False for what has neither a kind nor an exposure time nor a date: a chart or a map, of which nothing could be
  /// measured.
  fileprivate var isFrameOfNight: Bool { kind != .unknown || exposure.isFinite || jdUTC.isFinite }
}
