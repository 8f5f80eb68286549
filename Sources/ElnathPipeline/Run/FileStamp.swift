import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

/// Size and time of change of a file: a change shows in them without reading it.
struct FileStamp: Sendable, Hashable {
  /// Bytes.
  var size: Int
  /// Of the last change, since 1970.
  var seconds: Int
  var nanoseconds: Int

  init(size: Int, seconds: Int, nanoseconds: Int) {
    self.size = size
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Nil where there is no such file.
  init?(path: String) {
    var status = stat()
    guard stat(FileName.systemPath(path), &status) == 0 else { return nil }
    self.init(status)
  }

  fileprivate init(_ status: stat) {
    self.init(size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}

/// The files of a folder and of those in it, as they are now.
struct FolderSnapshot: Sendable {
  struct Entry: Sendable, Equatable {
    var stamp: FileStamp
    /// A file that was replaced is another one, however quickly that went.
    var number: UInt64
  }

  /// By path within the folder. Without hidden files.
  private(set) var entries: [String: Entry] = [:]

  init() {}

  init(_ folder: String) {
    Self.add(folder, as: "", to: &entries)
  }

  private static func add(_ folder: String, as prefix: String, to entries: inout [String: Entry]) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let item = readdir(directory) {
      let name = withUnsafeBytes(of: item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var status = stat()
      guard !name.hasPrefix("."), stat(folder + "/" + name, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where prefix.isEmpty: add(folder + "/" + name, as: name + "/", to: &entries)
      case S_IFREG: entries[prefix + name] = Entry(stamp: FileStamp(status), number: UInt64(status.st_ino))
      default: break
      }
    }
  }

  /// Makes these files what they are in another snapshot.
  mutating func take(_ names: [String], from other: FolderSnapshot) {
    for name in names { entries[name] = other.entries[name] }
  }

  /// Files that were written since then.
  func written(since earlier: FolderSnapshot) -> [String: FileStamp] {
    entries.filter { $0.value != earlier.entries[$0.key] }.mapValues(\.stamp)
  }
}
