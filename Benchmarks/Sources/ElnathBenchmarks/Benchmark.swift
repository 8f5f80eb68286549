#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One piece of work whose cost is watched.
struct Benchmark {
  let name: String
  /// What the work is counted in, and how many of it one run does: `pixels`, `stars` ...
  let unit: String
  let count: Int
  let body: () async throws -> Void

  /// Least CPU time of this process over several runs, seconds.
  func measure() async throws -> Double {
    var best = Double.infinity
    var spent = 0.0
    for round in 0..<20 where round < 3 || spent < 1 {
      let start = Self.cpuSeconds()
      try await body()
      let seconds = Self.cpuSeconds() - start
      best = min(best, seconds)
      spent += seconds
    }
    return best
  }

  /// User and system time that this process has used.
  static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
