import ArgumentParser
import ElnathPipeline
import FoundationEssentials

/// `elnath init`: a project file to start from.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented PROJECT.toml from the headers of the images in a folder.")

  @Argument(help: "The folder with the images; folders below it are searched too.")
  var folder = "."

  @Option(help: "Camera profile, by name or path; otherwise the one that recognises the headers.")
  var camera: String?

  @Flag(help: "Overwrite a project file that exists.")
  var force = false

  @Option(help: "Folder of camera and observatory profiles.")
  var catalogs: String?

  func run() async throws {
    let (options, project) = (self, ProjectFolder(folder))
    try await perform {
      let path = project.absolute(InitStage.fileName)
      guard options.force || !FileManager.default.fileExists(atPath: path) else {
        throw PipelineError(.cannotCreate, path, "exists already; give --force to overwrite it")
      }
      try CatalogLocator.check(chosen: options.catalogs, option: "--catalogs")
      let locator = CatalogLocator("catalogs", chosen: options.catalogs, project: project)
      let catalog = ProfileCatalog(locator: locator, project: ProjectFolder("."))
      let draft = try InitStage(folder: project, camera: options.camera, catalog: catalog)()
      try AtomicFile.write(draft.text, to: path)
      for line in ScanSummary(draft.scan).lines { print(Console.printable(line)) }
      print(Console.printable("written: \(path)"))
      return .done
    }
  }
}
