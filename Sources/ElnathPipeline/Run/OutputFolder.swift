#if canImport(Glibc)
  import Glibc
#endif

/// Folders for products.
public enum OutputFolder {
  /// Makes the folder ready for products, without what a killed program left in it.
  static func create(_ path: String) throws(PipelineError) {
    try make(path)
    AtomicFile.removeLeftovers(in: path)
  }

  /// The folder that a single product is to be written into, absolute; throws where it is not there.
  public static func holding(_ path: String) throws(PipelineError) -> String {
    let folder = ProjectFolder.split(ProjectFolder(".").absolute(path)).folder
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw PipelineError(.cannotCreate, path, "its folder does not exist; create it first")
    }
    guard access(folder, W_OK) == 0 else { throw FileFault.writing(path) }
    return folder
  }

  /// Makes the folder and those above it; throws where it cannot be made or nothing can be written to it.
  static func make(_ path: String) throws(PipelineError) {
    var partial = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      partial += partial.isEmpty || partial.hasSuffix("/") ? String(part) : "/" + part
      if mkdir(partial, 0o777) != 0 && errno != EEXIST && errno != EISDIR {
        throw FileFault.writing(partial)
      }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileFault.writing(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw PipelineError(.cannotCreate, path, "is a file, not a folder; choose another place with -o DIR")
    }
    guard access(path, W_OK) == 0 else { throw FileFault.writing(path) }
  }
}
