import FoundationEssentials

/// The folder of a project file, against which all paths of the project are read and written.
public struct ProjectFolder: Sendable, Equatable {
  /// Absolute, without a slash at the end (but for the root).
  public let path: String

  /// The folder at `path`, which may be relative to the working directory.
  public init(_ path: String) {
    let working = FileManager.default.currentDirectoryPath
    self.path = Self.normalised(path.hasPrefix("/") ? path : working + "/" + path)
  }

  /// The folder that holds `projectFile`.
  public init(ofFile projectFile: String) {
    self.init(Self.split(projectFile).folder)
  }

  /// The absolute path of a path as it stands in the project.
  public func absolute(_ path: String) -> String {
    Self.normalised(path.hasPrefix("/") ? path : self.path + "/" + path)
  }

  /// A path as it stands in tables: relative to the folder where it was written so or lies inside, else absolute.
  public func relative(_ path: String) -> String {
    guard path.hasPrefix("/") else { return Self.normalised(path) }
    let whole = Self.normalised(path)
    let start = self.path == "/" ? "/" : self.path + "/"
    return whole.hasPrefix(start) ? String(whole.dropFirst(start.count)) : whole
  }

  /// Without empty and `.` components, and with `x/..` taken out. Empty becomes `.`.
  public static func normalised(_ path: String) -> String {
    let rooted = path.hasPrefix("/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !rooted {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return rooted ? "/" + joined : (joined.isEmpty ? "." : joined)
  }

  /// Folder (`.` for none) and last component of a path.
  public static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }
}
