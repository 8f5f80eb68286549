/// The points of a light curve that are averaged together.
public enum Binning: Sendable, Equatable {
  /// Consecutive frames of one filter without a gap beyond max(20 min, 5 exposures).
  case cycle
  case night
  /// Stretches of so many minutes, counted from the first point of each filter.
  case minutes(Double)
}

/// The mean of several points of a light curve in one filter. NaN where there is no value.
public struct BinnedPoint: Sendable, Equatable {
  public var filter: String
  public var night: String
  public var frames: Int
  /// From the first mid-exposure to the last, d.
  public var span: Double
  /// Means with the weights of the relative flux.
  public var jdUTC: Double
  public var bjdTDB: Double
  public var relativeFlux: Double
  public var relativeFluxError: Double
  public var deltaMagnitude: Double
  public var deltaMagnitudeError: Double
}

extension LightCurve {
  /// Inverse-variance means of the used points; the error is the larger of the formal one and the scatter over the
  /// square root of the number of points, so a bin in which the star varies says so.
  public func binned(_ binning: Binning) -> [BinnedPoint] {
    let usable = points.filter {
      $0.used && $0.frame.jdUTC.isFinite && $0.relativeFlux.isFinite && $0.relativeFluxError > 0
    }
    var bins: [BinnedPoint] = []
    for filter in Set(usable.map(\.frame.filter)).sorted() {
      let ofFilter = usable.filter { $0.frame.filter == filter }
      bins += Self.groups(ofFilter, binning, others: points.filter { $0.frame.filter != filter }).map(Self.mean)
    }
    return bins.sorted { ($0.jdUTC, $0.filter) < ($1.jdUTC, $1.filter) }
  }

  private static func groups(
    _ points: [LightCurvePoint], _ binning: Binning, others: [LightCurvePoint]
  ) -> [[LightCurvePoint]] {
    let otherTimes = others.map(\.frame.jdUTC).filter(\.isFinite).sorted()
    var groups: [[LightCurvePoint]] = []
    for point in points {
      guard let last = groups.last?.last, let first = groups.last?.first else {
        groups.append([point])
        continue
      }
      let belongs =
        switch binning {
        case .night: point.frame.night == last.frame.night
        case .minutes(let length):
          stretch(point, from: points[0], length) == stretch(first, from: points[0], length)
        case .cycle: isSameCycle(last, point, otherFilters: otherTimes)
        }
      if belongs { groups[groups.count - 1].append(point) } else { groups.append([point]) }
    }
    return groups
  }

  private static func stretch(_ point: LightCurvePoint, from first: LightCurvePoint, _ minutes: Double) -> Double {
    ((point.frame.jdUTC - first.frame.jdUTC) * 1440 / minutes).rounded(.down)
  }

  private static func isSameCycle(_ a: LightCurvePoint, _ b: LightCurvePoint, otherFilters: [Double]) -> Bool {
    let gap = (b.frame.jdUTC - a.frame.jdUTC) * 86_400
    let between = otherFilters.contains { $0 > a.frame.jdUTC && $0 < b.frame.jdUTC }
    return gap <= max(1200, 5 * b.frame.exposure) && !between
  }

  private static func mean(_ points: [LightCurvePoint]) -> BinnedPoint {
    let weights = points.map { 1 / ($0.relativeFluxError * $0.relativeFluxError) }
    func mean(_ value: (LightCurvePoint) -> Double, _ weights: [Double]) -> Double {
      var sum = 0.0
      var total = 0.0
      for (point, weight) in zip(points, weights) where value(point).isFinite && weight.isFinite {
        sum += weight * value(point)
        total += weight
      }
      return total > 0 ? sum / total : .nan
    }
    /// Times lose no digits when counted from one of them.
    func time(_ value: @escaping (LightCurvePoint) -> Double) -> Double {
      let zero = value(points[0])
      return zero + mean({ value($0) - zero }, weights)
    }
    func error(_ value: (LightCurvePoint) -> Double, _ weights: [Double]) -> Double {
      let known = zip(points, weights).filter { value($0).isFinite && $1.isFinite }
      guard !known.isEmpty else { return .nan }
      let formal = (1 / known.reduce(0) { $0 + $1.1 }).squareRoot()
      guard known.count > 1 else { return formal }
      let centre = mean(value, weights)
      let squares = known.reduce(0) { $0 + (value($1.0) - centre) * (value($1.0) - centre) }
      let n = Double(known.count)
      return max(formal, (squares / (n - 1) / n).squareRoot())
    }
    let magnitudeWeights = points.map { 1 / ($0.deltaMagnitudeError * $0.deltaMagnitudeError) }
    return BinnedPoint(
      filter: points[0].frame.filter, night: points[0].frame.night, frames: points.count,
      span: points[points.count - 1].frame.jdUTC - points[0].frame.jdUTC, jdUTC: time(\.frame.jdUTC),
      bjdTDB: time(\.bjdTDB), relativeFlux: mean(\.relativeFlux, weights),
      relativeFluxError: error(\.relativeFlux, weights), deltaMagnitude: mean(\.deltaMagnitude, magnitudeWeights),
      deltaMagnitudeError: error(\.deltaMagnitude, magnitudeWeights))
  }
}
