import ArgumentParser
import ElnathPipeline

/// `elnath plot`: draws light curves and the quality of the frames.
struct PlotCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    "plot", "Draw light curves and the quality of the frames: plots/.", examples: [Example("elnath plot PROJECT.toml")])

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try command.open()
      let table = try workspace.savedPhotometry()
      for file in try await workspace.plot(workspace.savedLightCurves(table), table: table) {
        Console.wrote("\(workspace.output)/plots/\(file)")
      }
      return .done
    }
  }
}
