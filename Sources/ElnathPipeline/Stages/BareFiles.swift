import ElnathCore
import FoundationEssentials

/// Files that are worked on as they are, without a project: their headers, read by the camera that recognises them.
public struct BareFiles: Sendable {
  let profile: CameraProfile
  let headers: [ReadHeader]
  /// In the order of the names.
  let scanned: [ScannedFile]

  /// Throws where none of the files exists; one that cannot be read stands in `scanned` with the reason.
  ///
  /// - Parameters:
  ///   - files: paths, relative to the current folder.
  ///   - camera: name of a profile, or its path; nil for the one that recognises the headers, else the generic one.
  ///   - stated: what wins over header and profile.
  public init(
    _ files: [String], catalog: ProfileCatalog, camera: String? = nil, stated: InputSettings = InputSettings()
  ) throws(PipelineError) {
    let folder = ProjectFolder(".")
    guard files.contains(where: { FileManager.default.fileExists(atPath: folder.absolute($0)) }) else {
      throw PipelineError(.noInput, files.first ?? "", "no such file, nor any other that is named; check the paths")
    }
    headers = files.map { ReadHeader($0, folder: folder) }
    let generic = try catalog.camera(ProfileCatalog.base)
    if let camera {
      profile = try catalog.camera(camera)
    } else {
      profile = try catalog.recognise(headers.lazy.compactMap(\.header)) ?? generic
    }
    let decoder = HeaderDecoder(profile: profile, project: stated, home: nil, generic: generic)
    scanned = headers.map { $0.decoded(by: decoder, listed: .light) }
  }

  /// For people: how many are images, of which sizes and by which camera, then what is wrong with the others.
  public var lines: [String] {
    let readable = scanned.filter { $0.error == nil }.map(\.observation)
    var counts: [PixelSize: Int] = [:]
    for image in readable { counts[PixelSize(width: image.width, height: image.height), default: 0] += 1 }
    let sizes = counts.sorted { ($0.value, $0.key.width) > ($1.value, $1.key.width) }.map {
      "\($0.value) of \($0.key) px"
    }
    return [
      "camera: \(profile.name), \(profile.title)",
      "\(readable.count) of \(scanned.count) files are images"
        + (sizes.isEmpty ? "" : ": " + sizes.joined(separator: ", ")),
    ] + scanned.compactMap { file in file.error.map { "left out: \(file.observation.file): \($0)" } }
  }
}
