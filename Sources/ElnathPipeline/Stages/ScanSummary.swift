import ElnathCore

/// A scan in some lines for people: what there is, and what was not understood.
public struct ScanSummary: Sendable {
  public let lines: [String]

  /// Kinds of problems that are listed; the rest is counted.
  static let mostProblems = 20

  public init(_ scan: Scan) {
    var lines = ["camera: \(scan.camera.name), \(scan.camera.title)"]
    if let light = scan.lights.first(where: { $0.error == nil })?.observation {
      lines += Self.values(of: light)
    }
    lines += Self.groups(scan.observations).map(\.line)
    let unreadable = scan.observations.count { $0.error != nil }
    if unreadable > 0 { lines.append("unreadable: \(unreadable)") }
    self.lines = lines + Self.problems(of: scan)
  }

  /// Gain, read noise and saturation with their origins, and the site.
  static func values(of light: Observation) -> [String] {
    func text(_ value: Decoded<Double>?, _ unit: String) -> String {
      value.map { "\($0.value) \(unit) (\($0.origin))" } ?? "unknown"
    }
    var lines = [
      "gain: \(text(light.gain, "e-/ADU"))", "read noise: \(text(light.readNoise, "e-"))",
      "saturation: \(text(light.saturation, "ADU"))",
    ]
    if let site = light.site {
      let aperture = site.aperture.isNaN ? "aperture unknown" : "aperture \(site.aperture) m"
      lines.append(
        "site: latitude \(site.latitude), longitude \(site.longitude), altitude \(site.altitude) m, \(aperture)")
    } else {
      lines.append("site: unknown, so no airmass and no barycentric time; give input.observatory")
    }
    return lines
  }

  /// One line for all files of one kind, filter, exposure, size and night.
  static func groups(_ files: [ScannedFile]) -> [(kind: Observation.Kind, line: String)] {
    struct Key: Hashable {
      let kind: Observation.Kind
      let filter: String
      let exposure: Double
      let size: String
      let night: String
    }
    var counts: [(key: Key, count: Int)] = []
    for file in files where file.error == nil {
      let seen = file.observation
      let usesFilter = seen.kind == .light || seen.kind == .flat
      let key = Key(
        // NaN would make every frame a group of its own.
        kind: seen.kind, filter: usesFilter ? seen.filter : "",
        exposure: seen.exposure.isNaN ? -1 : rounded(seen.exposure),
        size: "\(seen.width)x\(seen.height)", night: seen.night)
      if let place = counts.lastIndex(where: { $0.key == key }) {
        counts[place].count += 1
      } else {
        counts.append((key, 1))
      }
    }
    return counts.map { key, count in
      let parts = [
        "\(key.kind): \(count)", key.filter, key.exposure < 0 ? "exposure unknown" : "\(key.exposure) s", key.size,
        key.night.isEmpty ? "" : "night \(key.night)",
      ]
      return (key.kind, parts.filter { !$0.isEmpty }.joined(separator: ", "))
    }
  }

  /// To a hundredth of a second: shutters differ by less without meaning to.
  private static func rounded(_ exposure: Double) -> Double {
    exposure < 0.1 ? exposure : (exposure * 100).rounded() / 100
  }

  /// Problems with the number of files that have them; those that differ in figures only count as one.
  static func problems(of scan: Scan) -> [String] {
    var kinds: [(pattern: String, example: String, file: String, count: Int)] = []
    for file in scan.observations {
      for problem in file.observation.problems {
        let pattern = String(problem.map { $0.isNumber ? "0" : $0 })
        if let place = kinds.firstIndex(where: { $0.pattern == pattern }) {
          kinds[place].count += 1
        } else {
          kinds.append((pattern, problem, file.observation.file, 1))
        }
      }
    }
    var lines = scan.problems.map { "note: \($0)" }
    lines += kinds.prefix(mostProblems).map { kind in
      kind.count == 1
        ? "problem: \(kind.file): \(kind.example)" : "problem: \(kind.count) files, first \(kind.file): \(kind.example)"
    }
    if kinds.count > mostProblems { lines.append("and \(kinds.count - mostProblems) more kinds of problems") }
    return lines
  }
}
