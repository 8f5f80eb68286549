/// Why a FITS file could not be read or written.
public struct FITSError: Error, Sendable, Equatable {
  /// What kind of failure it is.
  public enum Code: String, Sendable, CaseIterable {
    case cannotOpen
    /// A directory, FIFO, socket or device.
    case notRegularFile
    case permission
    case empty
    case notFITS
    /// The header or the data end before they should.
    case truncated
    /// The header contradicts itself, or a checksum does not agree.
    case damaged
    /// A FITS file, but not of a kind that is read.
    case unsupported
    case noImage
    case readFailed
    case writeFailed
    case diskFull
  }

  public var code: Code
  public var file: String
  /// What is wrong, with the value seen: a sentence without the file's name and without a full stop.
  public var message: String
  /// Status of cfitsio, or the system's error number; nil when neither was involved.
  public var status: Int32?

  public init(_ code: Code, file: String, _ message: String, status: Int32? = nil) {
    self.code = code
    self.file = file
    self.message = message
    self.status = status
  }
}

extension FITSError: CustomStringConvertible {
  public var description: String { "\(file): \(message)" }
}
