/// A used point of a curve and what its frame was like, each minus its mean over the night and segment: what the slopes
/// against seeing and sky are drawn from. NaN where there is no value.
public struct CurveDeparture: Sendable, Equatable {
  public var frame: Int
  public var night: String
  public var deltaMagnitude: Double
  public var error: Double
  /// px.
  public var fwhm: Double
  /// e-/px/s.
  public var sky: Double

  /// Of one star in one filter, in the order of the curve.
  public static func all(of curve: [LightCurvePoint]) -> [CurveDeparture] {
    struct Key: Hashable {
      var night: String
      var segment: Int
    }
    let used = curve.filter { $0.used && $0.deltaMagnitude.isFinite && $0.deltaMagnitudeError > 0 }
    let groups = Dictionary(grouping: used, by: { Key(night: $0.frame.night, segment: $0.frame.segment) })
    let means = groups.mapValues { points in
      (
        magnitude: mean(points.map(\.deltaMagnitude)), fwhm: mean(points.map(\.frame.fwhm)),
        sky: mean(points.map { $0.frame.sky / $0.frame.exposure })
      )
    }
    return used.map { point in
      let mean = means[Key(night: point.frame.night, segment: point.frame.segment)] ?? (.nan, .nan, .nan)
      return CurveDeparture(
        frame: point.frame.frame, night: point.frame.night, deltaMagnitude: point.deltaMagnitude - mean.magnitude,
        error: point.deltaMagnitudeError, fwhm: point.frame.fwhm - mean.fwhm,
        sky: point.frame.sky / point.frame.exposure - mean.sky)
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    let known = values.filter(\.isFinite)
    return known.reduce(0, +) / Double(known.count)
  }
}
