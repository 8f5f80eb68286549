import Subprocess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The gnuplot program of this machine.
public struct Gnuplot: Sendable {
  let executable: String

  /// Looks for `gnuplot` in the folders of PATH; nil where there is none.
  public init?() {
    var folders = "/usr/local/bin:/usr/bin:/bin"
    if let path = getenv("PATH") { folders = String(cString: path) }
    let candidates = folders.split(separator: ":").map { String($0) + "/gnuplot" }
    let found = candidates.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
    guard let found else { return nil }
    executable = found
  }

  /// Runs a script file in its own folder: no shell, no start-up file, a clean environment.
  public func run(script: String, in folder: String) async throws(PipelineError) {
    let outcome: (succeeded: Bool, message: String)
    do {
      let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: ["-d", script], environment: .custom(["LC_ALL": "C.UTF-8"]),
        workingDirectory: FilePath(folder), output: .discarded, error: .string(limit: 1 << 16))
      outcome = (result.terminationStatus.isSuccess, result.standardError)
    } catch {
      throw PipelineError(.plotterMissing, executable, "gnuplot could not be run: \(error)", underlying: error)
    }
    if !outcome.succeeded {
      let line = outcome.message.split(whereSeparator: \.isNewline).last ?? "no message"
      throw PipelineError(.internalFault, "\(folder)/\(script)", "gnuplot refused the script: \(line)")
    }
  }

  /// Text as gnuplot takes it literally: in single quotes, where nothing is expanded, without control characters.
  /// (In double quotes back-quotes would run a shell command.)
  public static func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F ~= $0.value) }
    var result = "'"
    for scalar in plain { result += scalar == "'" ? "''" : String(scalar) }
    return result + "'"
  }

  /// A variable of a script that holds several texts, none of which is expanded.
  static func array(_ name: String, _ texts: [String]) -> (name: String, value: String) {
    ("array \(name)[\(texts.count)]", "[\(texts.map(quoted).joined(separator: ", "))]")
  }

  /// A variable of a script that holds several numbers.
  static func array(_ name: String, _ numbers: [Double]) -> (name: String, value: String) {
    ("array \(name)[\(numbers.count)]", "[\(numbers.map { "\($0)" }.joined(separator: ", "))]")
  }
}
