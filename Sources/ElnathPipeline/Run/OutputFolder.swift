#if canImport(Glibc)
  import Glibc
#endif

/// Folders for products.
enum OutputFolder {
  /// Makes the folder ready for products, without what a killed program left in it.
  static func create(_ path: String) throws(PipelineError) {
    try make(path)
    AtomicFile.removeLeftovers(in: path)
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
