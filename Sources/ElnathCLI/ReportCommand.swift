import ArgumentParser
import ElnathPipeline

/// `elnath report`: one page that tells what a run came to.
struct ReportCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write report.html: light curves, frames, comparison stars, calibration on one page.",
    discussion: """
      EXAMPLES
        elnath report PROJECT.toml
        elnath report PROJECT.toml -o night1

      The page needs no other file and no network. It shows the tables and plots that are there; elnath plot draws them.
      """)

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try command.open()
      let table = try workspace.savedPhotometry()
      let file = try await workspace.report(workspace.savedLightCurves(table), table: table)
      Console.wrote("\(workspace.output)/\(file)")
      return .done
    }
  }
}
