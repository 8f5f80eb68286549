import ElnathCore
import ElnathFITS

/// Reads the headers of all input files: what they are, when and how they were taken.
public struct ScanStage: Sendable {
  public static let name = "scan"

  public let settings: InputSettings
  public let catalog: ProfileCatalog

  /// - Parameter catalog: the profiles, and the folder that the lists of files are relative to.
  public init(_ settings: InputSettings, catalog: ProfileCatalog) {
    self.settings = settings
    self.catalog = catalog
  }

  /// Files that cannot be read stand in the result with the reason. Throws when there are no lights at all, and for
  /// list files, cameras and observatories that do not exist.
  public func callAsFunction() throws(PipelineError) -> Scan {
    try settings.check()
    let inputs = ScanInputs(folder: catalog.project)
    let observatory = try namedObservatory(settings.observatory)
    var problems: [String] = []
    let lists = try ScanLists(settings, inputs: inputs)
    problems += lists.problems
    let badPixels = try inputs.files(settings.badPixels)
    problems += badPixels.unmatched.map { "input.bad_pixels: \"\($0)\" matches no file" }
    let headers = lists.files.map { ReadHeader($0.path, folder: catalog.project, choice: settings.imageExtension) }

    let telling = zip(lists.files, headers).filter { $0.0.kind == .light || $0.0.kind == nil }.map(\.1)
    let camera = try self.camera(of: telling, &problems)
    problems += camera.remarks.map { "camera \(camera.name): \($0)" }
    let decoder = HeaderDecoder(
      profile: try camera.reading(settings.map), project: settings, observatory: observatory,
      home: try namedObservatory(camera.observatory), generic: try catalog.camera(ProfileCatalog.base))
    let files = ScanKinds(lists.files, headers: headers, decoder: decoder)
    problems += files.problems
    guard files.files.contains(where: { $0.observation.kind == .light }) else { throw noLights(lists) }
    return Scan(
      camera: camera, files: files.files, badPixelMaps: badPixels.paths.map(catalog.project.absolute),
      problems: problems)
  }

  private func noLights(_ lists: ScanLists) -> PipelineError {
    let entries = settings.lights + settings.files
    let seen =
      entries.isEmpty
      ? "the list is empty"
      : lists.files.isEmpty ? "\(entries) matches no file" : "none among the \(lists.files.count) files that are named"
    return PipelineError(
      .noInput, "input.lights", "no light frames: \(seen) in \(catalog.project.path); name files, globs or folders")
  }

  /// The profile that the project names, else the one that recognises the lights, else the generic one.
  private func camera(of lights: [ReadHeader], _ problems: inout [String]) throws(PipelineError) -> CameraProfile {
    if let name = settings.camera { return try catalog.camera(name) }
    let found = try catalog.recognise(lights.lazy.compactMap(\.header))
    if let found {
      problems.append("no input.camera; the headers are those of \"\(found.name)\", which is used")
      return found
    }
    problems.append("no input.camera, and no profile recognises the headers; \"\(ProfileCatalog.base)\" is used")
    return try catalog.camera(ProfileCatalog.base)
  }

  private func namedObservatory(_ name: String?) throws(PipelineError) -> ObservatoryProfile? {
    guard let name else { return nil }
    return try catalog.observatory(name)
  }
}

/// A file whose header has been read, or could not be.
struct ReadHeader: Sendable {
  /// As it stands in tables.
  let file: String
  let path: String
  /// What the frame consists of, or may; empty where the file cannot be read.
  let images: [FITSImageHeader]
  /// Units of variance and mask of a frame that was reduced before; nil for a raw one.
  let planes: (variance: Int, mask: Int)?
  let error: String?

  var header: FITSHeader? { images.first?.header }

  /// - Parameter choice: the image to take of a file with several.
  init(_ file: String, folder: ProjectFolder, choice: ImageExtension? = nil) {
    self.file = file
    path = folder.absolute(file)
    do {
      (images, planes, error) = try Self.read(path, choice: choice)
    } catch {
      (images, planes) = ([], nil)
      self.error = error.message
    }
  }

  private typealias Contents = (images: [FITSImageHeader], planes: (variance: Int, mask: Int)?, error: String?)

  private static func read(_ path: String, choice: ImageExtension?) throws(FITSError) -> Contents {
    guard let choice else {
      let images = try FITSFile.readImageHeaders(path: path)
      return (images, try ReducedFile.planes(of: images[0], path: path), nil)
    }
    let all = try FITSFile.readAllImageHeaders(path: path)
    let images = all.filter { choice.isImage(unit: $0.unit, name: $0.name) }
    if images.count == 1 { return (images, nil, nil) }
    let known = all.map { "\($0.unit)\($0.name.isEmpty ? "" : " '\($0.name)'")" }.joined(separator: ", ")
    let found = images.isEmpty ? "no image" : "\(images.count) images"
    return ([], nil, "holds \(found) of extension \(choice), which the project names (it has \(known))")
  }

  func decoded(by decoder: HeaderDecoder, listed: Observation.Kind?) -> ScannedFile {
    guard error == nil, let image = images.first else { return refused(error ?? "no header", listed) }
    let result =
      planes.map { decoder.decodeReduced(image, file: file, planes: $0, listed: listed) }
      ?? decoder.decode(
        image.header, file: file, width: image.width, height: image.height, images: images, listed: listed)
    if let refusal = result.refusal { return refused(refusal, result.observation.kind) }
    var scanned = ScannedFile(
      observation: result.observation, path: path, flags: result.flags,
      instrument: image.header.text("INSTRUME") ?? "")
    scanned.contentMark = contentMark
    return scanned
  }

  private func refused(_ reason: String, _ kind: Observation.Kind?) -> ScannedFile {
    var observation = Observation(file: file, kind: kind ?? .unknown, width: 0, height: 0)
    observation.problems = [reason]
    return ScannedFile(observation: observation, path: path, error: reason, flags: .unreadable)
  }
}
