import ArgumentParser
import ElnathPipeline

/// `elnath align`: finds the stars of every light frame and registers all frames to one reference.
struct AlignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "align", abstract: "Register all light frames to one reference: frames.csv, sources.csv.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try await options.open().withUsedCamera()
      let masters = try await workspace.masters()
      let alignment = try await workspace.align(workspace.reduceStage(masters))
      try workspace.writeAlignment(alignment)
      if !options.quiet { Console.say(FrameCounts(alignment.frames).summary) }
      return .done
    }
  }
}
