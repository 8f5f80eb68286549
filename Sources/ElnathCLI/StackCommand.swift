import ArgumentParser
import ElnathCore
import ElnathPipeline

/// `elnath stack`: many frames become one.
struct StackCommand: FramesCommand {
  static let configuration = CommandConfiguration(
    "stack", "Combine frames into one, with its variance, coverage and rejected counts.",
    examples: [
      Example("elnath stack night1/*.fits -o night1.fits", "as they are, median after 3 sigma"),
      Example("elnath stack PROJECT.toml --by night", "the registered frames of a project"),
    ], more: "Bare frames take 1 GiB of memory unless --memory says otherwise.")

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

  @OptionGroup var work: WorkOptions

  var product: String? { output }

  func validate() throws {
    if files.isEmpty { throw ValidationError("give the FITS files to stack, or a project file") }
    if output?.isEmpty == true { throw ValidationError("-o: give a name") }
    if let mixed = mixedProject { throw ValidationError("\(mixed): give one project file, or FITS files only") }
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
      try work.checkBare()
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      try await command.isProject ? command.stackProject() : command.stackFiles()
    }
  }

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
    var stack = BareStack(
      jobs: work.jobs.count, memory: work.memory?.bytes, log: work.logger, progress: work.progress)
    stack.settings = changed(stack.settings)
    stack.alignment = align ?? .none
    let path = output ?? ""
    let outcome = try await stack(files: files, catalog: work.catalogs.profiles(), to: path)
    ProgressLine.shared.clear()
    Console.wrote(path, "from \(outcome.used) of \(files.count) frames")
    return .done
  }

  private func stackProject() async throws -> ExitStatus {
    let workspace = try await open().withUsedCamera()
    let alignment = try workspace.savedAlignment()
    let reduce = try await workspace.reduceStage(workspace.masters())
    let settings = changed(workspace.configuration.stack)
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
