import ElnathCore
import ElnathFITS

extension Workspace {
  /// Reduces every light frame, finds its stars and registers all frames to one reference.
  public func align(_ reduce: ReduceStage) async throws -> Alignment {
    var reference: Int?
    if let file = configuration.align.reference {
      reference = try lightNumber(of: file, key: "align.reference")
    }
    let stage = try AlignStage(configuration.align, reference: reference)
    let rows = frameRows()
    let numbered = Array(zip(rows, lights))
    // Without its overscan a frame keeps the zero level that the masters of such a camera do not hold.
    let expectsOverscan = 2 * lights.count { $0.observation.outputs.contains { $0.overscan != nil } } > lights.count
    let looks = looks
    let reduced = try await runner.map(
      numbered, finished: telling("reducing and detecting", total: numbered.count)
    ) { row, light -> (frame: SeriesFrame, levels: [OverscanRecord]) in
      do throws(StageError) {
        if let problem = light.error { throw StageError(light.flags.intersection(.unreadable), problem) }
        guard light.observation.exposure > 0 else {
          let seen = light.observation.problems.first { $0.hasPrefix("exposure time") }
          throw StageError(
            .unreadable, "\(seen ?? "no exposure time in the header"); give exposure_s under [input]")
        }
        if expectsOverscan && light.observation.lacksOverscan {
          let seen = light.observation.problems.first { $0.contains("section") || $0.contains("outside") }
          throw StageError(
            .unreadable,
            (seen.map { $0 + "; " } ?? "") + "no overscan, which most lights have; give overscan under [input]")
        }
        let frame = try looks.keeping(light) { () throws(StageError) in try reduce.stored(light, look: nil) }
        return (SeriesFrame(summary: row, sources: stage.detect(frame)), OverscanRecord.of(frame, row: row))
      } catch {
        var rejected = row
        rejected.status = .rejected
        rejected.flags.formUnion(error.flags)
        rejected.reason = error.reason
        return (SeriesFrame(summary: rejected, sources: nil), [])
      }
    }
    let series = reduced.map(\.frame)
    let levels = reduced.flatMap(\.levels)
    if !levels.isEmpty { try writeTable("overscan.csv", OverscanColumns.all, rows: levels) }
    let lights = lights
    let registered: RegisteredSeries
    do throws(StageError) { registered = try stage.registered(series) } catch { throw try refusal(error, series) }
    let complete = try await CorrelationRung(runner: runner)(registered) { try? reduce.prepared(lights[$0]).image() }
    let alignment: Alignment
    do throws(StageError) { alignment = try stage.alignment(complete) } catch { throw try refusal(error, series) }
    // As the tables hold it, so that commands that read them go on with the same numbers.
    var written = alignment
    written.frames = alignment.frames.map(\.asWritten)
    written.sources = alignment.sources.map(\.asWritten)
    tellRegistrations(written.frames)
    written.trails = alignment.trails.map { FrameTrail(frame: $0.frame, trail: $0.trail.asWritten) }
    return written
  }

  /// What ends a run without a reference; the table of the frames is written all the same.
  private func refusal(_ error: StageError, _ series: [SeriesFrame]) throws(PipelineError) -> PipelineError {
    let rows = series.map { Self.without(reference: error, $0.summary) }
    try writeTable("frames.csv", FrameColumns.all, rows: rows)
    return PipelineError(.badData, "", "\(error.reason); see \(output)/frames.csv")
  }

  private static func without(reference error: StageError, _ row: FrameSummary) -> FrameSummary {
    guard row.status != .rejected else { return row }
    var rejected = row
    rejected.status = .rejected
    rejected.flags.formUnion(error.flags)
    rejected.reason = error.reason
    return rejected
  }

  /// Number of the light frame of this file, as the project names it.
  func lightNumber(of file: String, key: String) throws(PipelineError) -> Int {
    let folder = ProjectFolder(project.folder)
    let wanted = folder.absolute(file)
    if let index = lights.firstIndex(where: { $0.path == wanted || $0.observation.file == file }) {
      return index + 1
    }
    throw PipelineError(.configuration, key, "'\(file)' is not among the light frames; name one of them")
  }

  /// One row for each light frame, with what header and time alone tell.
  private func frameRows() -> [FrameSummary] {
    var lowest = Double.infinity
    let rows = lights.enumerated().map { index, light in
      let observation = light.observation
      var row = FrameSummary(
        frame: index + 1, file: observation.file, filter: observation.filter, night: observation.night,
        jdUTC: observation.jdUTC.roundedTime,
        exposure: observation.exposure)
      row.flags = light.flags.intersection(.frame)
      if let site = observation.site, let earth = EarthState(jdUTC: row.jdUTC, site: site) {
        row.sunAltitude = earth.sunAltitude
        row.moonAltitude = earth.moonAltitude
        if let (ra, dec) = fieldCentre(observation) {
          lowest = min(lowest, earth.altitude(rightAscension: ra, declination: dec))
          row.airmass = earth.airmass(rightAscension: ra, declination: dec)
          row.moonSeparation = earth.moonSeparation(rightAscension: ra, declination: dec)
        }
      }
      return row
    }
    if lowest < Airmass.lowestAltitude {
      log.warning(
        "the field would have stood at an altitude of \(lowest.rounded()) degrees: site, times or coordinates are wrong; the rules on seeing and transparency do without the airmass"
      )
    }
    return rows
  }

  /// Degrees: of the first target that has coordinates, else where the header says the telescope pointed.
  func fieldCentre(_ observation: Observation) -> (Double, Double)? {
    for star in stars where star.role == .target {
      if let ra = star.rightAscension, let dec = star.declination { return (ra.degrees, dec.degrees) }
    }
    guard observation.rightAscension.isFinite, observation.declination.isFinite else { return nil }
    return (observation.rightAscension, observation.declination)
  }
}

extension Observation {
  /// True for a raw frame without an overscan.
  fileprivate var lacksOverscan: Bool { reduction == nil && outputs.allSatisfy { $0.overscan == nil } }
}
