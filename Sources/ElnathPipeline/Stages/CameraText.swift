import ElnathCore

extension CameraReport {
  /// The report as a table for people, with the lines that a project file needs where something is unknown or wrong.
  public var lines: [String] {
    var lines: [String] = []
    for measurement in measurements {
      lines.append("camera: \(measurement.readout)")
      for remark in measurement.remarks { lines.append("note: \(remark)") }
    }
    lines += table
    let needed = rows.contains { row in
      guard row.quantity == .gain || row.quantity == .readNoise, row.measured.isKnown else { return false }
      if row.used == nil { return true }
      if case .differs = row.verdict { return true }
      return false
    }
    guard needed else { return lines }
    if !settings.isEmpty {
      lines += ["", "to work with the measured values, put into the project file:", "[input]"] + settings
    }
    lines += ["", settings.isEmpty ? "to work with the measured values, put into the project file:" : "or", "[reduce]"]
    return lines + ["detector = \"measured\""]
  }

  private var table: [String] {
    let hasReadouts = measurements.count > 1
    let hasNames = rows.contains { !$0.amplifier.isEmpty }
    func cells(_ row: CameraRow) -> [String] {
      func text(_ value: Double?) -> String { value.map { "\(DecimalRounding.significant($0, 4))" } ?? "-" }
      let isStated = row.quantity == .gain || row.quantity == .readNoise
      let unit = row.quantity.unit.isEmpty ? "" : " (\(row.quantity.unit))"
      let measured = row.measured.isKnown ? row.measured.text : "unknown"
      let stated =
        isStated
        ? [text(row.header), text(row.profile), text(row.project), used(row, text), "\(row.verdict)"]
        : ["", "", "", "", ""]
      return (hasReadouts ? [row.readout] : []) + (hasNames ? [row.amplifier] : [])
        + [row.quantity.title + unit, measured, row.measured.isKnown ? "\(row.measured.count)" : ""] + stated
    }
    let head =
      (hasReadouts ? ["readout"] : []) + (hasNames ? ["amplifier"] : [])
      + ["quantity", "measured", "from", "header", "profile", "project", "used", "verdict"]
    let told = rows.filter { $0.measured.isKnown || $0.quantity == .gain || $0.quantity == .readNoise }
    let all = [head] + told.map(cells)
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .withoutOuterBlanks
    }
  }

  private func used(_ row: CameraRow, _ text: (Double?) -> String) -> String {
    row.used == nil ? "-" : "\(text(row.used)) (\(row.origin))"
  }

  /// For `run.json` and `--json`: the rows and the sentences.
  public var tree: SettingsTree {
    func number(_ value: Double?) -> SettingsTree { value.map { .real($0) } ?? .absent }
    func table(_ entries: [(String, SettingsTree)]) -> SettingsTree {
      var table = SettingsTable()
      for (key, value) in entries { table[key] = value }
      return .table(table)
    }
    let measured = rows.map { row in
      table([
        ("amplifier", .text(row.amplifier)), ("quantity", .text(row.quantity.rawValue)),
        ("unit", .text(row.quantity.unit)), ("value", number(row.measured.value)),
        ("error", number(row.measured.error)), ("pairs", .integer(row.measured.count)), ("header", number(row.header)),
        ("profile", number(row.profile)), ("project", number(row.project)), ("used", number(row.used)),
        ("origin", .text(row.origin)), ("verdict", .text("\(row.verdict)")), ("readout", .text(row.readout)),
      ])
    }
    return table([
      ("measured", .array(measured)), ("conflicts", .array(warnings.map { .text($0) })),
      ("remarks", .array(measurements.flatMap(\.remarks).map { .text($0) })),
    ])
  }
}
