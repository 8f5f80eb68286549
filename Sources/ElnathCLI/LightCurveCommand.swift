import ArgumentParser
import ElnathPipeline

/// `elnath lightcurve`: chooses comparison stars and makes the light curves.
struct LightCurveCommand: TalkingCommand {
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
      "A measurement table of AstroImageJ, instead of a project; -o names the file.", valueName: "table"),
    completion: .file(extensions: ["tbl", "csv", "txt"]))
  var astroImageJ: String?

  @OptionGroup var work: WorkOptions

  var talk: TalkOptions { work.talk }

  func validate() throws {
    switch (project, astroImageJ) {
    case (nil, nil): throw ValidationError("give the project file, or --from-aij with a table of AstroImageJ")
    case (_?, _?): throw ValidationError("--from-aij stands for a project; give one of them")
    case (nil, _?) where work.dryRun: throw ValidationError("--dry-run: needs a project file")
    case (nil, _?) where work.output == nil: throw ValidationError("-o: give the name of the CSV file to write")
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
    let path = work.output ?? ""
    let rows = try AstroImageJTable.recompute(table, to: path)
    Console.wrote(path, "(\(rows) frames)")
    return .done
  }

  private func makeCurves() throws -> ExitStatus {
    let workspace = try work.open(project ?? "")
    if work.dryRun { return try DryRun.look("lightcurve", workspace) }
    let product = try workspace.lightCurves(workspace.savedPhotometry())
    for file in try workspace.writeLightCurves(product) { Console.wrote("\(workspace.output)/\(file)") }
    if let next = NextCommand.after("lightcurve", project: project ?? "", output: work.output) {
      Report.shared.note(next: next)
    }
    return .done
  }
}
