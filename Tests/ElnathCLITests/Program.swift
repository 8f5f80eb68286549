import Subprocess

#if canImport(Glibc)
  import Glibc
#endif
#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The built program, run as a user would.
enum Program {
  struct Outcome {
    var status: Int32
    var output: String
    var messages: String
  }

  /// Folder of the built products: that of the bundle of tests that runs, or of the running tests themselves.
  static let folder: String = {
    var path = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
    if path.isEmpty {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
      }
      path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
    return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
  }()

  static func run(_ arguments: String..., in folder: String? = nil) async throws -> Outcome {
    try await run(arguments, in: folder)
  }

  static func run(
    _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await start(Self.folder + "/elnath", arguments, in: folder, environment)
  }

  /// A line for the shell, where pipes, closed streams and signals are easily had.
  static func shell(_ line: String) async throws -> Outcome {
    try await start("/bin/bash", ["-c", line], in: nil, [:])
  }

  private static func start(
    _ program: String, _ arguments: [String], in folder: String?, _ environment: [String: String]
  ) async throws -> Outcome {
    let changes = environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments),
      environment: .inherit.updating(Dictionary(changes, uniquingKeysWith: { first, _ in first })),
      workingDirectory: folder.map { FilePath($0) }, output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
    var status: Int32 = -1
    if case .exited(let code) = result.terminationStatus { status = code }
    return Outcome(status: status, output: result.standardOutput, messages: result.standardError)
  }
}
