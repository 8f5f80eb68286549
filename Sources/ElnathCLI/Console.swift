import ArgumentParser
import ElnathPipeline
import Logging

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// What the program says to people: all of it on standard error, so that standard output is free for data.
enum Console {
  static func say(_ text: String) {
    Report.shared.note(message: printable(text))
    fputs(printable(text) + "\n", stderr)
  }

  /// Says that a file was written.
  static func wrote(_ path: String, _ remark: String = "") {
    Report.shared.note(file: path)
    if !Report.shared.isQuiet { say("wrote \(path)" + (remark.isEmpty ? "" : " " + remark)) }
  }

  /// The end of a command that failed.
  static func fail(_ text: String) {
    Report.shared.note(error: printable(text))
    fputs(marked("elnath: error:", "1;31") + " \(printable(text))\n", stderr)
  }

  static func warn(_ text: String) {
    Report.shared.note(warning: printable(text))
    fputs(marked("elnath: warning:", "33") + " \(printable(text))\n", stderr)
  }

  /// In a colour, by its number in ECMA-48, where colours are wanted.
  private static func marked(_ text: String, _ colour: String) -> String {
    Report.shared.isColoured ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
  }

  /// True where standard error shows colours (https://no-color.org).
  static var takesColour: Bool {
    func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    guard value("NO_COLOR").isEmpty else { return false }
    let forced = value("CLICOLOR_FORCE")
    return isTerminal || !(forced.isEmpty || forced == "0")
  }

  /// Lines that were asked for, to standard output; with `--json` they go into the object.
  static func tell(_ lines: [String]) {
    for line in lines.map(printable) {
      if Report.shared.isJSON { Report.shared.note(message: line) } else { print(line) }
    }
  }

  /// Ends the program.
  static func end(_ status: Int32) -> Never { exit(status) }

  /// Data, to standard output.
  static func put(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, stdout) }
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
    ProgressLine.shared.clear()
    switch event.level {
    case .warning: Console.warn("\(event.message)")
    case .error, .critical: Console.fail("\(event.message)")
    default: Console.say("elnath: \(event.message)")
    }
  }
}

extension Logger {
  /// Lines on standard error.
  static func console(quiet: Bool) -> Logger {
    Logger(label: "elnath") { _ in ConsoleLog(quiet ? .error : Report.shared.isVerbose ? .debug : .info) }
  }
}
