import ElnathCore

extension Workspace {
  /// The files that can be read, with what identifies them; those that are as the last run found them are not read again,
  /// nor those that this one has read as a whole.
  func inputs(_ past: PastRun? = nil) async throws -> [Provenance.Input] {
    let ledger = inputLedger
    return try await runner.map(scan.observations.filter { $0.error == nil }) {
      let file = $0.observation.file
      return try Provenance.Input(
        file: file, path: $0.path, past: past?.inputs[file], known: ledger.hash(of: $0.path))
    }
  }

  /// Writes `run.json`; returns its content.
  func writeProvenance(
    counts: FrameCounts, stars: [Star], comparisons: [ComparisonVerdict], camera: SettingsTree?,
    inputs: [Provenance.Input], timings: Timings
  ) throws(PipelineError) -> SettingsTree {
    var provenance = Provenance(
      settings: project.layers, inputs: inputs,
      counts: [
        ("frames", counts.total), ("used", counts.used), ("flagged", counts.flagged), ("unused", counts.unused),
        ("rejected", counts.rejected), ("stars", stars.count), ("targets", stars.count { $0.role == .target }),
        ("comparisons", comparisons.count(where: \.used)),
      ], timings: timings.steps)
    provenance.camera = camera
    try AtomicFile.write(provenance.json, to: output + "/run.json")
    return provenance.tree
  }
}
