import ArgumentParser
import ElnathPipeline

/// `elnath cameras`: the camera profiles that can be found.
struct CamerasCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cameras", abstract: "List the known cameras with gain, read noise and saturation.")

  @Option(help: "Folder of camera and observatory profiles.")
  var catalogs: String?

  func run() async throws {
    let locator = CatalogLocator("catalogs", chosen: catalogs, project: ProjectFolder("."))
    try await perform {
      let cameras = try ProfileCatalog(locator: locator, project: ProjectFolder(".")).cameras()
      for line in CameraList(cameras).lines { print(line) }
      return .done
    }
  }
}
