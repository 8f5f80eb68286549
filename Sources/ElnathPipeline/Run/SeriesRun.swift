import ElnathCore

/// What a whole run came to.
public struct RunOutcome: Sendable {
  /// Numbers of frames by what became of them.
  public var counts: FrameCounts
  /// What was written, for people: light curves and plots with their paths.
  public var files: [String]
  /// The content of `run.json`.
  public var provenance: SettingsTree
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
  public var summary: String { summary(in: "frames.csv") }

  /// The same for a table of another name.
  public func summary(in table: String) -> String {
    "\(total) frame\(total == 1 ? "" : "s"): \(used) used, \(flagged) flagged, \(unused) unused, "
      + "\(rejected) rejected (see \(table))"
  }
}

extension Workspace {
  /// Everything from raw frames to light curves. The steps are those of the single commands and give the same bytes.
  ///
  /// A step whose input and settings are those of an earlier run, and whose files are as that left them, is passed over.
  ///
  /// - Parameter fresh: makes every step, whatever an earlier run left.
  public func run(fresh: Bool = false) async throws -> RunOutcome {
    try checkPlaces()
    try writeObservations()
    reportScan()
    let chain = StepChain(folder: output, basis: basis, fresh: fresh, log: log)
    var files: [String] = []
    let past = chain.lastRunEnded ? PastRun(folder: output) : nil
    let camera = try await chain.step("cameras", of: cameraIngredients, saved: withCamera, make: withCamera)
    /// With the measured gain and read noise, where these are wanted.
    func workspace() async throws -> Workspace {
      configuration.reduce.detector == .measured ? try await camera().workspace : self
    }
    func makeMasters() async throws -> MasterLibrary { try await workspace().masters() }
    let masters = try await chain.step(
      "reduce", of: reduceIngredients, files: .someKept, saved: makeMasters, make: makeMasters)
    func reduce() async throws -> ReduceStage { try await workspace().reduceStage(masters()) }
    /// The stack puts its own stars in the place of those that this finds, so that it is never read again.
    func makeAlignment() async throws -> Alignment {
      let alignment = try await workspace().align(reduce())
      try writeAlignment(alignment)
      return alignment
    }
    let alignment = try await chain.step("align", of: alignIngredients, saved: makeAlignment, make: makeAlignment)
    func readSolution() throws -> SkySolution? { try savedSolution(savedAlignment()) }
    let solution = try await chain.step("solve", of: solveIngredients, saved: readSolution) {
      try await workspace().solveAndWrite(alignment(), reduce: reduce())
    }
    let stacked = try await chain.step("stack", of: stackIngredients, after: "align", saved: savedAlignment) {
      let (written, stacked) = try await workspace().stackOfRun(
        alignment(), reduce: reduce(), settings: configuration.stack)
      try writeSources(stacked)
      files += written.map { String($0.path.dropFirst(output.count + 1)) }
      return stacked
    }
    let measured = try await chain.step(
      "measure", of: measureIngredients, files: .ofNextStep, saved: savedPhotometry
    ) {
      try await workspace().measure(stacked(), reduce: reduce(), solution: solution())
    }
    let table = try await chain.step("flag", of: flagIngredients(), saved: savedPhotometry) {
      let table = try await workspace().flag(measured())
      try writePhotometry(table)
      try writeGrowth(table)
      return table
    }
    func readLightCurves() async throws -> LightCurves { try await savedLightCurves(table()) }
    let curves = try await chain.step("lightcurve", of: lightCurveIngredients, saved: readLightCurves) {
      let curves = try await workspace().lightCurves(table())
      files += try writeLightCurves(curves)
      return curves
    }
    var plotProblem: PipelineError?
    do {
      try await chain.step("plot", of: plotIngredients) {
        files += try await plot(curves(), table: table()).map { "plots/" + $0 }
      }
    } catch let error as PipelineError where error.code == .plotterMissing || error.code == .internalFault {
      plotProblem = error
    }
    let inputs = try await inputs(past)
    let pictures = plotProblem == nil ? "with pictures" : "without"
    try await chain.step("report", of: [pictures]) {
      files.append(try await report(curves(), table: table(), inputs: inputs))
    }
    let counts = FrameCounts(try table.ifMade?.frames ?? savedFrames())
    let measuredCamera =
      if let past, camera.ifMade == nil { past.camera } else { try await camera().report?.tree }
    let provenance = try writeProvenance(
      counts: counts, stars: try table.ifMade?.stars ?? savedStars(),
      comparisons: try curves.ifMade?.comparisons ?? savedComparisons(), camera: measuredCamera,
      inputs: inputs, timings: chain.timings)
    try chain.finish(files: ["run.json"])
    if counts.rejected == counts.total {
      throw PipelineError(.badData, "", "all \(counts.total) light frames were rejected; frames.csv says why")
    }
    return RunOutcome(
      counts: counts, files: files.map { output + "/" + $0 }, provenance: provenance, plotProblem: plotProblem,
      rejectedTooMany: Double(counts.rejected) > configuration.output.maximumRejected * Double(counts.total))
  }
}
