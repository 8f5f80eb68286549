import CCFITSIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Inflates a gzip file from front to back, no further than is asked for, so that a small file that would inflate to
/// gigabytes costs nothing. Members that follow each other are read as one stream (RFC 1952).
final class GzipInflater {
  /// Deflate cannot shrink by more than this factor.
  static let largestRatio = 1032
  /// Bytes of the largest image that is inflated.
  static let largestImage = 1 << 31
  /// Bytes that are inflated at most to find or to check something beyond the image.
  private static let furthest = 1 << 33

  private let descriptor: Int32
  private let path: String
  private var stream = z_stream()
  private var isOpen = false
  private var isAtEnd = false
  /// Place in the inflated stream.
  private var position = 0
  private var inputOffset: off_t = 0
  private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    if isOpen { inflateEnd(&stream) }
    input.deallocate()
  }

  /// Fills `buffer` from place `offset` of the inflated stream; short only where that ends.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FITSError) -> Int {
    if !isOpen || offset < position { try restart() }
    try skip(to: offset)
    return offset == position ? try inflate(into: buffer) : 0
  }

  /// Inflates to the end, where zlib compares the checksum; gives up without an error where the rest is very long.
  func verifyRest() throws(FITSError) {
    try skip(to: min(Self.furthest, 4 * position + (1 << 26)))
  }

  private func skip(to offset: Int) throws(FITSError) {
    guard offset > position else { return }
    guard offset <= Self.furthest else {
      throw FITSError(.unsupported, file: path, "gzip file inflates to more than \(Self.furthest) bytes; decompress it")
    }
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { scratch.deallocate() }
    while position < offset {
      let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(scratch.count, offset - position)])
      if try inflate(into: part) < part.count { return }
    }
  }

  private func restart() throws(FITSError) {
    if isOpen { inflateEnd(&stream) }
    stream = z_stream()
    position = 0
    inputOffset = 0
    isAtEnd = false
    // 16 asks for the gzip wrapping with its checksum.
    let status = inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    isOpen = status == Z_OK
    guard isOpen else {
      throw FITSError(.readFailed, file: path, "zlib cannot start (status \(status))", status: status)
    }
  }

  private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(FITSError) -> Int {
    var filled = 0
    while filled < buffer.count, !isAtEnd {
      if stream.avail_in == 0 { try refill() }
      let wanted = min(buffer.count - filled, 1 << 30)
      stream.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self) + filled
      stream.avail_out = UInt32(wanted)
      let status = CCFITSIO.inflate(&stream, Z_NO_FLUSH)
      filled += wanted - Int(stream.avail_out)
      switch status {
      case Z_OK: break
      case Z_STREAM_END: try nextMember()
      case Z_BUF_ERROR where stream.avail_in == 0:
        throw FITSError(.truncated, file: path, "gzip file ends within its data (\(position + filled) bytes inflated)")
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "status \(status)"
        throw FITSError(.damaged, file: path, "gzip data are damaged (\(reason))", status: status)
      }
    }
    position += filled
    return filled
  }

  /// After the end of a member: another one, or the end of the stream. Anything else behind it is padding.
  private func nextMember() throws(FITSError) {
    if stream.avail_in < 2 { try refill() }
    guard stream.avail_in >= 2, stream.next_in[0] == 0x1F, stream.next_in[1] == 0x8B else {
      isAtEnd = true
      return
    }
    inflateReset(&stream)
  }

  /// Moves unread input to the front and fills up behind it.
  private func refill() throws(FITSError) {
    let kept = Int(stream.avail_in)
    if kept > 0 { memmove(input.baseAddress!, stream.next_in, kept) }
    var got = 0
    repeat {
      got = pread(descriptor, input.baseAddress! + kept, input.count - kept, inputOffset)
    } while got < 0 && errno == EINTR
    guard got >= 0 else {
      throw FITSError(.readFailed, file: path, "cannot be read (\(systemMessage(errno)))", status: errno)
    }
    inputOffset += off_t(got)
    stream.next_in = input.baseAddress!
    stream.avail_in = UInt32(kept + got)
  }

  /// True when `stream` is one gzip member, whole and sound, of at most `limit` bytes inflated.
  static func canInflate(_ bytes: UnsafeRawBufferPointer, toAtMost limit: Int) -> Bool {
    var stream = z_stream()
    guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return false
    }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: bytes.count)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 14) { scratch in
      var status = Z_OK
      while status == Z_OK, stream.total_out <= limit {
        stream.next_out = scratch.baseAddress
        stream.avail_out = UInt32(scratch.count)
        status = CCFITSIO.inflate(&stream, Z_NO_FLUSH)
      }
      return status == Z_STREAM_END && stream.total_out <= limit
    }
  }
}
