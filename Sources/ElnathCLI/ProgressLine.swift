import ElnathPipeline
import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// How far the work has come: one line on a terminal with rate and time left; elsewhere a line for every tenth.
final class ProgressLine: Sendable {
  static let shared = ProgressLine()

  private struct State {
    var step = ""
    var begun = ContinuousClock.now
    var done = 0
    var tenths = 0
    var isShown = false
    var last: ContinuousClock.Instant?
  }

  private let state = Mutex(State())

  /// Steps that are over sooner need no lines in a log.
  private static let shortStep = Duration.seconds(2)

  func show(_ progress: Workspace.Progress) {
    guard !Report.shared.isQuiet, !Report.shared.isJSON else { return }
    let isTerminal = Console.isTerminal
    let line = state.withLock { state -> String? in
      let now = ContinuousClock.now
      if progress.step != state.step || progress.done < state.done {
        state.step = progress.step
        (state.begun, state.done, state.tenths, state.last) = (now, 0, 0, nil)
      }
      state.done = progress.done
      return isTerminal ? Self.draw(progress, now, &state) : Self.tenth(progress, now, &state)
    }
    if let line { Console.say(line) }
  }

  /// Redraws the line of a terminal.
  private static func draw(_ progress: Workspace.Progress, _ now: ContinuousClock.Instant, _ state: inout State)
    -> String?
  {
    // More than ten times a second nobody can read.
    if let last = state.last, progress.done < progress.total, now - last < .milliseconds(100) { return nil }
    state.last = now
    state.isShown = true
    let speed = Speed(progress, elapsed: now - state.begun)
    fputs("\r\u{1B}[K\(progress.step): \(progress.done) of \(progress.total)\(speed.text)", stderr)
    fflush(stderr)
    return nil
  }

  private static func tenth(_ progress: Workspace.Progress, _ now: ContinuousClock.Instant, _ state: inout State)
    -> String?
  {
    let tenths = progress.total > 0 ? progress.done * 10 / progress.total : 0
    guard tenths > state.tenths, now - state.begun > shortStep || state.tenths > 0 else { return nil }
    state.tenths = tenths
    let speed = Speed(progress, elapsed: now - state.begun)
    return "elnath: \(progress.step): \(tenths * 10) % (\(progress.done) of \(progress.total)\(speed.text))"
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

/// Rate and time left, as text to put behind a count.
struct Speed {
  let text: String

  init(_ progress: Workspace.Progress, elapsed: Duration) {
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    // Too early to tell.
    guard progress.done > 0, seconds > 0.5 else {
      text = ""
      return
    }
    let rate = Double(progress.done) / seconds
    let rateText = rate >= 10 ? "\(Int(rate))" : "\((rate * 10).rounded() / 10)"
    let left = Double(progress.total - progress.done) / rate
    text = ", \(rateText)/s" + (progress.done < progress.total ? ", \(Self.words(left)) left" : "")
  }

  /// `45 s`, `3 min 20 s`, `2 h 05 min`.
  static func words(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
  }
}
