import ElnathCore
import FoundationEssentials

/// Looks through a folder of images and drafts a project file for them.
public struct InitStage: Sendable {
  public static let name = "init"

  /// Name of the file that a project starts from.
  public static let fileName = "PROJECT.toml"

  public let folder: ProjectFolder
  /// The profile to use; nil for the one that recognises the headers.
  public let camera: String?
  public let catalog: ProfileCatalog

  public init(folder: ProjectFolder, camera: String? = nil, catalog: ProfileCatalog) {
    self.folder = folder
    self.camera = camera
    self.catalog = catalog
  }

  /// The project file for the images in the folder and below it; without any image an error.
  public func callAsFunction() throws(PipelineError) -> ProjectDraft {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder else {
      throw PipelineError(.noInput, folder.path, "no such folder; create it and put the images there")
    }
    let found = try ScanInputs(folder: folder).files(["**"]).paths
    let headers = found.map { ReadHeader($0, folder: folder) }
    guard headers.contains(where: { $0.header != nil }) else {
      let seen = headers.isEmpty ? "no FITS images" : "no readable one among \(headers.count) FITS images"
      throw PipelineError(
        .noInput, folder.path, "\(seen) here and in the folders below; name the folder that holds them")
    }
    let isRecognised = camera == nil
    let profile =
      if let camera { try catalog.camera(camera) } else { try catalog.recognise(headers.lazy.compactMap(\.header)) }
    let used = if let profile { profile } else { try catalog.camera(ProfileCatalog.base) }
    let home: ObservatoryProfile? = if let name = used.observatory { try catalog.observatory(name) } else { nil }

    let decoder = HeaderDecoder(profile: used, home: home)
    var files = headers.map { $0.decoded(by: decoder, listed: nil) }
    for index in files.indices where files[index].observation.kind == .unknown {
      files[index].observation.kind = kindOfFolder(files[index].observation.file, profile: used)
    }
    let scan = Scan(camera: used, files: files, badPixelMaps: [], problems: used.remarks)
    // A path given at the command line starts in the working directory, one in the project file in its folder.
    let isPath = camera?.contains("/") == true || camera?.hasSuffix(ProfileCatalog.ending) == true
    let entry = isPath ? folder.relative(catalog.project.absolute(camera ?? "")) : used.name
    return ProjectDraft(scan: scan, camera: entry, isRecognised: isRecognised && profile != nil)
  }

  /// Many observers sort by kind: where a header says nothing, the name of its folder may.
  private func kindOfFolder(_ file: String, profile: CameraProfile) -> Observation.Kind {
    let name = ProjectFolder.split(ProjectFolder.split(file).folder).name
    return profile.kind.files.kind(of: name) ?? .unknown
  }
}
