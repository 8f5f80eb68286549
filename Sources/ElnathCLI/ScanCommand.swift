import ArgumentParser
import ElnathPipeline

/// `elnath scan`: what the headers of all input files tell.
struct ScanCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    "scan", "Read the headers of all input files and say what they are: observations.csv.",
    examples: [
      Example("elnath scan PROJECT.toml"),
      Example("elnath scan PROJECT.toml --map FILTER=CMMTOBS", "the filter from CMMTOBS"),
    ])

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try command.open()
      try workspace.writeObservations()
      if !command.talk.quiet {
        let summary = ScanSummary(workspace.scan, settings: workspace.configuration.reduce)
        Console.tell(summary.lines)
      }
      Report.shared.note(file: "\(workspace.output)/observations.csv")
      return .done
    }
  }
}
