import ElnathCore
import ElnathFITS

/// One stack that was written.
public struct WrittenStack: Sendable {
  public var path: String
  public var used: Int
  public var total: Int
}

extension Workspace {
  /// Stacks the registered frames of each group on the grid of the reference frame, in electrons of the clearest
  /// frame, without sky: `stack.fits` for the filter of the reference frame, `stack_FILTER.fits` for others,
  /// `_NIGHT` or a number behind where there are several of a filter.
  ///
  /// A frame whose registration was not proved, or whose transparency, width or elongation fail the settings, stays
  /// out, which the log says.
  ///
  /// - Returns: what was written, and the alignment: with the sources of the stack of all frames of the reference's
  ///   filter, where that is among them.
  public func stack(
    _ alignment: Alignment, reduce: ReduceStage, by grouping: StackGrouping, settings: StackSettings
  ) async throws -> (written: [WrittenStack], alignment: Alignment) {
    let rule = try settings.rule()
    let reference = alignment.frames[alignment.reference - 1]
    let coordinates = try savedSolution(alignment)?.projection.cards ?? []
    var alignment = alignment
    var written: [WrittenStack] = []
    for group in grouping.groups(alignment.frames) {
      let all = alignment.frames.filter { $0.filter == group.filter }
      let review = StackReview(group.rows, of: all, settings: settings)
      for left in review.leftOut { log.info("\(left.file): not stacked: \(left.reason)") }
      guard let clearest = review.kept.max(by: { Self.light($0) < Self.light($1) }) else {
        log.warning("no frame for a stack of filter \(group.filter) \(group.name): all \(group.rows.count) stay out")
        continue
      }
      let scale = Self.light(clearest)
      let read = try await runner.map(
        review.kept, finished: telling("preparing the stack", total: review.kept.count)
      ) { [alignment] row in try stackInput(row, alignment, reduce, factor: scale / Self.light(row)) }
      let usable = read.compactMap { try? $0.get() }
      var inputs = usable.map(\.input)
      let measured = inputs.takeMeasuredNoise(usable.map(\.noise))
      if let measured {
        let times = (measured * 100).rounded() / 100
        let filter = group.filter
        log.info("skies of \(filter): \(times) x the variance of the noise model; the stack takes the measured one")
      }
      var leftOut = review.leftOut
      for (row, result) in zip(review.kept, read) {
        if case .failure(let error) = result { leftOut.append((row.file, error.reason)) }
      }
      guard !inputs.isEmpty else { continue }
      let stage = StackStage(
        rule: rule, kernel: settings.kernel, runner: runner, memory: memory ?? Self.usualMemory, finished: bandProgress)
      let stack = try await stage(inputs, width: alignment.width, height: alignment.height)
      let isReference = group.filter == reference.filter
      let path = output + "/" + Self.stackName(group, isReference: isReference)
      try StackFile.write(
        stack,
        StackFile.Description(
          unit: "electron", rule: rule, kernel: settings.kernel, frames: inputs.map(\.observation),
          weights: inputs.map { rule.combination == .weighted ? $0.frame.weight : 1 }, leftOut: leftOut,
          barycentric: barycentric(inputs.map(\.observation)), coordinates: coordinates,
          isNoiseMeasured: measured != nil), to: path)
      written.append(WrittenStack(path: path, used: inputs.count, total: group.rows.count))
      guard isReference, grouping == .run else { continue }
      let sources = DeepSources()(
        in: stack, observation: lights[alignment.reference - 1].observation, found: alignment.sources,
        light: Self.light(reference) / scale)
      let faint = sources.count { $0.detected == 0 }
      log.info("stack of \(inputs.count) frames: \(sources.count) sources, \(faint) of them on no single frame")
      alignment.sources = sources.map(\.asWritten)
    }
    if written.isEmpty {
      throw PipelineError(.badData, "", "no frame passes the quality check of [stack]; see \(output)/frames.csv")
    }
    return (written, alignment)
  }

  /// The stack that a run makes between `align` and `measure`: of all frames, as the detection image, and those of
  /// `[stack] by` beside it. Whether it is made depends on the settings and on how many frames there are for it, and the
  /// log says so.
  ///
  /// - Parameter always: true to make it whatever `[stack] make` says.
  public func stackOfRun(
    _ alignment: Alignment, reduce: ReduceStage, settings: StackSettings, always: Bool = false
  ) async throws -> (written: [WrittenStack], alignment: Alignment) {
    let filter = alignment.frames[alignment.reference - 1].filter
    let own = alignment.frames.filter { $0.filter == filter }
    let usable = StackReview(own, of: own, settings: settings).kept.count
    guard always || settings.make.applies(to: usable) else {
      let why = settings.make == .never ? "[stack] make = false" : "\(usable) frames of filter \(filter) could enter it"
      log.info("no stack is made (\(why)): the sources are those of the single frames")
      return ([], alignment)
    }
    var result = try await stack(alignment, reduce: reduce, by: .run, settings: settings)
    if settings.by != .run {
      result.written += try await stack(alignment, reduce: reduce, by: settings.by, settings: settings).written
    }
    return result
  }

  /// Bytes, where nothing else is said.
  private static var usualMemory: Int { 1 << 30 }

  private static func stackName(
    _ group: (filter: String, name: String, rows: [FrameSummary]), isReference: Bool
  ) -> String {
    let filter = isReference ? "" : "_" + TableFile.name(for: group.filter)
    return "stack\(filter)\(group.name.isEmpty ? "" : "_" + group.name).fits"
  }

  private var bandProgress: @Sendable (Int, Int) -> Void {
    let progress = progress
    return { progress(Progress(step: "stacking", done: $0, total: $1)) }
  }

  /// What a star of one brightness gives on this frame, in arbitrary units.
  private static func light(_ row: FrameSummary) -> Double {
    (row.transparency > 0 ? row.transparency : 1) * row.exposure
  }

  /// BJD_TDB of the middle of each frame for the middle of the field; empty where that is unknown.
  private func barycentric(_ frames: [Observation]) -> [Double] {
    let dates = frames.map { frame -> Double in
      guard let (ra, dec) = fieldCentre(frame), let earth = EarthState(jdUTC: frame.jdUTC, site: frame.site) else {
        return .nan
      }
      return earth.bjdTDB(rightAscension: ra, declination: dec)
    }
    return dates.allSatisfy(\.isFinite) ? dates : []
  }

  /// The frame ready to be reduced row by row; in copies on disk where it was reduced before.
  private func stackInput(
    _ row: FrameSummary, _ alignment: Alignment, _ reduce: ReduceStage, factor: Double
  ) throws -> Swift.Result<(input: StackInput, noise: SkyNoise?), StageError> {
    let light = lights[row.frame - 1]
    do throws(StageError) {
      var reduction = try reduce.prepared(light)
      reduction.add(
        trails: alignment.trails.filter { $0.frame == row.frame }.map(\.trail), hotPixels: alignment.hotPixels,
        cosmicRays: nil)
      let input = try StackInput(
        reduction, of: light, folder: output, registration: row.registration?.transform, sky: row.sky, factor: factor)
      return .success((input, SkyNoise(reduction)))
    } catch {
      return .failure(error)
    }
  }
}
