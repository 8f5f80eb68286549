import ArgumentParser
import ElnathPipeline
import Logging
import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// What the program says to people: all of it on standard error, so that standard output is free for data.
enum Console {
  static func say(_ text: String) {
    fputs(printable(text) + "\n", stderr)
  }

  /// Puts the null device where the caller has closed a standard stream: else the next file opened would take its
  /// number, and messages would land in a product.
  static func openStandardStreams() {
    var descriptor: Int32 = 0
    repeat { descriptor = open("/dev/null", O_RDWR) } while 0...STDERR_FILENO ~= descriptor
    if descriptor > STDERR_FILENO { close(descriptor) }
  }

  /// True where data for a file on standard output were lost, most often to a full disk. Who reads a pipe may close it
  /// early: that is no failure.
  static var outputFailed: Bool {
    var status = stat()
    guard fstat(STDOUT_FILENO, &status) == 0, [S_IFREG, S_IFCHR].contains(status.st_mode & S_IFMT) else { return false }
    return fflush(stdout) != 0 || ferror(stdout) != 0
  }

  /// Without control characters, which a header or a file name could smuggle to the terminal.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F ~= $0.value) })
    )
  }

  /// True where standard error is a terminal that understands cursor movements.
  static var isTerminal: Bool {
    guard isatty(STDERR_FILENO) == 1 else { return false }
    guard let term = getenv("TERM") else { return false }
    return String(cString: term) != "dumb"
  }
}

/// Log messages as lines of the form `elnath: warning: ...`.
struct ConsoleLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  init(_ level: Logger.Level) { logLevel = level }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let word: String =
      switch event.level {
      case .warning: "warning: "
      case .error, .critical: "error: "
      default: ""
      }
    ProgressLine.shared.clear()
    Console.say("elnath: \(word)\(event.message)")
  }
}

/// One line on a terminal that tells how far the work has come; nothing where there is no terminal.
final class ProgressLine: Sendable {
  static let shared = ProgressLine()

  private struct State {
    var isShown = false
    var last: ContinuousClock.Instant?
  }

  private let state = Mutex(State())

  func show(_ progress: Workspace.Progress) {
    guard Console.isTerminal else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      // More than ten times a second nobody can read.
      if let last = state.last, progress.done < progress.total, now - last < .milliseconds(100) { return }
      state.last = now
      state.isShown = true
      fputs("\r\u{1B}[K\(progress.step): \(progress.done) of \(progress.total)", stderr)
      fflush(stderr)
    }
  }

  func clear() {
    state.withLock { state in
      guard state.isShown else { return }
      state.isShown = false
      fputs("\r\u{1B}[K", stderr)
      fflush(stderr)
    }
  }
}
