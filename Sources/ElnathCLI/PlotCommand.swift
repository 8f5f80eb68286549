import ArgumentParser
import ElnathPipeline

/// `elnath plot`: draws light curves and the quality of the frames.
struct PlotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draw light curves and the quality of the frames: plots/.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try options.open()
      let table = try workspace.savedPhotometry()
      for file in try await workspace.plot(workspace.savedLightCurves(table), table: table) where !options.quiet {
        Console.say("wrote \(workspace.output)/plots/\(file)")
      }
      return .done
    }
  }
}
