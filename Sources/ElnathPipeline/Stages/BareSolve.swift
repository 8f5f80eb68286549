import ElnathCore
import ElnathFITS
import FoundationEssentials
import Logging

/// Matches single files to the sky, without a project.
public struct BareSolve: Sendable {
  public var settings: SolveSettings
  public var log: Logger

  public init(_ settings: SolveSettings = SolveSettings(), log: Logger) {
    self.settings = settings
    self.log = log
  }

  /// What was found for one file.
  public struct Outcome: Sendable {
    public var file: String
    /// Of the image without overscan.
    public var width: Int
    public var height: Int
    public var result: Result<SkySolution, StageError>
  }

  /// - Parameters:
  ///   - catalogs: holds the profiles of cameras and the tables of stars.
  ///   - output: folder for `<stem>.wcs.fits`, made where it is missing; nil to write none.
  public func callAsFunction(
    files: [String], catalogs: CatalogLocator, output: String? = nil
  ) async throws -> [Outcome] {
    do throws(SettingsProblem) {
      try settings.check()
    } catch {
      throw PipelineError(.usage, "", error.description)
    }
    let folder = ProjectFolder(".")
    let scanned = try BareFiles(files, catalog: ProfileCatalog(locator: catalogs, project: folder)).scanned
    var stars = try StarCatalog(catalogs)
    if let own = settings.catalog { stars.stars += try StarCatalog.read(folder.absolute(own)).stars }
    if let output { try OutputFolder.make(folder.absolute(output)) }
    let stage = SolveStage(settings, catalog: stars)
    var outcomes: [Outcome] = []
    for file in scanned {
      try Task.checkCancellation()
      let trim = file.observation.trim
      var outcome = Outcome(
        file: file.observation.file, width: trim.width, height: trim.height, result: .failure(StageError([], "")))
      do {
        let solution = try await solve(file, stage)
        if let output { try write(solution, outcome, to: folder.absolute(output)) }
        outcome.result = .success(solution)
      } catch let error as StageError {
        outcome.result = .failure(error)
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  private func solve(_ file: ScannedFile, _ stage: SolveStage) async throws -> SkySolution {
    guard file.observation.width > 0 else { throw StageError(.unreadable, file.error ?? "has no image") }
    let raw = try PixelReader.read(file.observation, path: file.path)
    let image = MaskedImage(bare: raw.adu.cropped(to: file.observation.trim), observation: file.observation)
    let sources = SourceDetection()(image, of: file.observation)
    let field = SolveField(FieldImage(sources), file.observation)
    do throws(StageError) {
      return try stage(field)
    } catch {
      guard settings.solveField, let program = SolveFieldProgram() else { throw error }
      log.info("\(file.observation.file): \(error.reason); running \(program.executable)")
      let found = try await program(
        image.image, hint: stage.hints(field).first, settings: settings,
        scratch: FileManager.default.temporaryDirectory.path()
      )
      guard let found else { throw StageError([], "\(error.reason); solve-field did not find it either") }
      return SkySolution(found, .solveField)
    }
  }

  private func write(_ solution: SkySolution, _ outcome: Outcome, to folder: String) throws(PipelineError) {
    let file = ProjectFolder.split(outcome.file).name
    let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    let name = stem + ".wcs.fits"
    let cards = SolutionFile.cards(
      solution, width: outcome.width, height: outcome.height, file: CSVText.cleaned(path: outcome.file))
    try AtomicFile.write(HeaderFile.bytes(cards), to: folder + "/" + name)
  }
}
