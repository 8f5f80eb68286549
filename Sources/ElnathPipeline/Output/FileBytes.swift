import ElnathFITS

#if canImport(Glibc)
  import Glibc
#endif

/// Whole small files: project files, catalogues, tables.
public enum FileBytes {
  /// All bytes of a regular file; anything else (a folder, a pipe, a device) is refused rather than waited for.
  public static func read(_ path: String) throws(PipelineError) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFault.reading(path) }
    let size = Int(status.st_size)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if got < 0 && errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { break }
        count += got
      }
    }
    if failed { throw FileFault.reading(path) }
    return bytes
  }

  /// The file as UTF-8 text, without a byte-order mark.
  public static func text(of path: String) throws(PipelineError) -> String {
    var bytes = try read(path)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PipelineError(.configuration, path, "not UTF-8 text; save it with that encoding")
    }
    return text
  }

  /// Opens a regular file for reading; the caller closes it.
  static func open(_ path: String) throws(PipelineError) -> Int32 {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    let descriptor = Glibc.open(FileName.systemPath(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.reading(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw PipelineError(.badData, path, isFolder ? "is a folder; name a file in it" : "not a regular file")
    }
    return descriptor
  }
}

/// What the system said, as an error with the right exit status.
enum FileFault {
  static func reading(_ path: String, _ code: Int32 = errno) -> PipelineError {
    let kind: PipelineError.Code =
      switch code {
      case EACCES, EPERM: .permission
      case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: .noInput
      default: .inputOutput
      }
    return PipelineError(kind, path, "cannot be read: \(words(code))")
  }

  /// What the writer of FITS files says.
  static func writing(_ error: FITSError, _ path: String) -> PipelineError {
    let kind: PipelineError.Code =
      switch error.code {
      case .diskFull, .writeFailed: .inputOutput
      case .permission: .permission
      default: .cannotCreate
      }
    return PipelineError(kind, path, error.message, underlying: error)
  }

  static func writing(_ path: String, _ code: Int32 = errno) -> PipelineError {
    let kind: PipelineError.Code =
      switch code {
      case EACCES, EPERM: .permission
      case ENOSPC, EDQUOT, EFBIG, EIO: .inputOutput
      default: .cannotCreate
      }
    return PipelineError(kind, path, "cannot be written: \(words(code))")
  }

  private static func words(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file or folder"
    case ENOSPC: "the disk is full"
    case EDQUOT: "the disk quota is used up"
    case EACCES, EPERM: "permission denied"
    default: strerror(code).map { String(cString: $0).lowercased() } ?? "system error \(code)"
    }
  }
}
