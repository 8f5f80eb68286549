import Synchronization

/// How often a signal was caught.
final class SignalCount: Sendable {
  private let times = Atomic<Int>(0)

  var value: Int { times.load(ordering: .relaxed) }

  func add() -> Int { times.wrappingAdd(1, ordering: .relaxed).newValue }
}
