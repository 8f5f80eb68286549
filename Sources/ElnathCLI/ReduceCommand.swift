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
      let workspace = try options.open()
      let product = try await workspace.masters()
      try workspace.writeMasters(product)
      if keep { try await workspace.writeReduced(workspace.reduceStage(product.masters)) }
      if !options.quiet {
        for record in product.records {
          Console.say("wrote \(workspace.output)/masters/\(record.fileName) from \(record.master.frames) frames")
        }
      }
      return .done
    }
  }
}
