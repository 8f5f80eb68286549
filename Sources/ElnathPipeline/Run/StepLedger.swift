/// What the products in a folder were made of: `steps.txt`, one line for each step of a run with the key of all that went
/// in, and one for each file that the step wrote, with size and time of change. An entry is there only while it is true:
/// it goes before its step begins anew and comes back once all files of the step are whole.
struct StepLedger: Sendable, Equatable {
  static let fileName = "steps.txt"

  struct Step: Sendable, Equatable {
    var name: String
    var key: String
    /// By path within the folder.
    var files: [String: FileStamp]
  }

  /// In the order of the run.
  private(set) var steps: [Step] = []

  init() {}

  /// Empty where there is no such file or it is not understood.
  init(folder: String) {
    guard let text = try? FileBytes.text(of: folder + "/" + Self.fileName) else { return }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 4)
      switch words.first {
      case "step" where words.count == 3:
        steps.append(Step(name: String(words[1]), key: String(words[2]), files: [:]))
      case "file" where words.count == 5 && !steps.isEmpty:
        guard let size = Int(words[1]), let seconds = Int(words[2]), let nanoseconds = Int(words[3]) else { continue }
        steps[steps.count - 1].files[String(words[4])] = FileStamp(
          size: size, seconds: seconds, nanoseconds: nanoseconds)
      default: break
      }
    }
  }

  var text: String {
    var lines = [
      "# What the products in this folder were made of: elnath run makes anew what no longer fits, all without this file.",
      "# step NAME KEY; file BYTES SECONDS NANOSECONDS PATH, the time of its last change since 1970",
    ]
    for step in steps {
      lines.append("step \(step.name) \(step.key)")
      for (name, stamp) in step.files.sorted(by: { $0.key < $1.key }) {
        lines.append("file \(stamp.size) \(stamp.seconds) \(stamp.nanoseconds) \(name)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func write(to folder: String) throws(PipelineError) {
    try AtomicFile.write(text, to: folder + "/" + Self.fileName)
  }

  subscript(name: String) -> Step? { steps.first { $0.name == name } }

  /// True where the step was made of the same, and all its files are as it left them.
  func holds(_ name: String, key: String, in folder: String) -> Bool {
    guard let step = self[name], step.key == key else { return false }
    return step.files.allSatisfy { FileStamp(path: folder + "/" + $0.key) == $0.value }
  }

  /// Nothing is known of this step any more.
  mutating func remove(_ name: String) { steps.removeAll { $0.name == name } }

  /// Takes over what became of the files of a step; returns their names.
  mutating func refresh(_ name: String, from now: FolderSnapshot) -> [String] {
    guard let index = steps.firstIndex(where: { $0.name == name }) else { return [] }
    for file in steps[index].files.keys { steps[index].files[file] = now.entries[file]?.stamp }
    return Array(steps[index].files.keys)
  }

  /// Puts the step behind those that came before it in this run. Files of theirs that it wrote anew are so from now on;
  /// to the files of later steps, made of what was there before, nothing may happen.
  mutating func record(_ step: Step, after earlier: [String]) {
    remove(step.name)
    for index in steps.indices where earlier.contains(steps[index].name) {
      steps[index].files.merge(step.files.filter { steps[index].files[$0.key] != nil }) { _, new in new }
    }
    let place = steps.lastIndex { earlier.contains($0.name) }.map { $0 + 1 } ?? 0
    steps.insert(step, at: place)
  }
}
