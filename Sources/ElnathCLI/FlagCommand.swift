import ArgumentParser
import ElnathPipeline

/// `elnath flag`: judges every frame; frames.csv and photometry.csv are written anew.
struct FlagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flag",
    abstract: "Judge every frame by its own stars, seeing and sky: status and reason in frames.csv.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try options.open()
      let table = try workspace.flag(workspace.savedPhotometry())
      try workspace.writePhotometry(table)
      if !options.quiet { Console.say(FrameCounts(table.frames).summary) }
      return .done
    }
  }
}
