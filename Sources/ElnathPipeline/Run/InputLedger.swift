import ElnathFITS
import Synchronization

/// The input files that were read as a whole in this run, since their pixels had to be compared with their checksum:
/// they need not be read once more for that, nor for the hash of their content.
final class InputLedger: Sendable {
  private struct Entry {
    var stamp: FileStamp
    var hash: String
  }

  /// By path.
  private let entries = Mutex<[String: Entry]>([:])

  /// The hash of the content of a file that was read and has not changed since; else nil.
  func hash(of path: String) -> String? {
    guard let entry = entries.withLock({ $0[path] }), FileStamp(path: path) == entry.stamp else { return nil }
    return entry.hash
  }

  /// Compares the pixels with their checksum where they have one, but not a second time.
  func verify(_ reader: RowReader) throws(FITSError) {
    guard hash(of: reader.path) == nil else { return }
    try noting(reader.path) { hash throws(FITSError) in try reader.verify { hash.add($0) } }
  }

  /// The pixels as they are stored, compared with their checksum where they have one.
  func checkedIntegers(of reader: RowReader) throws(FITSError) -> (stored: [Int16], highest: [Float]) {
    var integers: (stored: [Int16], highest: [Float]) = ([], [])
    try noting(reader.path) { hash throws(FITSError) in
      integers = try reader.checkedIntegers { hash.add($0) }
      return true
    }
    return integers
  }

  /// - Parameter read: reads a file and adds its bytes; returns true where these were all of them.
  private func noting(_ path: String, _ read: (inout ContentHash) throws(FITSError) -> Bool) throws(FITSError) {
    let stamp = FileStamp(path: path)
    var hash = ContentHash()
    guard try read(&hash), let stamp, FileStamp(path: path) == stamp else { return }
    let entry = Entry(stamp: stamp, hash: hash.text)
    entries.withLock { $0[path] = entry }
  }
}
