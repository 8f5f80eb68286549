import ElnathCore

/// Which frames of one filter go into one stack.
public enum StackGrouping: Sendable, Equatable {
  /// Consecutive frames without a gap beyond 20 minutes or five exposures, whichever is longer.
  case cycle
  /// From noon to noon at the site.
  case night
  /// All of them.
  case run
  /// So many at a time.
  case count(Int)

  /// `cycle`, `night`, `run` or a number of frames from 2 on; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "cycle": self = .cycle
    case "night": self = .night
    case "run": self = .run
    default:
      guard let count = Int(text), count >= 2 else { return nil }
      self = .count(count)
    }
  }

  /// Members of each group in the order of the series, with what tells it from the others of its filter; `rows` are
  /// those of one series, of any filters.
  func groups(_ rows: [FrameSummary]) -> [(filter: String, name: String, rows: [FrameSummary])] {
    let filters = Set(rows.map(\.filter)).sorted()
    switch self {
    case .run: return filters.map { filter in (filter, "", rows.filter { $0.filter == filter }) }
    case .night:
      return filters.flatMap { filter in
        let own = rows.filter { $0.filter == filter }
        return Set(own.map(\.night)).sorted().map { night in (filter, night, own.filter { $0.night == night }) }
      }
    case .count(let count):
      return filters.flatMap { filter in
        let own = rows.filter { $0.filter == filter }
        return stride(from: 0, to: own.count, by: count).map { first in
          (filter, Self.number(first / count), Array(own[first..<min(first + count, own.count)]))
        }
      }
    case .cycle:
      var cycles: [[FrameSummary]] = []
      for row in rows {
        if let last = cycles.last?.last, last.filter == row.filter,
          (row.jdUTC - last.jdUTC) * 86_400 <= max(1200, 5 * max(last.exposure, row.exposure))
        {
          cycles[cycles.count - 1].append(row)
        } else {
          cycles.append([row])
        }
      }
      return filters.flatMap { filter in
        cycles.filter { $0[0].filter == filter }.enumerated().map { (filter, Self.number($0), $1) }
      }
    }
  }

  private static func number(_ index: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}

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
  public func stack(
    _ alignment: Alignment, reduce: ReduceStage, by grouping: StackGrouping, settings: StackSettings, memory: Int?
  ) async throws -> [WrittenStack] {
    let rule = try settings.rule()
    let reference = alignment.frames[alignment.reference - 1]
    var written: [WrittenStack] = []
    for group in grouping.groups(alignment.frames) {
      let review = StackReview(group.rows, settings: settings)
      for left in review.leftOut { log.info("\(left.file): not stacked: \(left.reason)") }
      guard let clearest = review.kept.max(by: { Self.light($0) < Self.light($1) }) else {
        log.warning("no frame for a stack of filter \(group.filter) \(group.name): all \(group.rows.count) stay out")
        continue
      }
      let scale = Self.light(clearest)
      let read = try await runner.map(
        review.kept, finished: telling("reducing for the stack", total: review.kept.count)
      ) { row in try stackInput(row, alignment, reduce, factor: scale / Self.light(row)) }
      let inputs = read.compactMap { try? $0.get() }
      var leftOut = review.leftOut
      for (row, result) in zip(review.kept, read) {
        if case .failure(let error) = result { leftOut.append((row.file, error.reason)) }
      }
      guard !inputs.isEmpty else { continue }
      let stage = StackStage(
        rule: rule, kernel: settings.kernel, runner: runner, memory: memory ?? 1 << 30, finished: bandProgress)
      let stack = try await stage(inputs, width: alignment.width, height: alignment.height)
      let filter = group.filter == reference.filter ? "" : "_" + TableFile.name(for: group.filter)
      let path = output + "/stack\(filter)\(group.name.isEmpty ? "" : "_" + group.name).fits"
      try StackFile.write(
        stack,
        StackFile.Description(
          unit: "electron", rule: rule, kernel: settings.kernel, frames: inputs.map(\.observation),
          weights: inputs.map { rule.combination == .weighted ? $0.frame.weight : 1 }, leftOut: leftOut), to: path)
      written.append(WrittenStack(path: path, used: inputs.count, total: group.rows.count))
    }
    if written.isEmpty {
      throw PipelineError(.badData, "", "no frame passes the quality check of [stack]; see \(output)/frames.csv")
    }
    return written
  }

  private var bandProgress: @Sendable (Int, Int) -> Void {
    let progress = progress
    return { progress(Progress(step: "stacking", done: $0, total: $1)) }
  }

  /// What a star of one brightness gives on this frame, in arbitrary units.
  private static func light(_ row: FrameSummary) -> Double {
    (row.transparency > 0 ? row.transparency : 1) * row.exposure
  }

  /// The frame reduced, with gaps where its mask says that a pixel tells nothing of the sky, in a copy on disk.
  private func stackInput(
    _ row: FrameSummary, _ alignment: Alignment, _ reduce: ReduceStage, factor: Double
  ) throws -> Swift.Result<StackInput, StageError> {
    let light = lights[row.frame - 1]
    let frame: Frame
    do throws(StageError) {
      var reduction = try reduce.prepared(PixelReader.read(light.observation, path: light.path))
      reduction.add(
        trails: alignment.trails.filter { $0.frame == row.frame }.map(\.trail), hotPixels: alignment.hotPixels,
        cosmicRays: reduce.settings.cosmicRays.search(fwhm: row.fwhm, elongation: row.elongation))
      frame = reduction.frame()
    } catch {
      return .failure(error)
    }
    let unusable: PixelMask = [.bad, .bleed, .cosmicRay, .noData, .satellite]
    var pixels = frame.image.image.pixels
    for (i, mask) in frame.image.mask.pixels.enumerated() where !mask.isDisjoint(with: unusable) { pixels[i] = .nan }
    let grid = PixelGrid(width: frame.width, height: frame.height, pixels: pixels)
    let constant = frame.noise.constantVariance
    // Of (value - sky) factor: the photons of the sky are there, whatever is left of its level.
    let variance = factor * factor * (constant + max(0, row.sky))
    return .success(
      StackInput(
        observation: light.observation, rows: .copy(try FrameCopy(grid, folder: output)),
        transform: row.registration?.transform, sky: row.sky, factor: factor,
        frame: StackKernel.Frame(
          weight: 1 / variance, noise: MasterCombination.Noise(constant: variance, linear: factor))))
  }
}

/// Which frames of a group may enter its stack.
struct StackReview: Sendable {
  private(set) var kept: [FrameSummary] = []
  private(set) var leftOut: [(file: String, reason: String)] = []

  init(_ rows: [FrameSummary], settings: StackSettings) {
    let registered = rows.filter { $0.registration != nil && $0.status != .rejected }
    let width = Median.of(registered.map(\.fwhm).filter(\.isFinite))
    let elongation = Median.of(registered.map(\.elongation).filter(\.isFinite))
    func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
    for row in rows {
      if row.registration == nil || row.status == .rejected {
        leftOut.append((row.file, row.reason.isEmpty ? "not registered" : row.reason))
      } else if row.registration?.method == .predicted {
        leftOut.append((row.file, "its place is predicted, not proved by its own stars"))
      } else if row.transparency < settings.minimumTransparency {
        leftOut.append((row.file, "transparency \(rounded(row.transparency))"))
      } else if row.fwhm > settings.maximumWidening * width {
        leftOut.append((row.file, "FWHM \(rounded(row.fwhm)) px where \(rounded(width)) is usual"))
      } else if row.elongation > settings.maximumStretching * elongation {
        leftOut.append((row.file, "elongation \(rounded(row.elongation)) where \(rounded(elongation)) is usual"))
      } else {
        kept.append(row)
      }
    }
  }
}
