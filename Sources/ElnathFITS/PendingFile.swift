#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that appears under its name only when it is complete: it is written under a name of its own, `.elnath-*.tmp`
/// in the same folder, flushed to disk and renamed. Without `commit` nothing stays behind, and an older file stays.
public final class PendingFile {
  /// Where the file will stand.
  public let path: String
  /// Where it is to be written until then: an empty file, made to see that one can be made. Never starts with a blank
  /// or a tilde, in which cfitsio sees more than a letter.
  public let temporary: String

  /// Throws what the system has against a new file in the folder of `path`.
  public init(path: String) throws(FITSError) {
    self.path = path
    let folder = Self.folder(of: path)
    var temporary = ""
    var descriptor: Int32 = -1
    repeat {
      let number = String(UInt64.random(in: 0 ... .max), radix: 36)
      temporary = folder + ".elnath-\(number).tmp"
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    } while descriptor < 0 && errno == EEXIST
    guard descriptor >= 0 else { throw .writing(path, errno) }
    close(descriptor)
    self.temporary = temporary
  }

  deinit {
    unlink(temporary)
  }

  /// Adds to what the file holds, for files that no library writes.
  public func write(_ bytes: [UInt8]) throws(FITSError) {
    let failure = Self.withDescriptor(of: temporary) { descriptor in
      bytes.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let put = systemWrite(descriptor, bytes.baseAddress! + written, bytes.count - written)
          if put < 0 && errno == EINTR { continue }
          guard put > 0 else { return put < 0 ? errno : EIO }
          written += put
        }
        return 0
      }
    }
    if failure != 0 { throw .writing(path, failure) }
  }

  /// Puts the complete file in its place; call it once.
  public func commit() throws(FITSError) {
    let failure = Self.withDescriptor(of: temporary) { fsync($0) == 0 ? 0 : errno }
    if failure != 0 { throw .writing(path, failure) }
    guard rename(temporary, path) == 0 else { throw .writing(path, errno) }
    // The new name is on disk only with its folder; a file system that cannot do that has done what it can.
    let directory = open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Opens and closes the file around `body`. Returns the first error number of all three, or 0.
  private static func withDescriptor(of path: String, _ body: (Int32) -> Int32) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    let failure = body(descriptor)
    let isClosed = close(descriptor) == 0
    return failure == 0 && !isClosed ? errno : failure
  }

  /// With a slash at its end, and a slash or a dot at its start.
  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "./" }
    let folder = String(path[...slash])
    return folder.hasPrefix("/") ? folder : "./" + folder
  }
}

extension FITSError {
  /// `failure` is the system's error number.
  static func writing(_ path: String, _ failure: Int32) -> FITSError {
    let code: Code =
      switch failure {
      case ENOSPC, EDQUOT, EFBIG: .diskFull
      case EACCES, EPERM, EROFS: .permission
      default: .writeFailed
      }
    return FITSError(code, file: path, "cannot be written (\(systemMessage(failure)))", status: failure)
  }
}

/// The system's call of a name that methods here have too.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
