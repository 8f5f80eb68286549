import ArgumentParser
import ElnathCore
import ElnathPipeline

struct FlagsCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "flags", "List the quality flags: bit, value, name and meaning.",
    examples: [Example("elnath flags"), Example("elnath flags 65560", "which bits a number of a table is made of")])

  @Argument(help: "Number from a column flags; without it all flags are listed.")
  var number: UInt64?

  @OptionGroup var talk: TalkOptions

  func run() async throws {
    let definitions = QualityFlags.definitions.filter {
      number.map(QualityFlags.init(rawValue:))?.contains($0.flag) ?? true
    }
    try await perform {
      list(definitions)
      return .done
    }
  }

  private func list(_ definitions: [QualityFlags.Definition]) {
    if Report.shared.isJSON {
      let rows = definitions.map { row in
        SettingsTree.keyed([
          ("bit", .integer(row.bit)), ("value", .integer(Int(row.flag.rawValue))), ("name", .text(row.name)),
          ("meaning", .text(row.sentence)),
        ])
      }
      Report.shared.note(result: .array(rows), key: "flags")
      return
    }
    let name = definitions.map(\.name.count).max() ?? 0
    let value = definitions.map { "\($0.flag.rawValue)".count }.max() ?? 0
    print("bit  \(padded("value", to: value, right: true))  \(padded("name", to: name))  meaning")
    for row in definitions {
      print(
        padded("\(row.bit)", to: 3, right: true), padded("\(row.flag.rawValue)", to: value, right: true),
        padded(row.name, to: name), row.sentence, separator: "  ")
    }
  }

  private func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return right ? blanks + text : text + blanks
  }
}
