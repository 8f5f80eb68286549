import ArgumentParser
import ElnathPipeline

/// `elnath flag`: judges every frame; frames.csv and photometry.csv are written anew.
struct FlagCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    "flag", "Judge every frame by its own stars, seeing and sky: status and reason in frames.csv.",
    examples: [
      Example("elnath flag PROJECT.toml"),
      Example("elnath flag PROJECT.toml --set flag.verdicts=my_flags.csv", "your own verdicts"),
    ])

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try command.open()
      let table = try workspace.flag(workspace.savedPhotometry())
      try workspace.writePhotometry(table)
      for name in ["frames.csv", "photometry.csv"] { Report.shared.note(file: "\(workspace.output)/\(name)") }
      Report.shared.note(summary: FrameCounts(table.frames).summary)
      return .done
    }
  }
}
