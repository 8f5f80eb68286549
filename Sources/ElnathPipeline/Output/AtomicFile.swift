import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

/// Files that are either whole or not there: written under another name in the same folder, then renamed.
public enum AtomicFile {
  /// Writes or replaces the file. After an error the old file is untouched and nothing new is left behind.
  /// The folder must exist.
  public static func write(_ bytes: [UInt8], to path: String) throws(PipelineError) {
    try write(pieces: CollectionOfOne(bytes), to: path)
  }

  /// The same in pieces, for what is better not held in memory as a whole.
  public static func write(pieces: some Sequence<[UInt8]>, to path: String) throws(PipelineError) {
    do throws(FITSError) {
      let pending = try PendingFile(path: path)
      for piece in pieces { try pending.write(piece) }
      try pending.commit()
    } catch {
      throw FileFault.writing(path, error.status ?? EIO)
    }
  }

  public static func write(_ text: String, to path: String) throws(PipelineError) {
    try write(Array(text.utf8), to: path)
  }

  /// Removes a file; one that is not there is no failure.
  static func remove(_ path: String) { unlink(path) }

  /// Removes what a killed program left in a folder, so it is called before anything is written there.
  public static func removeLeftovers(in folder: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(".elnath-") && name.hasSuffix(".tmp") { unlink(folder + "/" + name) }
    }
  }
}
