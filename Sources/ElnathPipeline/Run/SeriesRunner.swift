/// Runs a step over many frames at once: at most `jobs` of them are in memory, and the results come in the order of the
/// input, so that nothing depends on the number of jobs. Concurrency lives here and nowhere else.
public struct SeriesRunner: Sendable {
  public let jobs: Int

  public init(jobs: Int) {
    precondition(jobs > 0, "a run needs at least one job")
    self.jobs = jobs
  }

  /// - Parameters:
  ///   - finished: called after each item, in any order, with the number of items done.
  ///   - body: must depend on its item alone. What it throws ends the run; what may happen to a single frame has to be
  ///     a value of the result.
  public func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], finished: @Sendable (Int) -> Void = { _ in }, _ body: @escaping @Sendable (Item) throws -> Result
  ) async throws -> [Result] {
    var results = [Result?](repeating: nil, count: items.count)
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var next = 0
      func start() {
        guard next < items.count else { return }
        let index = next
        let item = items[index]
        next += 1
        group.addTask {
          try Task.checkCancellation()
          return (index, try body(item))
        }
      }
      for _ in 0..<min(jobs, items.count) { start() }
      var done = 0
      while let (index, result) = try await group.next() {
        results[index] = result
        done += 1
        finished(done)
        start()
      }
    }
    return results.compactMap { $0 }
  }
}
