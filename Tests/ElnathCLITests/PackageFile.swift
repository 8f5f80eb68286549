import FoundationEssentials

/// A file of the package, by its path within it.
enum PackageFile {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  /// Its text; empty where there is no such file.
  static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: root + "/" + path) ?? Data(), as: UTF8.self)
  }

  /// Names of the files in a folder, by name.
  static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + "/" + path)) ?? []).sorted()
  }

  static func write(_ text: String, to path: String) throws {
    let url = URL(filePath: root + "/" + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// What stands between lines of ``` with this word, block by block.
  static func codeBlocks(of path: String, marked word: String) -> [String] {
    var blocks: [String] = []
    var block: [Substring]?
    for line in text(path).split(separator: "\n", omittingEmptySubsequences: false) {
      if let lines = block {
        guard line == "```" else {
          block = lines + [line]
          continue
        }
        blocks.append(lines.joined(separator: "\n"))
        block = nil
      } else if line == "```" + word {
        block = []
      } else if line.hasPrefix("```") {
        // A block of another kind: its lines are passed over.
        block = nil
      }
    }
    return blocks
  }
}
