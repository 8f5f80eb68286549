import ArgumentParser
import ElnathCore
import ElnathPipeline

/// `elnath align`: finds the stars of every light frame and registers all frames to one reference.
struct AlignCommand: FramesCommand {
  static let configuration = CommandConfiguration(
    commandName: "align", abstract: "Register all light frames to one reference: frames.csv, sources.csv.",
    discussion: """
      EXAMPLES
        elnath align PROJECT.toml                       the light frames of a project
        elnath align night1/*.fits --csv shifts.csv     bare frames: one table, with the columns of frames.csv
      """)

  @Argument(
    help: "A project file, or FITS images of one size.", completion: .file(extensions: ["toml", "fits", "fit"]))
  var files: [String]

  @OptionGroup var folder: OutputOption

  @Option(help: ArgumentHelp("Without a project: the table to write.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("The frame that all others are registered to; default: the best.", valueName: "file"))
  var reference: String?

  @Option(help: "How much freedom the transforms may have: auto, similarity, affine, quadratic or cubic.")
  var transform: TransformChoice?

  @Option(
    name: .customLong("max-rejected"),
    help: ArgumentHelp("Without a project: rejected frames beyond this fraction give status 1.", valueName: "fraction"))
  var maxRejected = OutputSettings().maximumRejected

  @OptionGroup var work: WorkOptions

  var output: String? { folder.folder }
  var product: String? { csv }

  var named: [NamedSetting] {
    var named: [NamedSetting] = []
    if let reference { named.append(("--reference", ["align", "reference"], .text(reference))) }
    if let transform { named.append(("--transform", ["align", "transform"], .text(transform.rawValue))) }
    return named
  }

  func validate() throws {
    if let mixed = mixedProject { throw ValidationError("\(mixed): give one project file, or FITS files only") }
    if isProject {
      if csv != nil { throw ValidationError("--csv: a project writes frames.csv into its folder of products; use -o") }
    } else {
      guard let csv, !csv.isEmpty else { throw ValidationError("--csv: give the name of the table to write") }
      try work.checkBare()
      if output != nil { throw ValidationError("-o: needs a project file; bare frames write --csv") }
    }
    if !(0...1).contains(maxRejected) { throw ValidationError("--max-rejected \(maxRejected): give 0 to 1") }
  }

  func run() async throws {
    let command = self
    try await perform { try await command.isProject ? command.alignProject() : command.alignFiles() }
  }

  private func alignProject() async throws -> ExitStatus {
    let workspace = try await open().withUsedCamera()
    let reduce = try await workspace.reduceStage(workspace.masters())
    let alignment = try await workspace.align(reduce)
    try await workspace.solveAndWrite(alignment, reduce: reduce)
    for name in ["frames.csv", "sources.csv"] { Report.shared.note(file: "\(workspace.output)/\(name)") }
    Report.shared.note(summary: FrameCounts(alignment.frames).summary)
    return .done
  }

  private func alignFiles() async throws -> ExitStatus {
    var align = BareAlign(jobs: work.jobs.count, log: work.logger, progress: work.progress)
    align.settings.reference = reference
    if let transform { align.settings.transform = transform }
    let path = csv ?? ""
    let rows = try await align(files: files, catalog: work.catalogs.profiles(), to: path)
    ProgressLine.shared.clear()
    let counts = FrameCounts(rows)
    Report.shared.note(file: path)
    Report.shared.note(summary: counts.summary(in: path))
    if counts.rejected == counts.total {
      throw PipelineError(.badData, "", "all \(counts.total) frames were rejected; \(path) says why")
    }
    return Double(counts.rejected) > maxRejected * Double(counts.total) ? .manyRejected : .done
  }
}

extension TransformChoice: ExpressibleByArgument {}
