import ElnathFITS
import FoundationEssentials

/// The camera and observatory profiles that can be found.
public struct ProfileCatalog: Sendable {
  public let locator: CatalogLocator
  /// Where paths to profiles start.
  public let project: ProjectFolder

  static let ending = ".toml"
  /// The profile under every other one.
  static let base = "generic"

  public init(locator: CatalogLocator, project: ProjectFolder) {
    self.locator = locator
    self.project = project
  }

  /// The camera profile of this name, or of the file at this path.
  public func camera(_ name: String) throws(PipelineError) -> CameraProfile {
    let found = try file(name, in: "cameras", key: "camera")
    guard let base = locator.file("cameras/" + Self.base + Self.ending) else {
      throw missing(Self.base, in: "cameras", key: "camera")
    }
    var profile = try Self.decode(CameraProfile(), from: base == found.path ? [base] : [base, found.path])
    profile.name = found.name
    return profile
  }

  /// The observatory profile of this name, or of the file at this path.
  public func observatory(_ name: String) throws(PipelineError) -> ObservatoryProfile {
    let found = try file(name, in: "observatories", key: "observatory")
    var profile = try Self.decode(ObservatoryProfile(), from: [found.path])
    profile.name = found.name
    return profile
  }

  /// Every camera profile that can be found, by name.
  public func cameras() throws(PipelineError) -> [CameraProfile] {
    var profiles: [CameraProfile] = []
    for name in names(in: "cameras") { profiles.append(try camera(name)) }
    return profiles
  }

  /// The profile that recognises the first header that any recognises; nil when none does.
  public func recognise(_ headers: some Sequence<FITSHeader>) throws(PipelineError) -> CameraProfile? {
    let known = try cameras().filter { !$0.recognise.isEmpty }
    for header in headers {
      // Of several the one that asks for most is the most special.
      let matching = known.filter { $0.recognises(header) }
      if let best = matching.max(by: { $0.recognise.count < $1.recognise.count }) { return best }
    }
    return nil
  }

  /// Every observatory profile that can be found, by name.
  public func observatories() throws(PipelineError) -> [ObservatoryProfile] {
    var profiles: [ObservatoryProfile] = []
    for name in names(in: "observatories") { profiles.append(try observatory(name)) }
    return profiles
  }

  private func names(in folder: String) -> [String] {
    locator.files(in: folder, ending: Self.ending).map(\.name)
  }

  private func file(_ name: String, in folder: String, key: String) throws(PipelineError) -> (
    name: String, path: String
  ) {
    if name.contains("/") || name.hasSuffix(Self.ending) {
      let path = project.absolute(name)
      let last = ProjectFolder.split(path).name
      let short = last.hasSuffix(Self.ending) ? String(last.dropLast(Self.ending.count)) : last
      if FileManager.default.fileExists(atPath: path) { return (short, path) }
      throw PipelineError(.noInput, path, "no such file (input.\(key) = \"\(name)\"); check the path")
    }
    if let path = locator.file("\(folder)/\(name)\(Self.ending)") { return (name, path) }
    throw missing(name, in: folder, key: key)
  }

  private func missing(_ name: String, in folder: String, key: String) -> PipelineError {
    let known = names(in: folder)
    guard !known.isEmpty else {
      return PipelineError(
        .configuration, "catalogs/\(folder)",
        "not found in \(locator.folders.joined(separator: ", ")); give --catalogs DIR or set ELNATH_HOME")
    }
    let nearest = Spelling.nearest(name, among: known).map { "; did you mean \"\($0)\"?" } ?? ";"
    return PipelineError(
      .configuration, "input.\(key)",
      "no profile \"\(name)\"\(nearest) Known: \(known.joined(separator: ", ")); or give the path of a .toml file")
  }

  /// `defaults` with the given files laid over it, the later over the earlier.
  private static func decode<T: Codable>(_ defaults: T, from paths: [String]) throws(PipelineError) -> T {
    var tree = SettingsTree.encode(defaults)
    for path in paths {
      tree = tree.merged(with: try SettingsTree.parse(toml: try FileBytes.text(of: path), file: path))
    }
    return try tree.decode(T.self, file: paths.last ?? "")
  }
}

extension CameraProfile {
  func recognises(_ header: FITSHeader) -> Bool {
    !recognise.isEmpty
      && recognise.allSatisfy { keyword, patterns in
        let text = header.text(keyword)?.withoutOuterBlanks ?? ""
        return patterns.contains { NamePattern($0).matches(text, ignoringCase: true) }
      }
  }
}
