import ArgumentParser
import ElnathPipeline

/// `elnath measure`: measures the stars on every registered frame.
struct MeasureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Measure the stars on all registered frames: stars.csv, photometry.csv.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try await options.open().withUsedCamera()
      let alignment = try workspace.savedAlignment()
      let masters = try await workspace.masters()
      let table = try await workspace.measure(alignment, reduce: workspace.reduceStage(masters))
      try workspace.writePhotometry(table)
      if !options.quiet { Console.say("\(table.stars.count) stars on \(table.measurements.count) frames") }
      return .done
    }
  }
}
