import ArgumentParser
import ElnathPipeline

/// `elnath scan`: what the headers of all input files tell.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Read the headers of all input files and say what they are: observations.csv.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try options.open()
      try workspace.writeObservations()
      if !options.quiet {
        let summary = ScanSummary(workspace.scan, settings: workspace.configuration.reduce)
        for line in summary.lines { print(Console.printable(line)) }
      }
      return .done
    }
  }
}
