import ArgumentParser
import ElnathPipeline

/// `elnath reduce`: makes the masters and, with --keep, reduced frames.
struct ReduceCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    "reduce", "Make bias, dark and flat masters; with --keep also reduced light frames.",
    examples: [
      Example("elnath reduce PROJECT.toml", "masters/, masters.csv"),
      Example("elnath reduce PROJECT.toml --keep", "the light frames too: reduced/"),
    ])

  @OptionGroup var options: ProjectOptions

  @Flag(help: "Also write every light frame reduced, with VARIANCE and MASK.")
  var keep = false

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try await command.open().withCamera().workspace
      let library = try await workspace.masters()
      if command.keep { try await workspace.writeReduced(workspace.reduceStage(library), library: library) }
      for record in library.records where record.frames > 0 {
        let path = "\(workspace.output)/masters/\(record.fileName)"
        if library.made.contains(record.fileName) {
          Console.wrote(path, "from \(record.frames) frames")
        } else if !command.talk.quiet {
          Console.say("\(path) is up to date")
        }
      }
      return .done
    }
  }
}
