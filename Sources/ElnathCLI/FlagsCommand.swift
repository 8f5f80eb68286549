import ArgumentParser
import ElnathCore

struct FlagsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flags",
    abstract: "List the quality flags: bit, value, name and meaning.")

  func run() async throws {
    try await perform {
      list()
      return .done
    }
  }

  private func list() {
    let definitions = QualityFlags.definitions
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
