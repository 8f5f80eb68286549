import ElnathCore

extension Workspace {
  /// Writes `run.json`; returns its content.
  func writeProvenance(
    counts: FrameCounts, timings: Timings, table: PhotometryTable, curves: LightCurves, camera: CameraReport? = nil
  ) async throws -> String {
    let inputs = try await runner.map(scan.observations.filter { $0.error == nil }) {
      try Provenance.Input(file: $0.observation.file, path: $0.path)
    }
    var provenance = Provenance(
      settings: project.layers, inputs: inputs,
      counts: [
        ("frames", counts.total), ("used", counts.used), ("flagged", counts.flagged), ("unused", counts.unused),
        ("rejected", counts.rejected), ("stars", table.stars.count), ("targets", curves.curves.count),
        ("comparisons", curves.comparisons.count(where: \.used)),
      ], timings: timings.seconds)
    provenance.camera = camera?.tree
    let json = provenance.json
    try AtomicFile.write(json, to: output + "/run.json")
    return json
  }
}
