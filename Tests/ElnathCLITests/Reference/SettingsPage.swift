import ElnathCore
import ElnathPipeline

/// docs/reference/settings.md.
enum SettingsPage {
  /// A table of the project file, and what makes it known.
  struct Section {
    var title: String
    var defaults: SettingsTree
    /// Types whose doc comments tell of its keys.
    var types: [String]
    /// The text of `--set` that gives a key a value.
    var assignment: (_ key: String, _ value: String) -> String
  }

  static var sections: [Section] {
    func plain(_ name: String, _ defaults: SettingsTree, _ types: [String]) -> Section {
      Section(title: "[\(name)]", defaults: defaults, types: types) { "\(name).\($0)=\($1)" }
    }
    func aperture(_ key: String, _ value: String) -> String {
      key == "kind" ? "measure.sky={ kind = \(value) }" : "measure.sky={ kind = \"annulus\", \(key) = \(value) }"
    }
    return [
      plain("input", .encode(InputSettings()), ["InputSettings"]),
      Section(title: "[[input.amplifier]]", defaults: .encode(AmplifierLayout()), types: ["AmplifierLayout"]) {
        "input.amplifier=[{ \($0) = \($1) }]"
      },
      Section(title: "[[star]]", defaults: .encode(StarSettings()), types: ["StarSettings"]) {
        $0 == "name" ? "star=[{ name = \($1) }]" : "star=[{ name = \"a\", \($0) = \($1) }]"
      },
      plain("solve", .encode(SolveSettings()), ["SolveSettings"]),
      plain("reduce", .encode(ReduceSettings()), ["ReduceSettings"]),
      plain("align", .encode(AlignSettings()), ["AlignSettings"]),
      plain("stack", .encode(StackSettings()), ["StackSettings"]),
      plain("measure", .encode(MeasureSettings()), ["MeasureSettings"]),
      Section(
        title: "Apertures: `[measure] apertures`, `sky`; `[[star]] aperture`",
        defaults: .encode(ApertureSettings(kind: .circle)), types: ["ApertureSettings"], assignment: aperture),
      plain("flag", .encode(FlagSettings()), ["FlagSettings", "FlagLimits"]),
      plain("lightcurve", .encode(LightCurveSettings()), ["LightCurveSettings"]),
      plain("output", .encode(OutputSettings()), ["OutputSettings"]),
    ]
  }

  /// One key of a section.
  struct Row {
    var key: String
    var takes: String
    var preset: String
    var meaning: String
  }

  static func rows(of section: Section) -> [Row] {
    let texts = section.types.reduce(into: [:]) { all, type in
      all.merge(SettingsComments(of: type).texts) { first, _ in first }
    }
    guard case .table(let table) = section.defaults else { return [] }
    return table.entries.map { entry in
      Row(
        key: entry.key, takes: takes(section, entry.key), preset: preset(entry.value),
        meaning: texts[entry.key] ?? "")
    }
  }

  /// What the program says that it expects, when it is given what it cannot take.
  private static func takes(_ section: Section, _ key: String) -> String {
    let text = refusal(section.assignment(key, "\"?\"")).flatMap(expected)
    if let text, text != "a list" { return text }
    let other = refusal(section.assignment(key, "true")).flatMap(expected) ?? "text"
    guard other == "a list" else { return other }
    let element = refusal(section.assignment(key, "[true]")).flatMap(expected) ?? "text"
    let plural = ["a number": "numbers", "text": "texts", "a list": "lists", "a table": "tables"][element] ?? element
    return (text == nil ? "text, or " : "") + "a list of \(plural)"
  }

  private static func refusal(_ assignment: String) -> String? {
    do {
      _ = try Project(file: nil, assignments: [assignment])
      return nil
    } catch { return error.message }
  }

  /// What stands in `expected ..., found ...`, or of places on the sky after `write`; nil for other refusals, which are
  /// about the value and not its kind.
  private static func expected(_ refusal: String) -> String? {
    for word in ["expected ", "; write "] {
      guard let range = refusal.firstRange(of: word) else { continue }
      let rest = refusal[range.upperBound...]
      let end = rest.firstRange(of: ", found")?.lowerBound ?? rest.endIndex
      let text = String(rest[..<end])
      return text.hasPrefix("one of ") ? String(text.dropFirst("one of ".count)) : text
    }
    return nil
  }

  private static func preset(_ value: SettingsTree) -> String {
    if value == .absent { return "" }
    if case .table = value { return "`{}`" }
    return "`\(SettingsTree(path: ["k"], value: value).toml().dropFirst("k = ".count).dropLast())`"
  }

  static var text: String {
    var page = """
      # Settings

      Every key of PROJECT.toml. A key that is left out has its default; a key without a default may be left out too, and then what the last column says holds.
      `--set table.key=value` changes one for a single command, `elnath config PROJECT.toml --effective` prints all with their origins. Unknown keys are refused.

      At the top stands `version = \(Configuration.currentVersion)`, the version of this format.

      """
    for section in sections {
      page += "\n## \(section.title)\n\n| key | takes | default | meaning |\n|---|---|---|---|\n"
      var told: (text: String, key: String)?
      for row in rows(of: section) {
        // Keys that share a comment are told of once.
        let isTold = told?.text == row.meaning
        let meaning = isTold ? "see `\(told?.key ?? "")`" : Markdown.cell(row.meaning)
        if !isTold { told = (row.meaning, row.key) }
        page += "| `\(row.key)` | \(Markdown.cell(row.takes)) | \(row.preset) | \(meaning) |\n"
      }
    }
    return page
  }
}
