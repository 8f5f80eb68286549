import ArgumentParser
@preconcurrency import Dispatch
import ElnathPipeline
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What every command on a project understands: the project file and how to work on it.
struct ProjectOptions: ParsableArguments {
  @Argument(help: "The project file.", completion: .file(extensions: ["toml"]))
  var project: String

  @OptionGroup var work: WorkOptions

  var output: String? { work.output }
  var jobs: Int? { work.jobs }
  var memory: MemorySize? { work.memory }
  var assignments: [String] { work.assignments }
  var maps: [KeywordAssignment] { work.maps }
  var catalogs: String? { work.catalogs }
  var plots: String? { work.plots }
  var quiet: Bool { work.quiet }
  var talk: TalkOptions { work.talk }
  var dryRun: Bool { work.dryRun }
  var jobCount: Int { work.jobCount }
  var logger: Logger { work.logger }

  /// Reads the project file and all headers.
  func open(options: [(name: String, path: [String], value: SettingsTree)] = []) throws -> Workspace {
    try work.open(project, options: options)
  }
}

/// How to work on a project: where to, and with what.
struct WorkOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder for the products; default: elnath-out beside the project file.", valueName: "dir"))
  var output: String?

  @Option(help: "Frames that are worked on at the same time; default: one for each processor.")
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Memory for the frames being worked on, in GiB (2G) or MiB (500M).", valueName: "size"),
    transform: MemorySize.init)
  var memory: MemorySize?

  @Option(name: .customLong("set"), help: ArgumentHelp("Change one setting.", valueName: "key=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Read a value from another keyword: FILTER=CMMTOBS takes the filter from CMMTOBS.", valueName: "key=name"),
    transform: KeywordAssignment.init)
  var maps: [KeywordAssignment] = []

  @Option(help: ArgumentHelp("Folder with cameras, observatories and stars.", valueName: "dir"))
  var catalogs: String?

  @Option(help: ArgumentHelp("Folder with the scripts of the plots.", valueName: "dir"))
  var plots: String?

  @Flag(help: "Check the project and the headers, say what would be written, and write nothing.")
  var dryRun = false

  @OptionGroup var talk: TalkOptions

  var quiet: Bool { talk.quiet }

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("-o: give the name of a folder") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): give at least 1") }
  }

  var jobCount: Int { jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  var logger: Logger { .console(quiet: quiet) }

  /// Reads the project file and all headers.
  func open(
    _ project: String, options: [(name: String, path: [String], value: SettingsTree)] = []
  ) throws -> Workspace {
    let mapped = maps.map {
      ("--map \($0.key)=\($0.keyword)", ["input", "map", $0.key], SettingsTree.text($0.keyword))
    }
    let project = try Project(file: project, assignments: assignments, options: options + mapped)
    let quiet = quiet
    return try Workspace(
      project,
      options: Workspace.Options(
        output: output, jobs: jobCount, memory: memory?.bytes, catalogs: catalogs, plots: plots,
        writes: !dryRun),
      log: logger
    ) { if !quiet { ProgressLine.shared.show($0) } }
  }
}

extension Logger {
  /// Lines on standard error.
  static func console(quiet: Bool) -> Logger {
    Logger(label: "elnath") { _ in ConsoleLog(quiet ? .error : Report.shared.isVerbose ? .debug : .info) }
  }
}

/// The text of one `--map`.
struct KeywordAssignment {
  let key: String
  let keyword: String

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw ValidationError("'\(text)' is not of the form key=name; give, for example, FILTER=CMMTOBS")
    }
    (key, keyword) = (parts[0], parts[1])
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

/// An amount of memory as `2G`, `1.5G` or `500M`; a plain number counts GiB.
struct MemorySize {
  let bytes: Int

  init(_ text: String) throws {
    let unit: Double = text.uppercased().hasSuffix("M") ? 0x1p20 : 0x1p30
    let number = text.last.map { "GgMm".contains($0) } == true ? String(text.dropLast()) : text
    guard let value = Double(number), value > 0, value * unit < 0x1p60 else {
      throw ValidationError("'\(text)' is no amount of memory; give, for example, 2G")
    }
    bytes = Int(value * unit)
  }
}

/// Runs the body of a command: errors become messages and exit statuses, signals end it tidily.
func perform(_ body: @escaping @Sendable () async throws -> ExitStatus) async throws {
  let task = Task { try await body() }
  let watched = [(SIGINT, ExitStatus.interrupted), (SIGTERM, ExitStatus.terminated)].map { number, status in
    SignalWatch(number, status: status) { task.cancel() }
  }
  // A full disk or a closed pipe is an error of the write, not the end of the process.
  signal(SIGXFSZ, SIG_IGN)
  signal(SIGPIPE, SIG_IGN)
  let result = await task.result
  ProgressLine.shared.clear()
  let status = try watched.first(where: \.wasCaught)?.stopped ?? tell(result)
  Report.shared.end(status: status.rawValue)
  if Console.outputFailed {
    Console.fail("standard output: cannot be written; free some space there")
    throw ExitStatus.inputOutput.exitCode
  }
  guard status == .done else { throw status.exitCode }
}

/// Says what went wrong, and returns the status of the end.
private func tell(_ result: Result<ExitStatus, any Error>) throws -> ExitStatus {
  switch result {
  case .success(let status): return status
  case .failure(let error as PipelineError):
    Console.fail("\(error)")
    return ExitStatus(error.code)
  case .failure(let error as StageError):
    Console.fail(error.reason)
    return .badData
  case .failure(let error): throw error
  }
}

/// Catches one signal: the first time it cancels the work, the second time it ends the process.
private final class SignalWatch: Sendable {
  let status: ExitStatus
  private let source: any DispatchSourceSignal
  private let count = SignalCount()

  init(_ number: Int32, status: ExitStatus, cancel: @escaping @Sendable () -> Void) {
    self.status = status
    signal(number, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    let count = count
    source.setEventHandler {
      if count.add() > 1 { _exit(status.rawValue) }
      cancel()
    }
    source.resume()
  }

  var wasCaught: Bool { count.value > 0 }

  /// Says so, and returns the status of the end.
  var stopped: ExitStatus {
    let text = "stopped; files that are complete stay, run the same command again to go on"
    Report.shared.note(error: text)
    Console.say("elnath: \(text)")
    return status
  }
}
