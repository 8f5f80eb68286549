import ArgumentParser
import ElnathPipeline

/// `elnath reduce`: makes the masters and, with --keep, reduced frames.
struct ReduceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reduce", abstract: "Make bias, dark and flat masters; with --keep also reduced light frames.")

  @OptionGroup var options: ProjectOptions

  @Flag(help: "Also write every light frame reduced, with VARIANCE and MASK.")
  var keep = false

  func run() async throws {
    let options = options
    let keep = keep
    try await perform {
      let workspace = try await options.open().withCamera().workspace
      let library = try await workspace.masters()
      if keep { try await workspace.writeReduced(workspace.reduceStage(library), library: library) }
      if !options.quiet {
        for record in library.records where record.frames > 0 {
          let path = "\(workspace.output)/masters/\(record.fileName)"
          let isNew = library.made.contains(record.fileName)
          Console.say(isNew ? "wrote \(path) from \(record.frames) frames" : "\(path) is up to date")
        }
      }
      return .done
    }
  }
}
