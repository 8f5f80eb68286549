import ArgumentParser
import ElnathPipeline

/// `elnath lightcurve`: chooses comparison stars and makes the light curves.
struct LightCurveCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "lightcurve",
    abstract: "Choose comparison stars and make light curves: comparisons.csv, lightcurve_*.csv.",
    discussion: """
      EXAMPLES
        elnath lightcurve PROJECT.toml                             after elnath measure and elnath flag
        elnath lightcurve --from-aij measurements.tbl -o new.csv   relative fluxes of an AstroImageJ table made anew
      """)

  @Argument(help: "The project file.", completion: .file(extensions: ["toml"]))
  var project: String?

  @Option(
    name: .customLong("from-aij"),
    help: ArgumentHelp(
      "A measurement table of AstroImageJ, instead of a project.", valueName: "table"),
    completion: .file(extensions: ["tbl", "csv", "txt"]))
  var astroImageJ: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      "Folder for the products, default elnath-out beside the project file; with --from-aij the file to write.",
      valueName: "path"))
  var output: String?

  @OptionGroup var work: WorkOptions

  var projectFile: String? { project }

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("-o: give a name") }
    switch (project, astroImageJ) {
    case (nil, nil): throw ValidationError("give the project file, or --from-aij with a table of AstroImageJ")
    case (_?, _?): throw ValidationError("--from-aij stands for a project; give one of them")
    case (nil, _?) where work.dryRun: throw ValidationError("--dry-run: needs a project file")
    case (nil, _?) where output == nil: throw ValidationError("-o: give the name of the CSV file to write")
    case (nil, _?): try work.checkBare()
    default: return
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      if let table = command.astroImageJ { return try command.recompute(table) }
      return try command.makeCurves()
    }
  }

  private func recompute(_ table: String) throws -> ExitStatus {
    let path = output ?? ""
    let rows = try AstroImageJTable.recompute(table, to: path)
    Console.wrote(path, "(\(rows) frames)")
    return .done
  }

  private func makeCurves() throws -> ExitStatus {
    let workspace = try open()
    let product = try workspace.lightCurves(workspace.savedPhotometry())
    for file in try workspace.writeLightCurves(product) { Console.wrote("\(workspace.output)/\(file)") }
    return .done
  }
}
