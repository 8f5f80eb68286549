import ElnathCore

/// A scan in some lines for people: what there is, and what was not understood.
public struct ScanSummary: Sendable {
  public let lines: [String]

  /// Kinds of problems that are listed; the rest is counted.
  static let mostProblems = 20

  /// - Parameter settings: what of the calibration frames is to be used.
  public init(_ scan: Scan, settings: ReduceSettings = ReduceSettings()) {
    var lines = ["camera: \(scan.camera.name), \(scan.camera.title)"]
    if let light = scan.lights.first(where: { $0.error == nil })?.observation {
      lines += Self.values(of: light)
    }
    let plan = CalibrationPlan(scan.observations, settings: settings)
    let assignment = plan.assignment(for: scan.lights)
    lines += Self.inventory(scan)
    lines += ScanTable.service(scan.lights, assignment, plan)
    let leftOut = scan.observations.count { $0.error != nil }
    if leftOut > 0 { lines.append("left out: \(leftOut)") }
    let remarks = CalibrationRemarks(plan, assignment, lights: scan.lights, tellsServices: false)
    self.lines = lines + (remarks.warnings + remarks.notes).map { "calibration: \($0)" } + Self.problems(of: scan)
  }

  /// The table of groups, of calibration frames that no setting leaves aside.
  static func inventory(_ scan: Scan) -> [String] {
    ScanTable(scan, plan: CalibrationPlan(scan.observations)).lines
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
