import ElnathCore

/// What a whole run came to.
public struct RunOutcome: Sendable {
  /// Numbers of frames by what became of them.
  public var counts: FrameCounts
  /// What was written, for people: light curves and plots with their paths.
  public var files: [String]
  /// The content of `run.json`.
  public var json: String
  /// Why the plots could not be drawn; everything else is written.
  public var plotProblem: PipelineError?
  /// True where more frames were rejected than the project allows.
  public var rejectedTooMany: Bool

  public var summary: String { counts.summary }
}

/// How many light frames of a series are used, flagged, unused and rejected.
public struct FrameCounts: Sendable, Equatable {
  public var used = 0
  public var flagged = 0
  public var unused = 0
  public var rejected = 0

  public init(_ frames: [FrameSummary]) {
    for frame in frames {
      switch frame.status {
      case .used: used += 1
      case .flagged: flagged += 1
      case .unused: unused += 1
      case .rejected: rejected += 1
      }
    }
  }

  public var total: Int { used + flagged + unused + rejected }

  /// `142 frames: 135 used, 3 flagged, 2 unused, 2 rejected (see frames.csv)`
  public var summary: String {
    "\(total) frame\(total == 1 ? "" : "s"): \(used) used, \(flagged) flagged, \(unused) unused, "
      + "\(rejected) rejected (see frames.csv)"
  }
}

extension Workspace {
  /// Everything from raw frames to light curves. The steps are those of the single commands and give the same bytes.
  public func run() async throws -> RunOutcome {
    var timings = Timings()
    try writeObservations()
    reportScan()
    let (workspace, camera) = try await timings.measure("cameras") { try await withCamera() }
    return try await workspace.run(camera, timings: timings)
  }

  /// The same once the camera is known.
  private func run(_ camera: CameraReport?, timings: Timings) async throws -> RunOutcome {
    var timings = timings
    let library = try await timings.measure("reduce") { try await masters() }
    let reduce = reduceStage(library)
    let alignment = try await timings.measure("align") { try await align(reduce) }
    try writeAlignment(alignment)
    let measured = try await timings.measure("measure") { try await measure(alignment, reduce: reduce) }
    let table = try await timings.measure("flag") { try flag(measured) }
    try writePhotometry(table)
    let curves = try await timings.measure("lightcurve") { try lightCurves(table) }
    let files = try writeLightCurves(curves)
    var plotted: [String] = []
    var plotProblem: PipelineError?
    do throws(PipelineError) {
      plotted = try await plot(curves, table: table)
    } catch {
      guard error.code == .plotterMissing || error.code == .internalFault else { throw error }
      plotProblem = error
    }
    let counts = FrameCounts(table.frames)
    let json = try await writeProvenance(
      counts: counts, timings: timings, table: table, curves: curves, camera: camera)
    if counts.rejected == counts.total {
      throw PipelineError(.badData, "", "all \(counts.total) light frames were rejected; frames.csv says why")
    }
    return RunOutcome(
      counts: counts, files: (files + plotted.map { "plots/" + $0 }).map { output + "/" + $0 }, json: json,
      plotProblem: plotProblem,
      rejectedTooMany: Double(counts.rejected) > configuration.output.maximumRejected * Double(counts.total))
  }
}

/// Wall-clock seconds that each step took.
struct Timings {
  private(set) var seconds: [(step: String, seconds: Double)] = []

  mutating func measure<T>(_ step: String, _ body: () async throws -> T) async rethrows -> T {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try await body()
    let (whole, atto) = (clock.now - start).components
    seconds.append((step, Double(whole) + Double(atto) * 1e-18))
    return result
  }
}
