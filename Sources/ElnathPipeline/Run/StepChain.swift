import ElnathCore
import Logging

/// The steps of a run, one after another: those whose input and files are as an earlier run left them are passed over.
final class StepChain {
  private let folder: String
  private let log: Logger
  private var ledger: StepLedger
  /// What the folder held of the last run, to be cleared of what is no longer made.
  private let before: StepLedger
  /// Of what every step depends on.
  private let basis: String
  private var passed: [(name: String, key: String)] = []
  /// A step whose product the next one writes.
  private var waiting: StepLedger.Step?
  /// What was in the folder before the step at work, or before the one whose product it writes.
  private var start = FolderSnapshot()
  private(set) var timings = Timings()

  /// `basis`: what every step depends on. `fresh`: what an earlier run left does not count.
  init(folder: String, basis: [String], fresh: Bool, log: Logger) {
    self.folder = folder
    self.log = log
    before = StepLedger(folder: folder)
    ledger = fresh ? StepLedger() : before
    self.basis = Self.key(basis)
  }

  /// How the files of a step come about.
  enum Files {
    /// It writes all of them each time it is made.
    case allAnew
    /// What is up to date it leaves as it is, and what is no longer needed it removes.
    case someKept
    /// The next step writes them.
    case ofNextStep
  }

  /// - Parameters:
  ///   - ingredients: all that the step is made of but for the products of steps before it: settings, files.
  ///   - last: the last of the steps whose products it needs, all before that one among them; nil for all steps so far.
  ///   - saved: reads the product from the files of the step.
  ///   - make: makes it and writes them.
  func step<Product>(
    _ name: String, of ingredients: [String], after last: String? = nil, files: Files = .allAnew,
    saved: @escaping () async throws -> Product, make: () async throws -> Product
  ) async throws -> StepProduct<Product> {
    let needed = last.flatMap { last in passed.firstIndex { $0.name == last } }.map { passed[...$0] } ?? passed[...]
    let key = Self.key([basis] + needed.map(\.key) + [name] + ingredients)
    defer { passed.append((name, key)) }
    if waiting == nil, ledger.holds(name, key: key, in: folder) {
      log.info("\(name): unchanged")
      timings.add(step: name, seconds: nil)
      return StepProduct { try await self.reading(name, saved) }
    }
    if ledger[name] != nil || ledger[Self.end] != nil || passed.isEmpty {
      ledger.remove(name)
      ledger.remove(Self.end)
      try ledger.write(to: folder)
    }
    if waiting == nil { start = FolderSnapshot(folder) }
    let clock = Timings.Clock()
    let product = try await make()
    timings.add(step: name, seconds: clock.seconds)
    log.debug("\(name): \(clock.seconds.fixed(1)) s")
    try record(StepLedger.Step(name: name, key: key, files: [:]), files)
    return StepProduct(product, read: saved)
  }

  /// The same for a step that gives later ones nothing but its files.
  func step(_ name: String, of ingredients: [String], make: () async throws -> Void) async throws {
    _ = try await step(name, of: ingredients, saved: {}, make: make)
  }

  /// Files that the step writes once more while its product is read stay its own.
  private func reading<Product>(_ name: String, _ saved: () async throws -> Product) async throws -> Product {
    let product = try await saved()
    let now = FolderSnapshot(folder)
    start.take(ledger.refresh(name, from: now), from: now)
    return product
  }

  private func record(_ step: StepLedger.Step, _ files: Files) throws {
    if case .ofNextStep = files {
      waiting = step
      return
    }
    let now = FolderSnapshot(folder)
    var step = step
    step.files = now.written(since: start)
    step.files[StepLedger.fileName] = nil
    for (name, stamp) in before[step.name]?.files ?? [:]
    where step.files[name] == nil && now.entries[name]?.stamp == stamp {
      if case .someKept = files {
        step.files[name] = stamp
      } else if !ledger.steps.contains(where: { $0.files[name] != nil }) {
        AtomicFile.remove("\(folder)/\(name)")
      }
    }
    if var first = waiting {
      first.files = step.files
      ledger.record(first, after: passed.dropLast().map(\.name))
      waiting = nil
    }
    ledger.record(step, after: passed.map(\.name))
    try ledger.write(to: folder)
  }

  private static let end = "end"

  /// True where all of the last run is there, what was written after its last step among it.
  var lastRunEnded: Bool { ledger[Self.end].map { ledger.holds(Self.end, key: $0.key, in: folder) } ?? false }

  /// Notes that the run has ended, with what it wrote after its last step.
  func finish(files: [String]) throws(PipelineError) {
    let stamps = files.compactMap { name in FileStamp(path: "\(folder)/\(name)").map { (name, $0) } }
    ledger.record(
      StepLedger.Step(name: Self.end, key: basis, files: Dictionary(stamps) { $1 }), after: ledger.steps.map(\.name))
    try ledger.write(to: folder)
  }

  private static func key(_ lines: [String]) -> String {
    var hash = ContentHash()
    for line in lines { hash.add(line: line) }
    return hash.text
  }
}

/// What a step gives to later ones: made just now, or read from the folder when one asks for it.
final class StepProduct<Value> {
  private var value: Value?
  private let read: () async throws -> Value

  init(_ value: Value? = nil, read: @escaping () async throws -> Value) {
    self.value = value
    self.read = read
  }

  /// Nil where the step was passed over and nobody asked for its product.
  var ifMade: Value? { value }

  func callAsFunction() async throws -> Value {
    if let value { return value }
    let read = try await read()
    value = read
    return read
  }
}

/// Wall-clock seconds that each step took.
struct Timings {
  /// Nil for a step that was passed over.
  private(set) var steps: [(step: String, seconds: Double?)] = []

  mutating func add(step: String, seconds: Double?) { steps.append((step, seconds)) }

  /// Counts from its beginning.
  struct Clock {
    private let start = ContinuousClock.now

    var seconds: Double {
      let (whole, atto) = (ContinuousClock.now - start).components
      return Double(whole) + Double(atto) * 1e-18
    }
  }
}
