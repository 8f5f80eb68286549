@preconcurrency import Dispatch
import ElnathPipeline

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
