import ArgumentParser
import ElnathCore
import ElnathPipeline
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `elnath solve`: matches the reference frame of a project, or single files, to the sky.
struct SolveCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Match the reference frame to the sky: wcs.fits, coordinates in sources.csv.",
    discussion: """
      EXAMPLES
        elnath solve PROJECT.toml                       the reference frame, for the whole series
        elnath solve frame.fits                         one file, with the stars of catalogs/stars
        elnath solve *.fits --catalog gaia.csv -o wcs   files, with a catalogue of columns ra, dec, mag
      """)

  @Argument(help: "A project file, or FITS images.", completion: .file(extensions: ["toml", "fits", "fit"]))
  var files: [String]

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder for the products; of single files, for <name>.wcs.fits.", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Catalogue of stars: CSV with the columns ra, dec and mag.", valueName: "file"))
  var catalog: String?

  @Option(help: "Frames that are worked on at the same time; default: one for each processor.")
  var jobs: Int?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Change one setting; of single files, one of table solve.", valueName: "key=value"))
  var assignments: [String] = []

  @Option(help: ArgumentHelp("Folder with cameras, observatories and stars.", valueName: "dir"))
  var catalogs: String?

  @OptionGroup var talk: TalkOptions

  private var quiet: Bool { talk.quiet }

  private var isProject: Bool { files.count == 1 && files[0].lowercased().hasSuffix(".toml") }

  func validate() throws {
    if files.isEmpty { throw ValidationError("give a project file, or FITS images") }
    if output?.isEmpty == true { throw ValidationError("-o: give the name of a folder") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): give at least 1") }
  }

  func run() async throws {
    let command = self
    try await perform { try await command.isProject ? command.solveProject() : command.solveFiles() }
  }

  /// The catalogue of the command line, as a setting.
  private var options: [(name: String, path: [String], value: SettingsTree)] {
    catalog.map { [("--catalog", ["solve", "catalog"], .text(ProjectFolder(".").absolute($0)))] } ?? []
  }

  private func solveProject() async throws -> ExitStatus {
    let project = try Project(file: files[0], assignments: assignments, options: options)
    let quiet = quiet
    let workspace = try await Workspace(
      project,
      options: Workspace.Options(
        output: output, jobs: jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), catalogs: catalogs),
      log: .console(quiet: quiet)
    ) { if !quiet { ProgressLine.shared.show($0) } }.withUsedCamera()
    let (solution, alignment) = try await workspace.solve()
    ProgressLine.shared.clear()
    if !quiet { Console.say(solution.summary) }
    Console.tell([solution.place(width: alignment.width, height: alignment.height)])
    return .done
  }

  private func solveFiles() async throws -> ExitStatus {
    try CatalogLocator.check(chosen: catalogs, option: "--catalogs")
    let settings = try Project(file: nil, assignments: assignments, options: options).configuration.solve
    let locator = CatalogLocator("catalogs", chosen: catalogs, project: ProjectFolder("."))
    let solve = BareSolve(settings, log: .console(quiet: quiet))
    let outcomes = try await solve(files: files, catalogs: locator, output: output)
    var failed = 0
    for outcome in outcomes {
      switch outcome.result {
      case .success(let solution):
        Console.tell(["\(outcome.file): \(solution.place(width: outcome.width, height: outcome.height))"])
        if !quiet { Console.say("\(outcome.file): \(solution.summary)") }
      case .failure(let error):
        failed += 1
        Console.fail("\(outcome.file): not matched to the sky: \(error.reason)")
      }
    }
    if failed == 0 { return .done }
    return failed == outcomes.count ? .badData : .manyRejected
  }
}
