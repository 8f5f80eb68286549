import ArgumentParser
import ElnathPipeline
import FoundationEssentials

/// `elnath init`: a project file to start from.
struct InitCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "init", "Write a commented PROJECT.toml from the headers of the images in a folder.",
    examples: [
      Example("elnath init night1", "writes night1/PROJECT.toml"),
      Example("elnath init night1 --camera hdi", "where the headers do not tell the camera"),
      Example("elnath init night1 --dry-run", "shows what it would write"),
    ])

  @Argument(help: "The folder with the images; folders below it are searched too.")
  var folder = "."

  @Option(help: "Camera profile, by name or path; otherwise the one that recognises the headers.")
  var camera: String?

  @Flag(help: "Overwrite a project file that exists.")
  var force = false

  @OptionGroup var catalogs: CatalogsOption

  @Flag(help: "Print the project file instead of writing it.")
  var dryRun = false

  @OptionGroup var talk: TalkOptions

  func run() async throws {
    let (options, project) = (self, ProjectFolder(folder))
    try await perform {
      let path = project.absolute(InitStage.fileName)
      guard options.force || options.dryRun || !FileManager.default.fileExists(atPath: path) else {
        throw PipelineError(.cannotCreate, path, "exists already; give --force to overwrite it")
      }
      let catalog = try options.catalogs.profiles(for: project)
      let draft = try InitStage(folder: project, camera: options.camera, catalog: catalog)()
      if options.dryRun {
        Console.tell(draft.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
        return .done
      }
      try AtomicFile.write(draft.text, to: path)
      if !options.talk.quiet { Console.tell(ScanSummary(draft.scan).lines + ["written: \(path)"]) }
      Report.shared.note(file: path)
      if let next = NextCommand.after("init", project: path) { Report.shared.note(next: next) }
      return .done
    }
  }
}
