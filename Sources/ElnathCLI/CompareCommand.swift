import ArgumentParser
import ElnathPipeline

/// `elnath compare`: are two images, light curves or tables of photometry the same?
struct CompareCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two images, light curves or tables of photometry: residual shift, difference, verdict.",
    discussion: """
      EXAMPLES
        elnath compare mine.fits theirs.fits                          two reductions of one frame
        elnath compare a/lightcurve_hh_30.csv b/lightcurve_hh_30.csv  two light curves of one star

      The second image is brought onto the first; the shift between them is told but is no difference. Two values (the \
      flux of a star, the sum of 16 x 16 pixels, a row of a table) are equal where they differ by no more than the \
      tolerance times their error. Where the noise of the two is independent, differences within five times the scatter \
      of neighbouring values pass too. At most 1 of 10 000 pixels may lie more than 5 errors off.

      Exit status 0: equal. 1: different.
      """)

  @Argument(help: "A FITS image, a light curve or photometry.csv.", completion: .file())
  var first: String

  @Argument(help: "What to compare it with.", completion: .file())
  var second: String

  @Option(help: "Largest difference of a value that counts as none, in units of its error.")
  var tolerance: Double?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder for the difference, tables and plot.", valueName: "dir"))
  var output = "elnath-compare"

  @OptionGroup var catalogs: CatalogsOption

  @Option(help: ArgumentHelp("Folder with the scripts of the plots.", valueName: "dir"))
  var plots: String?

  @OptionGroup var talk: TalkOptions

  func validate() throws {
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance \(tolerance): give a number of errors from 0 on; 1 is usual")
    }
    if output.isEmpty { throw ValidationError("-o: give the name of a folder") }
  }

  func run() async throws {
    let command = self
    try await perform {
      try CatalogLocator.check(chosen: command.plots, option: "--plots")
      let catalog = try command.catalogs.profiles()
      var stage = CompareStage(
        catalog: catalog, scripts: CatalogLocator("plots", chosen: command.plots, project: ProjectFolder(".")),
        folder: command.output)
      if let tolerance = command.tolerance { stage.settings.tolerance = tolerance }
      let outcome = try await stage(command.first, command.second)
      Console.tell(outcome.lines)
      Report.shared.note(result: .boolean(outcome.isEqual), key: "equal")
      for file in outcome.files { Console.wrote(file) }
      guard outcome.isEqual else { return .different }
      if let problem = outcome.plotProblem { throw problem }
      return .done
    }
  }
}
