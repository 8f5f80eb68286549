/// How much a constant star jumps where the series changes for good, at a meridian flip or a refocus: a row of
/// `segments.csv`.
public struct SegmentStep: Sendable, Equatable {
  /// What begins a new segment.
  public enum Cause: String, Sendable, CaseIterable {
    case flip, refocus
  }

  public var filter: String
  /// Segments before and after, and the first frame of the filter after.
  public var before: Int
  public var after: Int
  public var frame: Int
  public var cause: Cause
  public var star: String
  public var isCheck: Bool
  /// Points before and after, of the nights next to the change.
  public var pointsBefore: Int
  public var pointsAfter: Int
  /// Magnitude after minus before; NaN where a side has no point.
  public var step: Double
  public var error: Double

  public var significance: Double { step / error }

  /// The comparison stars, each against the others, and the check stars, across all changes of a filter.
  static func steps(in ensemble: FilterEnsemble) -> [SegmentStep] {
    guard let differential = ensemble.own else { return [] }
    let series = ensemble.series
    let frames = series.inUse.map { series.summaries[$0] }
    let segments = Array(Set(frames.map(\.segment))).sorted()
    guard segments.count > 1 else { return [] }
    let checks = ensemble.checks
    let stars = (ensemble.comparisons + checks).sorted()
    let deviations = stars.map { differential.deviations(of: $0) }
    var steps: [SegmentStep] = []
    for (earlier, later) in zip(segments, segments.dropFirst()) {
      let before = side(frames, segment: earlier, isLast: true)
      let after = side(frames, segment: later, isLast: false)
      guard let last = before.last, let first = after.first else { continue }
      let isFlip = SeriesSegments.isFlip(frames[last], frames[first])
      for (star, deviations) in zip(stars, deviations) {
        let (a, b) = (Level(deviations, before), Level(deviations, after))
        steps.append(
          SegmentStep(
            filter: series.filter, before: earlier, after: later, frame: frames[first].frame,
            cause: isFlip ? .flip : .refocus, star: series.stars[star].name, isCheck: checks.contains(star),
            pointsBefore: a.count, pointsAfter: b.count, step: b.value - a.value,
            error: (a.variance + b.variance).squareRoot()))
      }
    }
    return steps
  }

  /// Places of the frames of a segment in its last or first night.
  private static func side(_ frames: [FrameSummary], segment: Int, isLast: Bool) -> [Int] {
    let members = frames.indices.filter { frames[$0].segment == segment }
    guard let nearest = isLast ? members.last : members.first else { return [] }
    return members.filter { frames[$0].night == frames[nearest].night }
  }

  /// Mean of a star on one side of a change, its variance the larger of the formal one and that of the scatter.
  private struct Level {
    var value = Double.nan
    var variance = Double.nan
    var count = 0

    init(_ deviations: DifferentialPhotometry.Deviations, _ places: [Int]) {
      let points = places.map { (deviations.residuals[$0], deviations.variances[$0]) }
        .filter { $0.0.isFinite && $0.1 > 0 }
      guard !points.isEmpty else { return }
      count = points.count
      let total = points.reduce(0) { $0 + 1 / $1.1 }
      value = points.reduce(0) { $0 + $1.0 / $1.1 } / total
      let chi2 = points.reduce(0) { $0 + ($1.0 - value) * ($1.0 - value) / $1.1 }
      variance = (count > 1 ? max(1, chi2 / Double(count - 1)) : 1) / total
    }
  }

  /// One sentence for each change.
  static func remarks(_ steps: [SegmentStep]) -> [String] {
    struct Change: Hashable {
      var filter: String
      var after: Int
    }
    let changes = Dictionary(grouping: steps, by: { Change(filter: $0.filter, after: $0.after) })
    return changes.values.sorted { ($0[0].filter, $0[0].after) < ($1[0].filter, $1[0].after) }.map { rows in
      let stars = rows.filter { !$0.isCheck && $0.step.isFinite }
      let squares = stars.reduce(0) { $0 + $1.step * $1.step }
      let rms = (squares / Double(stars.count)).squareRoot()
      let sure = stars.count { abs($0.significance) > 4 }
      var text = rows[0].filter.isEmpty ? "" : "\(rows[0].filter): "
      text += "segment \(rows[0].after) begins at frame \(rows[0].frame) (\(rows[0].cause.rawValue))"
      if !stars.isEmpty {
        text += ": comparison stars step by \(ConstancyStatistics.milli(rms)) mmag rms, \(sure) of \(stars.count) "
        text += "beyond 4 sigma"
      }
      for check in rows where check.isCheck && check.step.isFinite {
        text += ", the check star \(check.star) by \((1000 * check.step).fixed(1)) +- "
        text += "\((1000 * check.error).fixed(1)) mmag"
      }
      return text + " (segments.csv)"
    }
  }
}
