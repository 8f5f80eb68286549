/// One point of a target's curve beside the same point of curves made in other ways: a row of `distrust_<target>.csv`.
public struct DistrustPoint: Sendable, Equatable {
  public var frame: Int
  public var filter: String
  public var jdUTC: Double
  public var bjdTDB: Double
  public var used: Bool
  /// As the light curve has them, mag.
  public var deltaMagnitude: Double
  public var error: Double
  /// The other curves, mag; NaN where they have no point, or one that they would not use.
  public var others: [DistrustWay: Double]
}

/// Another way to the same curve.
public enum DistrustWay: String, Sendable, CaseIterable {
  /// Without the three comparison stars that move it most.
  case withoutInfluential = "without_influential"
  case smallerRadius = "smaller_radius"
  case largerRadius = "larger_radius"
  /// `sum` for `zeropoint`, and the other way round.
  case otherEnsemble = "other_ensemble"
}

/// How far one other way leads from a target's curve: a row of `distrust.csv`.
public struct DistrustVerdict: Sendable, Equatable {
  public var target: String
  public var filter: String
  public var way: DistrustWay
  /// What was done: names, radius, ensemble.
  public var what: String
  /// Points that both curves use, and how many of them differ by more than their error bar and four times the noise of
  /// the difference: two apertures share most of their noise, but not all.
  public var count = 0
  public var exceeding = 0
  /// Rms of the differences and the largest, mag; the largest over that limit, and its frame.
  public var rms = Double.nan
  public var largest = Double.nan
  public var largestInErrors = Double.nan
  public var frame: Int?

  /// True where a difference exceeds the error bar.
  public var isDistrusted: Bool { largestInErrors > 1 }

  var sentence: String? {
    guard isDistrusted, let frame else { return nil }
    let prefix = filter.isEmpty ? "" : "\(filter): "
    return
      "\(prefix)the curve of \(target) moves by more than its error bar in \(exceeding) of \(count) points, at most "
      + "\(ConstancyStatistics.milli(abs(largest))) mmag (frame \(frame)), \(what) (distrust.csv)"
  }
}

/// Makes the curve of a target in other ways that are as good: what survives them all can be believed.
struct DistrustTest: Sendable {
  private let target: Int
  private let ensemble: FilterEnsemble
  private let frames: [FrameSummary]
  private let context: LightCurveContext

  /// Comparison stars left out, where as many stay.
  static let influential = 3
  /// Part by which the radius changes.
  static let radiusChange = 0.25

  struct Result: Sendable {
    var target: String
    var points: [DistrustPoint]
    var verdicts: [DistrustVerdict]
  }

  init(_ target: Int, of ensemble: FilterEnsemble, frames: [FrameSummary], context: LightCurveContext) {
    self.target = target
    self.ensemble = ensemble
    self.frames = frames
    self.context = context
  }

  func callAsFunction(_ curve: [LightCurvePoint]) -> Result {
    let star = ensemble.series.stars[target]
    var result = Result(
      target: star.name,
      points: curve.map { point in
        DistrustPoint(
          frame: point.frame.frame, filter: point.frame.filter, jdUTC: point.frame.jdUTC, bjdTDB: point.bjdTDB,
          used: point.used, deltaMagnitude: point.deltaMagnitude, error: point.deltaMagnitudeError, others: [:])
      }, verdicts: [])
    for way in DistrustWay.allCases {
      guard let (other, what) = made(way) else { continue }
      let points = TargetSeries(target, of: other, context: context).points(frames)
      let both = curve.indices.filter { index in
        curve[index].used && points[index].used && curve[index].deltaMagnitude.isFinite
          && points[index].deltaMagnitude.isFinite
      }
      // Each curve is counted from its own median; what they share decides.
      let offset = Median.of(both.map { points[$0].deltaMagnitude - curve[$0].deltaMagnitude })
      for index in points.indices {
        // A point that this way itself would not use, such as a sum without one of its stars, says nothing.
        let isLost = curve[index].used && !points[index].used
        result.points[index].others[way] = isLost ? .nan : points[index].deltaMagnitude - offset
      }
      var verdict = DistrustVerdict(target: star.name, filter: ensemble.series.filter, way: way, what: what)
      verdict.count = both.count
      var squares = 0.0
      for index in both {
        let difference = points[index].deltaMagnitude - offset - curve[index].deltaMagnitude
        let limit = max(curve[index].deltaMagnitudeError, 4 * Self.noise(between: curve[index], points[index]))
        let inErrors = abs(difference) / limit
        squares += difference * difference
        if inErrors > 1 { verdict.exceeding += 1 }
        if verdict.frame == nil || inErrors > verdict.largestInErrors {
          (verdict.largest, verdict.largestInErrors) = (difference, inErrors)
          verdict.frame = curve[index].frame.frame
        }
      }
      if !both.isEmpty { verdict.rms = (squares / Double(both.count)).squareRoot() }
      result.verdicts.append(verdict)
    }
    return result
  }

  /// Of the difference between two measurements of one point, mag: what the larger aperture has beyond the smaller one,
  /// and what one ensemble has beyond the other.
  private static func noise(between a: LightCurvePoint, _ b: LightCurvePoint) -> Double {
    let (small, large) = a.radius <= b.radius ? (a, b) : (b, a)
    let (v, w) = (small.fluxError * small.fluxError, large.fluxError * large.fluxError)
    let own =
      small.radius < large.radius
      ? v / (small.flux * small.flux) + w / (large.flux * large.flux) - 2 * v / (small.flux * large.flux) : 0
    let variance = max(0, own) + abs(a.ensembleVariance - b.ensembleVariance)
    return variance.isFinite ? Magnitude.perRelative * variance.squareRoot() : 0
  }

  /// The filter with the curve made in another way, and what that is; nil where there is no such way.
  private func made(_ way: DistrustWay) -> (FilterEnsemble, String)? {
    guard let aperture = ensemble.apertures[target], let differential = ensemble.differentials[aperture] else {
      return nil
    }
    let series = ensemble.series
    let (method, stars) = (differential.method, ensemble.comparisons)
    switch way {
    case .withoutInfluential:
      let ranking = ensemble.verdicts.filter { $0.used && $0.influence.isFinite }
        .sorted { $0.influence != $1.influence ? $0.influence > $1.influence : $0.star < $1.star }
      let least = min(Self.influential, stars.count - Self.influential)
      guard least > 0 else { return nil }
      let names = ranking.prefix(Self.influential).map(\.star)
      guard names.count == Self.influential else { return nil }
      let rest = stars.filter { !names.contains(series.stars[$0].name) }
      return (
        ensemble.with(method, comparisons: rest, aperture: aperture, of: target),
        "without " + names.joined(separator: ", ")
      )
    case .smallerRadius, .largerRadius:
      let factor = way == .smallerRadius ? 1 - Self.radiusChange : 1 + Self.radiusChange
      let other = series.aperture(nearest: factor * series.radii[aperture])
      guard way == .smallerRadius ? other < aperture : other > aperture else { return nil }
      return (
        ensemble.with(method, comparisons: stars, aperture: other, of: target),
        "at a radius of \(series.radii[other].fixed(1)) px"
      )
    case .otherEnsemble:
      guard !stars.isEmpty else { return nil }
      let other: EnsembleMethod = method == .sum ? .zeropoint : .sum
      return (
        ensemble.with(other, comparisons: stars, aperture: aperture, of: target),
        "with the ensemble \(other.rawValue)"
      )
    }
  }
}
