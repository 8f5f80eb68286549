import ElnathCore

/// The inventory as a table for people: one row for all lights of one filter, exposure, readout and night, and one for
/// each group of calibration frames.
struct ScanTable {
  struct Row: Equatable {
    var kind: Observation.Kind
    var filter: String
    /// Seconds, the shortest and the longest; NaN where unknown.
    var exposure: ClosedRange<Double>?
    var readout: ReadoutFormat
    /// Degrees Celsius, the lowest and the highest; nil where unknown.
    var temperature: ClosedRange<Double>?
    var night: String
    var frames: Int
    /// Of the master, without ending; empty for lights.
    var master = ""

    /// `24 frames: R, 60 s, 512x512 px, night 2020-01-18`.
    var sentence: String {
      let parts = [
        filter, exposure.map { _ in exposureText } ?? "exposure unknown", readout.description,
        night.isEmpty ? "" : "night \(night)",
      ]
      return CalibrationRemarks.several(frames, "frame") + ": "
        + parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    var exposureText: String { ScanTable.range(exposure, CalibrationRemarks.seconds) }
  }

  let rows: [Row]

  init(_ scan: Scan, plan: CalibrationPlan) {
    var rows: [Row] = []
    var groups: [LightKey: [Observation]] = [:]
    var order: [LightKey] = []
    for file in scan.observations where file.error == nil && [.light, .unknown].contains(file.observation.kind) {
      let key = LightKey(file.observation)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(file.observation)
    }
    for key in order { rows.append(Self.row(groups[key] ?? [], kind: key.kind, filter: key.filter)) }
    for group in plan.groups {
      var row = Self.row(group.files.map(\.observation), kind: group.kind, filter: group.filter)
      row.master = String(group.fileName.dropLast(5))
      rows.append(row)
    }
    self.rows = rows
  }

  private struct LightKey: Hashable {
    var kind: Observation.Kind
    var filter: String
    /// -1 for unknown: NaN would make every frame a group of its own.
    var exposure: Double
    var readout: ReadoutFormat
    var night: String

    init(_ seen: Observation) {
      kind = seen.kind
      filter = seen.filter
      // To a hundredth of a second: shutters differ by less without meaning to.
      exposure =
        seen.exposure.isNaN ? -1 : seen.exposure < 0.1 ? seen.exposure : (seen.exposure * 100).rounded() / 100
      readout = ReadoutFormat(seen)
      night = seen.night
    }
  }

  private static func row(_ frames: [Observation], kind: Observation.Kind, filter: String) -> Row {
    func range(_ values: [Double]) -> ClosedRange<Double>? {
      let known = values.filter { !$0.isNaN }
      guard let low = known.min(), let high = known.max() else { return nil }
      return low...high
    }
    return Row(
      kind: kind, filter: filter, exposure: range(frames.map(\.exposure)), readout: ReadoutFormat(frames[0]),
      temperature: range(frames.map(\.temperature)), night: frames[0].night, frames: frames.count)
  }

  /// A header line and one line for each row, columns below each other; a column without any value is left out.
  var lines: [String] {
    let columns: [(title: String, text: (Row) -> String)] = [
      ("kind", \.kind.rawValue), ("frames", { "\($0.frames)" }), ("filter", \.filter),
      ("exposure", \.exposureText), ("size", \.readout.size.description),
      ("binning", \.readout.binning), ("mode", \.readout.mode),
      ("temperature", { Self.range($0.temperature, CalibrationRemarks.degrees) }), ("night", \.night),
      ("master", \.master),
    ]
    let shown = columns.map { column in [column.title] + rows.map(column.text) }
      .filter { !$0.dropFirst().allSatisfy(\.isEmpty) }
    let widths = shown.map { $0.map(\.count).max() ?? 0 }
    return (0...rows.count).map { line in
      let cells = zip(shown, widths).map { cells, width in
        cells[line] + String(repeating: " ", count: width - cells[line].count)
      }
      let text = cells.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
  }

  fileprivate static func range(_ range: ClosedRange<Double>?, _ text: (Double) -> String) -> String {
    range.map { CalibrationRemarks.range($0.lowerBound, $0.upperBound, text) } ?? ""
  }

  /// One line for all lights that are calibrated alike.
  static func service(_ lights: [ScannedFile], _ assignment: CalibrationAssignment, _ plan: CalibrationPlan) -> [String]
  {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for (light, choice) in zip(lights, assignment.choices) {
      guard let choice else { continue }
      let seen = light.observation
      let who = [seen.filter, CalibrationRemarks.seconds(seen.exposure), seen.night].filter { !$0.isEmpty }
      let what = [
        text(choice.bias, "bias", seen, plan), text(choice.dark, "dark", seen, plan, scale: choice.darkScale),
        text(choice.flat, "flat", seen, plan),
      ].joined(separator: ", ")
      let key = who.joined(separator: ", ") + ": " + what
      if counts[key] == nil { order.append(key) }
      counts[key, default: 0] += 1
    }
    return order.map { "\(CalibrationRemarks.several(counts[$0] ?? 0, "light")) of \($0)" }
  }

  private static func text(
    _ number: Int?, _ kind: String, _ light: Observation, _ plan: CalibrationPlan, scale: Double = 1
  ) -> String {
    guard let group = number.map({ plan.groups[$0] }) else { return "no \(kind)" }
    let isBorrowed = !group.night.isEmpty && group.night != light.night
    return String(group.fileName.dropLast(5)) + (scale == 1 ? "" : " scaled by \(CalibrationRemarks.short(scale))")
      + (isBorrowed ? " (borrowed from \(group.night))" : "")
  }
}
