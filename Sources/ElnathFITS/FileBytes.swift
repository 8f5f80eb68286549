#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of one regular file, inflated where it was gzipped, read in place: no path ever reaches a C library.
final class FileBytes {
  let path: String
  /// Bytes on disk.
  let storedSize: Int
  private let descriptor: Int32
  private var inflater: GzipInflater?

  var isGzipped: Bool { inflater != nil }

  init(path: String) throws(FITSError) {
    self.path = path
    (descriptor, storedSize) = try Self.openRegular(path)
    var magic: [UInt8] = [0, 0]
    let isGzip = pread(descriptor, &magic, 2, 0) == 2 && magic == [0x1F, 0x8B]
    inflater = isGzip ? GzipInflater(descriptor: descriptor, path: path) : nil
  }

  /// An open descriptor and the size of the file, which is not empty.
  private static func openRegular(_ path: String) throws(FITSError) -> (descriptor: Int32, size: Int) {
    // Looked at before it is opened: opening a FIFO waits for ever, and opening some devices does something.
    var status = stat()
    let name = FileName.systemPath(path)
    guard stat(name, &status) == 0 else { throw .opening(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FITSError(.notRegularFile, file: path, "not a regular file (\(kind(status.st_mode)))")
    }
    let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .opening(path, errno) }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let failure = errno
      close(descriptor)
      throw .opening(path, failure)
    }
    guard status.st_size > 0 else {
      close(descriptor)
      throw FITSError(.empty, file: path, "empty file (0 bytes)")
    }
    return (descriptor, Int(status.st_size))
  }

  deinit {
    close(descriptor)
  }

  /// Fills `buffer` from `offset` on; fewer bytes are returned only where the file ends.
  ///
  /// A gzipped file is inflated as far as is asked for, and quick only when read from front to back.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FITSError) -> Int {
    if let inflater { return try inflater.read(into: buffer, at: offset) }
    var filled = 0
    while filled < buffer.count {
      let got = pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw FITSError(.readFailed, file: path, "cannot be read (\(systemMessage(errno)))", status: errno)
      }
      filled += got
    }
    return filled
  }

  /// Checks that `count` bytes of data can be there from `offset` on, before memory is set aside for them.
  func requireData(_ count: Int, at offset: Int) throws(FITSError) {
    if isGzipped {
      let (most, overflow) = storedSize.multipliedReportingOverflow(by: GzipInflater.largestRatio)
      guard overflow || count <= most else {
        throw FITSError(
          .truncated, file: path,
          "header promises \(count) bytes of data, gzip file of \(storedSize) bytes cannot hold it")
      }
      guard count <= GzipInflater.largestImage else {
        throw FITSError(.unsupported, file: path, "gzipped image is too large (\(count) bytes); decompress the file")
      }
    } else if storedSize - offset < count {
      throw .truncatedData(path, promised: count, found: max(0, storedSize - offset))
    }
  }

  /// Reads a gzipped file on to its end and its checksum; nothing for any other file.
  func verifyRest() throws(FITSError) {
    try inflater?.verifyRest()
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "directory"
    case S_IFIFO: "FIFO"
    case S_IFSOCK: "socket"
    default: "device"
    }
  }
}

extension FITSError {
  static func opening(_ path: String, _ failure: Int32) -> FITSError {
    let code: Code = failure == EACCES || failure == EPERM ? .permission : .cannotOpen
    return FITSError(code, file: path, "cannot be opened (\(systemMessage(failure)))", status: failure)
  }

  static func truncatedData(_ path: String, promised: Int, found: Int) -> FITSError {
    FITSError(.truncated, file: path, "truncated: header promises \(promised) bytes of data, file has \(found)")
  }
}

func systemMessage(_ failure: Int32) -> String {
  strerror(failure).map { String(cString: $0) } ?? "error \(failure)"
}
