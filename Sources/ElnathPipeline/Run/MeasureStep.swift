import ElnathCore

extension Workspace {
  /// The plan of the measuring: stars, radii, annuli.
  func measureStage(_ alignment: Alignment, solution: SkySolution?) throws(PipelineError) -> MeasureStage {
    let observations = lights.map(\.observation)
    return try MeasureStage(
      configuration.measure, userStars: try placedStars(alignment, solution: solution), alignment: alignment,
      readNoise: observations.lazy.compactMap(\.readNoise?.value).first ?? 0, site: site,
      pixelScale: observations.lazy.compactMap(\.pixelScale?.value).first ?? .nan, allStars: measuresAllStars,
      sky: solution.map { SkyPlacement(projection: $0.projection, catalog: starCatalog) })
  }

  /// Measures the stars of the project and the candidates for comparison stars on every registered frame.
  public func measure(
    _ alignment: Alignment, reduce: ReduceStage, solution: SkySolution?
  ) async throws -> PhotometryTable {
    let stage = try measureStage(alignment, solution: solution)
    let registered = alignment.frames.filter { $0.registration != nil && $0.status != .rejected }
    let files = lights
    let looks = looks
    let outcomes = try await runner.map(
      registered, finished: telling("measuring", total: registered.count)
    ) { row -> Result<FrameMeasurements, StageError> in
      guard let registration = row.registration else { return .failure(StageError(.notRegistered, row.reason)) }
      do throws(StageError) {
        let light = files[row.frame - 1]
        var frame = try reduce.stored(light, look: looks.look(of: light))
        frame.add(
          trails: alignment.trails.filter { $0.frame == row.frame }.map(\.trail), hotPixels: alignment.hotPixels,
          cosmicRays: reduce.settings.cosmicRays.search(fwhm: row.fwhm, elongation: row.elongation))
        let measured = try stage(
          RegisteredFrame(
            frame: frame, registration: registration, number: row.frame, airmass: row.airmass, fwhm: row.fwhm))
        return .success(measured.asWritten)
      } catch {
        return .failure(error)
      }
    }
    var frames = alignment.frames
    var measurements: [FrameMeasurements] = []
    for (row, outcome) in zip(registered, outcomes) {
      switch outcome {
      case .success(let measured): measurements.append(measured)
      case .failure(let error):
        // The file was readable a moment ago: it changed while the run went on.
        frames[row.frame - 1].status = .rejected
        frames[row.frame - 1].flags.formUnion(error.flags)
        frames[row.frame - 1].reason = error.reason
      }
    }
    return PhotometryTable(stars: stage.stars, frames: frames, measurements: measurements)
  }
}
