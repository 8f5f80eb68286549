import ElnathFITS
import ElnathTestSupport
import FoundationEssentials

@testable import ElnathPipeline

/// Where the package lies.
let packageFolder = ProjectFolder(ProjectFolder.split(#filePath).folder + "/../..")

/// The profiles of the package, for a project in `folder`.
func packageCatalog(project folder: ProjectFolder = packageFolder) -> ProfileCatalog {
  let locator = CatalogLocator(
    "catalogs", chosen: packageFolder.absolute("catalogs"), project: folder, home: nil, program: "/nowhere/bin/elnath")
  return ProfileCatalog(locator: locator, project: folder)
}

/// A folder for one test with the means to put a project into it.
final class TestFolder: Sendable {
  private let temporary: TemporaryFolder
  let folder: ProjectFolder

  init() throws {
    temporary = try TemporaryFolder()
    folder = ProjectFolder(temporary.path)
  }

  func write(_ name: String, _ text: String) throws {
    try makeFolder(of: name)
    try Data(text.utf8).write(to: URL(filePath: folder.absolute(name)))
  }

  /// A small image with the given cards.
  func writeImage(_ name: String, width: Int = 8, height: Int = 6, _ lines: [String] = []) throws {
    try makeFolder(of: name)
    let pixels = FITSPixels.uint16(Array(repeating: 100, count: width * height))
    let hdu = FITSHDU(width: width, height: height, pixels: pixels, cards: FITSHeader(lines: lines).cards)
    try FITSWriter.write([hdu], to: folder.absolute(name))
  }

  private func makeFolder(of name: String) throws {
    let path = ProjectFolder.split(folder.absolute(name)).folder
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
}
