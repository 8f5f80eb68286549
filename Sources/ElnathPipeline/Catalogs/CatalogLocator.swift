import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds the files of a shared folder (`catalogs` or `plots`) in the places where it may lie: the one named on the command
/// line, the project's folder, `ELNATH_HOME`, `share/elnath` beside the installed program, the checkout that holds the
/// built program. An earlier place hides files of the same name in later ones, file by file.
public struct CatalogLocator: Sendable {
  /// Folders that are searched, first one first; they need not exist.
  public let folders: [String]

  /// - Parameters:
  ///   - name: `catalogs` or `plots`.
  ///   - chosen: the folder named on the command line, which stands for the shared folder itself.
  ///   - project: the project's folder, where there is a project.
  ///   - home: value of `ELNATH_HOME`.
  ///   - program: absolute path of the running program.
  public init(
    _ name: String, chosen: String? = nil, project: ProjectFolder? = nil, home: String? = Self.homeOfEnvironment,
    program: String = Self.runningProgram
  ) {
    var folders: [String] = []
    if let chosen, !chosen.isEmpty { folders.append(ProjectFolder(chosen).path) }
    if let project { folders.append(project.absolute(name)) }
    if let home, !home.isEmpty { folders.append(ProjectFolder(home).absolute(name)) }
    var folder = ProjectFolder(ofFile: program).path
    folders.append(ProjectFolder.normalised(folder + "/../share/elnath/" + name))
    while folder != "/" {
      if FileManager.default.fileExists(atPath: folder + "/Package.swift") {
        folders.append(folder + "/" + name)
        break
      }
      folder = ProjectFolder.split(folder).folder
    }
    self.folders = folders
  }

  /// Path of the first file of this name, for example `cameras/hdi.toml`; nil when no place has it.
  public func file(_ name: String) -> String? {
    folders.lazy.map { $0 + "/" + name }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Files below `folder` with this ending, by name without it.
  public func files(in folder: String, ending: String) -> [(name: String, path: String)] {
    var found: [String: String] = [:]
    for place in folders.map({ $0 + "/" + folder }) {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
      where name.hasSuffix(ending) && !name.hasPrefix(".") {
        let short = String(name.dropLast(ending.count))
        if found[short] == nil { found[short] = place + "/" + name }
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Refuses a folder that the command line names under `option` and that is none.
  public static func check(chosen: String?, option: String) throws(PipelineError) {
    guard let chosen else { return }
    var isFolder = false
    if FileManager.default.fileExists(atPath: chosen, isDirectory: &isFolder), isFolder { return }
    throw PipelineError(
      .noInput, "\(option) \(chosen)", "no such folder; give an existing one, or leave the option out")
  }

  public static var homeOfEnvironment: String? { getenv("ELNATH_HOME").map { String(cString: $0) } }

  /// Absolute path of the program that runs, behind symbolic links.
  public static var runningProgram: String {
    let path = FileManager.default.fileExists(atPath: "/proc/self/exe") ? "/proc/self/exe" : CommandLine.arguments[0]
    guard let resolved = realpath(path, nil) else { return ProjectFolder(".").absolute(path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
