import ElnathPipeline
import Synchronization

/// What a command tells: to people on standard error as it happens, and with `--json` at its end as one object on
/// standard output.
final class Report: Sendable {
  static let shared = Report()

  private struct State {
    var command = "elnath"
    var isJSON = false
    var isQuiet = false
    var isVerbose = false
    var isColoured = false
    var files: [String] = []
    var warnings: [String] = []
    var messages: [String] = []
    var result: [(key: String, value: SettingsTree)] = []
    var error: String?
    var next: String?
    var summary: String?
  }

  private let state = Mutex(State())

  /// To be called before the command runs.
  func begin(_ command: String, json: Bool, quiet: Bool, verbose: Bool, coloured: Bool) {
    state.withLock {
      $0.command = command
      ($0.isJSON, $0.isQuiet, $0.isVerbose, $0.isColoured) = (json, quiet, verbose, coloured)
    }
  }

  var isJSON: Bool { state.withLock { $0.isJSON } }
  var isQuiet: Bool { state.withLock { $0.isQuiet } }
  var isVerbose: Bool { state.withLock { $0.isVerbose } }
  var isColoured: Bool { state.withLock { $0.isColoured } }

  func note(file: String) { state.withLock { $0.files.append(file) } }
  func note(warning: String) { state.withLock { $0.warnings.append(warning) } }
  func note(message: String) { state.withLock { $0.messages.append(message) } }
  func note(error: String) { state.withLock { $0.error = error } }
  /// The command that a user may want next.
  func note(next: String) { state.withLock { $0.next = next } }
  /// The last line that is said.
  func note(summary: String) { state.withLock { $0.summary = summary } }

  /// What the command found out, under the key of the object, or key by key where it is a table without one.
  func note(result: SettingsTree, key: String? = nil) {
    let entries = key.map { [($0, result)] } ?? result.table?.entries.map { ($0.key, $0.value) } ?? []
    state.withLock { $0.result += entries.map { (key: $0.0, value: $0.1) } }
  }

  /// Says what is left to say; with `--json` prints the object.
  func end(status: Int32) {
    let state = state.withLock { $0 }
    if !state.isQuiet && state.error == nil {
      if let next = state.next { Console.say("next: \(next)") }
    }
    if !state.isQuiet, let summary = state.summary { Console.say(summary) }
    guard state.isJSON else { return }
    var object = SettingsTable()
    object["elnath"] = .text(ElnathVersion.current)
    object["command"] = .text(state.command)
    object["status"] = .integer(Int(status))
    object["error"] = state.error.map { .text($0) } ?? .absent
    object["files"] = .array(state.files.map { .text($0) })
    object["warnings"] = .array(state.warnings.map { .text($0) })
    object["messages"] = .array((state.messages + [state.summary].compactMap { $0 }).map { .text($0) })
    for (key, value) in state.result { object[key] = value }
    Console.put(Array(SettingsTree.table(object).json.utf8))
  }
}
