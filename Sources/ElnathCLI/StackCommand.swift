import ArgumentParser
import ElnathCore
import ElnathPipeline
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `elnath stack`: many frames become one.
struct StackCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "stack", "Combine frames into one, with its variance, coverage and rejected counts.",
    examples: [
      Example("elnath stack night1/*.fits -o night1.fits", "as they are, median after 3 sigma"),
      Example("elnath stack PROJECT.toml --by night", "the registered frames of a project"),
    ])

  @Argument(
    help: "FITS images of one size, or a project file.", completion: .file(extensions: ["fits", "fit", "toml"]))
  var files: [String]

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The FITS file to write; of a project, the folder for the products.", valueName: "path"))
  var output: String?

  @Option(
    help:
      "Of a project: which frames of a filter make one stack: cycle, night, run or a number; default: as the project says."
  )
  var by: String?

  @Option(help: "Which values are left out.")
  var reject: StackRule.Rejection?

  @Option(help: "Standard deviations below the median beyond which a value is left out.")
  var low: Double?

  @Option(help: "Standard deviations above the median beyond which a value is left out.")
  var high: Double?

  @Option(help: "What is made of the values that are kept.")
  var combine: StackRule.Combination?

  @Option(help: "auto: register the frames by their stars first, and bring them to one sky and transparency.")
  var align: BareStack.Alignment?

  @Option(help: "How registered frames are resampled.")
  var kernel: ResamplingKernel?

  @Option(
    help: ArgumentHelp("Most memory to use, in GiB (2G) or MiB (500M); default 1G.", valueName: "size"),
    transform: MemorySize.init)
  var memory: MemorySize?

  @Option(help: "Bands that are worked on at the same time; default: one for each processor.")
  var jobs: Int?

  @Option(name: .customLong("set"), help: ArgumentHelp("Change one setting of the project.", valueName: "key=value"))
  var assignments: [String] = []

  @Option(help: ArgumentHelp("Folder with cameras, observatories and stars.", valueName: "dir"))
  var catalogs: String?

  @OptionGroup var talk: TalkOptions

  private var quiet: Bool { talk.quiet }

  private var isProject: Bool { files.count == 1 && files[0].lowercased().hasSuffix(".toml") }

  func validate() throws {
    if files.isEmpty { throw ValidationError("give the FITS files to stack, or a project file") }
    if output?.isEmpty == true { throw ValidationError("-o: give a name") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): give at least 1") }
    for case (let name, let limit?) in [("low", low), ("high", high)] where !(1...1000).contains(limit) {
      throw ValidationError("--\(name) \(limit): give 1 to 1000 standard deviations; 3 is usual")
    }
    if let by, StackGrouping(by) == nil {
      throw ValidationError("--by \(by): give cycle, night, run or a number of frames from 2 on")
    }
    if isProject {
      if align != nil { throw ValidationError("--align: a project is registered by elnath align") }
    } else {
      if output == nil { throw ValidationError("-o: give the name of the FITS file to write") }
      if by != nil { throw ValidationError("--by: needs a project file") }
      if !assignments.isEmpty { throw ValidationError("--set: needs a project file") }
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      try CatalogLocator.check(chosen: command.catalogs, option: "--catalogs")
      return try await command.isProject ? command.stackProject() : command.stackFiles()
    }
  }

  private var progress: @Sendable (Workspace.Progress) -> Void {
    let quiet = quiet
    return { if !quiet { ProgressLine.shared.show($0) } }
  }

  private var jobCount: Int { jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private func changed(_ settings: StackSettings) -> StackSettings {
    var settings = settings
    if let reject { settings.reject = reject }
    if let combine { settings.combine = combine }
    if let low { settings.low = low }
    if let high { settings.high = high }
    if let kernel { settings.kernel = kernel }
    return settings
  }

  private func stackFiles() async throws -> ExitStatus {
    let folder = ProjectFolder(".")
    let locator = CatalogLocator("catalogs", chosen: catalogs, project: folder)
    var stack = BareStack(jobs: jobCount, memory: memory?.bytes, log: .console(quiet: quiet), progress: progress)
    stack.settings = changed(stack.settings)
    stack.alignment = align ?? .none
    let path = output ?? ""
    let outcome = try await stack(files: files, catalog: ProfileCatalog(locator: locator, project: folder), to: path)
    ProgressLine.shared.clear()
    Console.wrote(path, "from \(outcome.used) of \(files.count) frames")
    return .done
  }

  private func stackProject() async throws -> ExitStatus {
    let project = try Project(file: files[0], assignments: assignments)
    let workspace = try await Workspace(
      project,
      options: Workspace.Options(output: output, jobs: jobCount, memory: memory?.bytes, catalogs: catalogs),
      log: .console(quiet: quiet), progress: progress
    ).withUsedCamera()
    let alignment = try workspace.savedAlignment()
    let reduce = try await workspace.reduceStage(workspace.masters())
    let settings = changed(project.configuration.stack)
    let stacked: (written: [WrittenStack], alignment: Alignment)
    if let by = by.flatMap({ StackGrouping($0) }) {
      stacked = try await workspace.stack(alignment, reduce: reduce, by: by, settings: settings)
    } else {
      stacked = try await workspace.stackOfRun(alignment, reduce: reduce, settings: settings, always: true)
    }
    try workspace.writeSources(stacked.alignment)
    ProgressLine.shared.clear()
    for stack in stacked.written { Console.wrote(stack.path, "from \(stack.used) of \(stack.total) frames") }
    return .done
  }
}

extension StackRule.Rejection: ExpressibleByArgument {}
extension StackRule.Combination: ExpressibleByArgument {}
extension ResamplingKernel: ExpressibleByArgument {}
extension BareStack.Alignment: ExpressibleByArgument {}
