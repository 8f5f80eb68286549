/// What constant stars of a target's brightness scatter beyond their expected errors, night by night: added to the
/// target's own errors, it makes the scaled ones. Neither target nor check star has a part in it.
public struct ErrorFloor: Sendable, Equatable {
  /// By night, mag; nights with too few frames have that of the whole run.
  public private(set) var nights: [String: Double] = [:]
  /// Of the whole run, mag; NaN without stars.
  public private(set) var whole = Double.nan

  /// Magnitudes from the target within which a star counts as alike; where none does, the `nearest` few stand in.
  public static let range = 1.5
  public static let nearest = 3
  /// A night with fewer frames in use cannot tell its own floor.
  public static let fewestFrames = 5

  /// - Parameter stars: Constant stars, without target and check star.
  public init(for target: Int, _ differential: DifferentialPhotometry, stars: [Int]) {
    let magnitude = differential.meanMagnitude(of: target)
    let distances = stars.map { (star: $0, distance: abs(differential.meanMagnitude(of: $0) - magnitude)) }
      .filter { !$0.distance.isNaN }
      .sorted { $0.distance != $1.distance ? $0.distance < $1.distance : $0.star < $1.star }
    let alike = distances.filter { $0.distance <= Self.range }
    let chosen = alike.isEmpty ? Array(distances.prefix(Self.nearest)) : alike
    let deviations = chosen.map { differential.deviations(of: $0.star) }
    guard !deviations.isEmpty else { return }
    let series = differential.series
    whole = Self.floor(deviations, frames: Array(series.inUse.indices))
    let byNight = Dictionary(grouping: series.inUse.indices, by: { series.summaries[series.inUse[$0]].night })
    for (night, frames) in byNight {
      nights[night] = frames.count < Self.fewestFrames ? whole : Self.floor(deviations, frames: frames)
    }
  }

  public func callAsFunction(night: String) -> Double { nights[night] ?? whole }

  /// The root of the median excess, 0 where it is negative.
  private static func floor(_ stars: [DifferentialPhotometry.Deviations], frames: [Int]) -> Double {
    let excess = stars.map { star -> Double in
      let values = frames.map { (star.residuals[$0], star.variances[$0]) }.filter { !$0.0.isNaN && !$0.1.isNaN }
      guard values.count >= 3 else { return .nan }
      var known = 0.0
      for _ in 0..<10 {
        var z = values.map { $0.0 / ($0.1 + known).squareRoot() }
        let inverses = values.reduce(0) { $0 + 1 / ($1.1 + known) }
        let next = ExcessVariance(standardised: &z, inverseVariances: inverses, known: known).value
        if next <= 0 { return next }
        if abs(next - known) < 1e-9 { break }
        known = next
      }
      return known
    }
    let middle = Median.of(excess)
    return middle.isNaN ? .nan : max(0, middle).squareRoot()
  }
}
