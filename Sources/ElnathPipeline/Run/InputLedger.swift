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
    let stamp = FileStamp(path: reader.path)
    var hash = ContentHash()
    let isWhole = try reader.verify { hash.add($0) }
    guard isWhole, let stamp, FileStamp(path: reader.path) == stamp else { return }
    let entry = Entry(stamp: stamp, hash: hash.text)
    entries.withLock { $0[reader.path] = entry }
  }
}
