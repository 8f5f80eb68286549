import ArgumentParser
import ElnathCore
import ElnathPipeline

/// `elnath solve`: matches the reference frame of a project, or single files, to the sky.
struct SolveCommand: FramesCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Match the reference frame to the sky: wcs.fits, coordinates in sources.csv.",
    discussion: """
      EXAMPLES
        elnath solve PROJECT.toml                       the reference frame, for the whole series
        elnath solve frame.fits                         one file, with the stars of catalogs/stars
        elnath solve *.fits --catalog gaia.csv -o wcs   files, with a catalogue of columns ra, dec, mag

      Of single files --set changes a setting of table solve.
      """)

  @Argument(help: "A project file, or FITS images.", completion: .file(extensions: ["toml", "fits", "fit"]))
  var files: [String]

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder for the products; of single files, for <name>.wcs.fits.", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Catalogue of stars: CSV with the columns ra, dec and mag.", valueName: "file"))
  var catalog: String?

  @OptionGroup var work: WorkOptions

  var product: String? { output.map { "\($0)/<name>.wcs.fits" } }

  func validate() throws {
    if files.isEmpty { throw ValidationError("give a project file, or FITS images") }
    if output?.isEmpty == true { throw ValidationError("-o: give the name of a folder") }
    if let mixed = mixedProject { throw ValidationError("\(mixed): give one project file, or FITS files only") }
    if !isProject { try work.checkBare(settings: true) }
  }

  func run() async throws {
    let command = self
    try await perform { try await command.isProject ? command.solveProject() : command.solveFiles() }
  }

  /// The catalogue of the command line, as a setting.
  var named: [NamedSetting] {
    catalog.map { [("--catalog", ["solve", "catalog"], .text(ProjectFolder(".").absolute($0)))] } ?? []
  }

  private func solveProject() async throws -> ExitStatus {
    let workspace = try await open().withUsedCamera()
    let (solution, alignment) = try await workspace.solve()
    for name in ["wcs.fits", "sources.csv"] { Report.shared.note(file: "\(workspace.output)/\(name)") }
    ProgressLine.shared.clear()
    if !talk.quiet { Console.say(solution.summary) }
    Console.tell([solution.place(width: alignment.width, height: alignment.height)])
    return .done
  }

  private func solveFiles() async throws -> ExitStatus {
    let settings = try work.settings.project(nil, options: named).configuration.solve
    let solve = BareSolve(settings, log: work.logger)
    let outcomes = try await solve(files: files, catalogs: work.catalogs.locator(), output: output)
    var failed = 0
    for outcome in outcomes {
      switch outcome.result {
      case .success(let solution):
        Console.tell(["\(outcome.file): \(solution.place(width: outcome.width, height: outcome.height))"])
        if !talk.quiet { Console.say("\(outcome.file): \(solution.summary)") }
      case .failure(let error):
        failed += 1
        Console.fail("\(outcome.file): not matched to the sky: \(error.reason)")
      }
    }
    if failed == 0 { return .done }
    return failed == outcomes.count ? .badData : .manyRejected
  }
}
