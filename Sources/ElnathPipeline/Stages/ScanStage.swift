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
    let listed = try list(inputs, &problems)
    let badPixels = try inputs.files(settings.badPixels)
    problems += badPixels.unmatched.map { "input.bad_pixels: \"\($0)\" matches no file" }
    let headers = listed.map { ReadHeader($0.path, folder: catalog.project) }

    let camera = try self.camera(of: zip(listed, headers).filter { $0.0.kind == .light }.map(\.1), &problems)
    let decoder = HeaderDecoder(
      profile: camera, project: settings, observatory: observatory, home: try namedObservatory(camera.observatory))
    return Scan(
      camera: camera, files: zip(listed, headers).map { $1.decoded(by: decoder, listed: $0.kind) },
      badPixelMaps: badPixels.paths.map(catalog.project.absolute), problems: problems)
  }

  private typealias Listed = (path: String, kind: Observation.Kind)

  /// All files, each under one kind. A file of a calibration list that the lights' glob takes in as well is no light.
  private func list(_ inputs: ScanInputs, _ problems: inout [String]) throws(PipelineError) -> [Listed] {
    let lists: [(key: String, kind: Observation.Kind, entries: [String])] = [
      ("biases", .bias, settings.biases), ("darks", .dark, settings.darks), ("flats", .flat, settings.flats),
      ("lights", .light, settings.lights),
    ]
    var listed: [Listed] = []
    var seen: [String: Observation.Kind] = [:]
    for list in lists {
      let (paths, unmatched) = try inputs.files(list.entries)
      problems += unmatched.map { "input.\(list.key): \"\($0)\" matches no file" }
      for path in paths {
        let identity = inputs.identity(path)
        if let kind = seen[identity] {
          if list.kind != .light {
            problems.append("\(path) is listed as \(kind) and as \(list.kind); taken as \(kind)")
          }
          continue
        }
        seen[identity] = list.kind
        listed.append((path, list.kind))
      }
    }
    guard listed.contains(where: { $0.kind == .light }) else {
      let seen = settings.lights.isEmpty ? "the list is empty" : "\(settings.lights) matches no file"
      throw PipelineError(
        .noInput, "input.lights", "no light frames: \(seen) in \(catalog.project.path); name files, globs or folders")
    }
    return listed
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
  let header: FITSHeader?
  let width: Int
  let height: Int
  let error: String?

  init(_ file: String, folder: ProjectFolder) {
    self.file = file
    path = folder.absolute(file)
    do {
      let read = try FITSFile.readHeader(path: path)
      (header, width, height, error) = (read.header, read.width, read.height, nil)
    } catch {
      (header, width, height) = (nil, 0, 0)
      self.error = error.message
    }
  }

  func decoded(by decoder: HeaderDecoder, listed: Observation.Kind?) -> ScannedFile {
    guard let header else {
      let reason = error ?? "no header"
      var observation = Observation(file: file, kind: listed ?? .unknown, width: 0, height: 0)
      observation.problems = [reason]
      return ScannedFile(observation: observation, path: path, error: reason, flags: .unreadable)
    }
    let result = decoder.decode(header, file: file, width: width, height: height, listed: listed)
    return ScannedFile(observation: result.observation, path: path, error: nil, flags: result.flags)
  }
}
