import ArgumentParser
import ElnathPipeline

/// `elnath lightcurve`: chooses comparison stars and makes the light curves.
struct LightCurveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lightcurve",
    abstract: "Choose comparison stars and make light curves: comparisons.csv, lightcurve_*.csv.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let options = options
    try await perform {
      let workspace = try options.open()
      let product = try workspace.lightCurves(workspace.savedPhotometry())
      for file in try workspace.writeLightCurves(product) where !options.quiet {
        Console.say("wrote \(workspace.output)/\(file)")
      }
      return .done
    }
  }
}
