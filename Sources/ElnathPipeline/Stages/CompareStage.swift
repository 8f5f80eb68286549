import ElnathCore
import ElnathFITS

/// `compare`: two images of one field, two light curves, or two tables of photometry.
public struct CompareStage: Sendable {
  public static let name = "compare"

  /// How large a difference may be.
  public struct Settings: Codable, Sendable, Equatable {
    /// Largest difference of a value that counts as none, in units of its error. 1: what differs by no more than the error
    /// bars say it might changes no conclusion.
    public var tolerance = 1.0

    public init() {}
  }

  public var settings = Settings()
  private let catalog: ProfileCatalog
  /// Where the script of the plot is found.
  private let scripts: CatalogLocator
  /// Folder for the products.
  private let folder: String

  public init(catalog: ProfileCatalog, scripts: CatalogLocator, folder: String) {
    self.catalog = catalog
    self.scripts = scripts
    self.folder = ProjectFolder(folder).path
  }

  /// What the comparison came to.
  public struct Outcome: Sendable {
    public var isEqual: Bool
    /// What was found, for people, the verdict last.
    public var lines: [String]
    /// What was written.
    public var files: [String]
    /// Why the picture could not be drawn; everything else is written.
    public var plotProblem: PipelineError?
  }

  public func callAsFunction(_ first: String, _ second: String) async throws -> Outcome {
    let kinds = [first, second].map(Self.isTable)
    guard kinds[0] == kinds[1] else {
      throw PipelineError(
        .usage, "", "\(first) is \(Self.word(kinds[0])) and \(second) is \(Self.word(kinds[1])); give two of one kind")
    }
    return kinds[0] ? try await tables(first, second) : try await images(first, second)
  }

  /// By its name: a table of this program ends in .csv.
  private static func isTable(_ file: String) -> Bool {
    [".csv", ".tsv", ".txt", ".ecsv"].contains { file.lowercased().hasSuffix($0) }
  }

  private static func word(_ isTable: Bool) -> String { isTable ? "a table" : "an image" }

  // MARK: Images

  private func images(_ first: String, _ second: String) async throws -> Outcome {
    let one = try BareImage(first, catalog: catalog)
    let other = try BareImage(second, catalog: catalog)
    guard ReducedFile.isElectrons(one.unit) == ReducedFile.isElectrons(other.unit) else {
      throw PipelineError(
        .usage, "", "\(first) is in \(one.unit) and \(second) in \(other.unit); give two images in one unit")
    }
    let comparison = FrameComparison(limits: ComparisonLimits(tolerance: settings.tolerance))
    let found: FrameDifference
    switch comparison(one.comparedFrame, other.comparedFrame) {
    case .compared(let difference): found = difference
    case .refused(let reason):
      throw PipelineError(
        .badData, "\(first), \(second)", "cannot be compared: \(reason); give two images of one field")
    case .outOfMemory(let bytes):
      throw PipelineError(
        .inputOutput, second,
        "\((bytes + 999_999) / 1_000_000) MB of memory to move it by a fraction of a pixel are not to be had; "
          + "end other programs, or compare cut-outs of both images")
    }
    try OutputFolder.create(folder)
    try DifferenceFile.write(found, unit: one.unit, files: (first, second), to: folder + "/difference.fits")
    try write(CSVFormat.bytes(of: found.tests, columns: CompareColumns.tests), "comparison.csv")
    try write(CSVFormat.bytes(of: found.stars, columns: CompareColumns.stars), "difference_stars.csv")
    let remarks = [one, other].compactMap { image in image.remark.map { "\(image.file): \($0)" } }
    let lines = remarks + CompareText.lines(found, unit: one.unit)
    let plot = DifferencePlot(found, unit: one.unit, files: (first, second), verdict: lines.last ?? "").plot
    let drawn = try await draw(plot)
    return Outcome(
      isEqual: found.isEqual, lines: lines,
      files: paths(["difference.fits", "comparison.csv", "difference_stars.csv"] + drawn.files),
      plotProblem: drawn.problem)
  }

  // MARK: Tables

  private func tables(_ first: String, _ second: String) async throws -> Outcome {
    let folder = ProjectFolder(".")
    let one = try ComparedTable(path: folder.absolute(first))
    let other = try ComparedTable(path: folder.absolute(second))
    guard one.kind == other.kind else {
      throw PipelineError(
        .usage, "", "one of \(first) and \(second) is a light curve and one is photometry; give two of one kind")
    }
    for (frame, time) in one.times.sorted(by: { $0.key < $1.key }) {
      guard let there = other.times[frame], abs(there - time) * 86_400 > 1 else { continue }
      throw PipelineError(
        .badData, "\(first), \(second)",
        "frame \(frame) is another exposure (jd_utc \(time) and \(there)); give tables of the same frames")
    }
    let found = CurveComparison(
      one.values, other.values, kind: one.kind, limits: ComparisonLimits(tolerance: settings.tolerance))
    try OutputFolder.create(self.folder)
    try write(CSVFormat.bytes(of: found.tests, columns: CompareColumns.tests), "comparison.csv")
    try write(CSVFormat.bytes(of: found.rows, columns: CompareColumns.values), "difference.csv")
    return Outcome(
      isEqual: found.isEqual, lines: CompareText.lines(found), files: paths(["comparison.csv", "difference.csv"]))
  }

  // MARK: Products

  private func write(_ bytes: [UInt8], _ name: String) throws(PipelineError) {
    try AtomicFile.write(bytes, to: "\(folder)/\(name)")
  }

  private func paths(_ names: [String]) -> [String] { names.map { "\(folder)/\($0)" } }

  private func draw(_ plot: Plot) async throws(PipelineError) -> (files: [String], problem: PipelineError?) {
    let place = folder + "/plots"
    try OutputFolder.create(place)
    do throws(PipelineError) {
      let files = try await PlotStage(scripts: scripts, folder: place).draw([plot])
      return (files.map { "plots/" + $0 }, nil)
    } catch {
      guard error.code == .plotterMissing || error.code == .internalFault else { throw error }
      return ([], error)
    }
  }
}
