import ElnathCore

/// What the masters in a folder were made of, so that they need not be made again: `masters/keys.txt`, one line each
/// with file name, key and hash of the file.
struct MasterKeys: Sendable, Equatable {
  static let fileName = "keys.txt"
  /// To be raised when the same input would give another master.
  private static let revision = 1

  struct Entry: Sendable, Equatable {
    /// Of all that went in.
    var key: String
    /// Of the bytes of the file: a master that somebody changed is made again.
    var hash: String
  }

  /// By file name.
  var entries: [String: Entry] = [:]

  init() {}

  /// Empty where there is no such file or it is not understood.
  init(folder: String) {
    guard let text = try? FileBytes.text(of: folder + "/" + Self.fileName) else { return }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 3 { entries[String(words[0])] = Entry(key: String(words[1]), hash: String(words[2])) }
    }
  }

  func write(to folder: String) throws(PipelineError) {
    let lines = entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.key) \($0.value.hash)\n" }
    try AtomicFile.write(lines.joined(), to: folder + "/" + Self.fileName)
  }

  /// True where the file was made of the same and is still as it was written.
  func holds(_ name: String, key: String, in folder: String) -> Bool {
    guard let entry = entries[name], entry.key == key else { return false }
    return (try? ContentHash(path: folder + "/" + name).text) == entry.hash
  }

  /// Key of a master: a hash of the settings, versions, headers as decoded, size and time of change of every file, and
  /// of the keys of the masters that go in.
  static func key(of group: CalibrationGroup, settings: ReduceSettings, calibration: [String]) -> String {
    var hash = ContentHash()
    hash.add(line: "\(ElnathVersion.all) \(revision)")
    hash.add(line: SettingsTree.encode(settings).json)
    hash.add(line: "\(group.kind) \(group.exposure) \(group.fileName)")
    for file in group.files {
      let stamp = FileStamp(path: file.path) ?? FileStamp(size: 0, seconds: 0, nanoseconds: 0)
      hash.add(line: "\(stamp.size) \(stamp.seconds) \(stamp.nanoseconds) \(file.observation)")
    }
    for line in calibration { hash.add(line: line) }
    return hash.text
  }
}
