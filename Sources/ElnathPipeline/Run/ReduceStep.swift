import ElnathCore

extension Workspace {
  public func reduceStage(_ library: MasterLibrary) -> ReduceStage {
    let flats = MasterShelf(folder: "", memory: masterMemory)
    var stage = ReduceStage(
      configuration.reduce, readNoiseIncludesDigitisation: scan.camera.readNoiseIncludesDigitisation,
      masters: library.masters(for:)
    ) { path in try? flats.flat(String(path.drop { $0 == "/" })) }
    stage.ledger = inputLedger
    return stage
  }

  /// Writes every light frame reduced: image in electrons, VARIANCE, MASK. One that was reduced before stays as it is.
  public func writeReduced(_ stage: ReduceStage, library: MasterLibrary? = nil) async throws {
    let folder = output + "/reduced"
    try OutputFolder.create(folder)
    let numbered = lights.enumerated().filter { $0.element.error == nil && $0.element.observation.reduction == nil }
    let failures = try await runner.map(numbered) { number, light -> String? in
      do throws(StageError) {
        let frame = try stage.marked(PixelReader.read(light.observation, path: light.path))
        try ReducedFile.write(
          frame, source: light.observation.file, header: PixelReader.header(light),
          masters: library?.names(for: light.observation) ?? [],
          to: "\(folder)/\(ReducedFile.name(number: number + 1, file: light.path))")
        return nil
      } catch {
        return "\(light.observation.file): \(error.reason)"
      }
    }
    for failure in failures.compactMap({ $0 }) { log.warning("\(failure)") }
    let reduced = lights.count { $0.observation.reduction != nil }
    if reduced > 0 { log.info("\(reduced) light frames were reduced before; they are not written again") }
  }
}
