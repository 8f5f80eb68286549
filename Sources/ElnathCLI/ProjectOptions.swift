import ArgumentParser
import ElnathPipeline

/// What every command on a project understands: the project file and how to work on it.
struct ProjectOptions: ParsableArguments {
  @Argument(help: "The project file.", completion: .file(extensions: ["toml"]))
  var project: String

  @OptionGroup var output: OutputOption

  @Option(help: ArgumentHelp("Folder with the scripts of the plots.", valueName: "dir"))
  var plots: String?

  @OptionGroup var work: WorkOptions
}

/// `-o` of a project.
struct OutputOption: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Folder for the products; default: elnath-out beside the project file.", valueName: "dir"))
  var folder: String?

  func validate() throws {
    if folder?.isEmpty == true { throw ValidationError("-o: give the name of a folder") }
  }
}

/// A command that works on a project, or in one of its forms does.
protocol WorkCommand: TalkingCommand, Sendable {
  var work: WorkOptions { get }
  /// The project file; nil in a form without one.
  var projectFile: String? { get }
  /// Folder for the products; nil for the usual one.
  var output: String? { get }
  /// Folder of the scripts of the plots; nil for the usual one.
  var plots: String? { get }
  /// Settings that options of the command stand for.
  var named: [NamedSetting] { get }
  /// What `--dry-run` does in a form without a project.
  func lookWithoutProject() throws
}

extension WorkCommand {
  var talk: TalkOptions { work.talk }
  var plots: String? { nil }
  var named: [NamedSetting] { [] }
  func lookWithoutProject() throws {}

  /// Reads the project file and all headers.
  func open() throws -> Workspace {
    try Workspace(
      work.settings.project(projectFile, options: named),
      options: Workspace.Options(
        output: output, jobs: work.jobs.count, memory: work.memory?.bytes, catalogs: work.catalogs.folder,
        plots: plots, writes: !work.dryRun),
      log: work.logger, progress: work.progress)
  }
}

/// A command that only ever works on a project.
protocol ProjectCommand: WorkCommand {
  var options: ProjectOptions { get }
}

extension ProjectCommand {
  var work: WorkOptions { options.work }
  var projectFile: String? { options.project }
  var output: String? { options.output.folder }
  var plots: String? { options.plots }
}

/// A command that works on a project or on bare frames.
protocol FramesCommand: WorkCommand {
  /// One project file, or FITS images.
  var files: [String] { get }
  /// Of bare frames: name of the camera's profile, or its path; nil for the one that recognises the headers.
  var camera: String? { get }
  /// Of bare frames: path of what is written; nil where nothing is.
  var product: String? { get }
}

extension FramesCommand {
  var projectFile: String? { files.count == 1 && Self.isProject(files[0]) ? files[0] : nil }
  var isProject: Bool { projectFile != nil }
  var camera: String? { nil }

  func lookWithoutProject() throws {
    if let product { _ = try OutputFolder.holding(product) }
    Console.tell(try BareFiles(files, catalog: work.catalogs.profiles(), camera: camera).lines)
    DryRun.wouldWrite(product ?? "to standard output alone")
  }

  /// A project file among other files.
  var mixedProject: String? { files.count > 1 ? files.first(where: Self.isProject) : nil }

  private static func isProject(_ file: String) -> Bool { file.lowercased().hasSuffix(".toml") }
}
