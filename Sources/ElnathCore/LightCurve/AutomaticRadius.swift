/// The aperture for a target in one filter: where constant stars of its brightness scatter least. The scatter of the
/// target itself is never asked: it may vary.
public struct AutomaticRadius: Sendable {
  /// Like stars lie within this many magnitudes of the target; the range is widened by `step` until there are `enough`.
  public var range = 0.75
  public var step = 0.5
  public var enough = 5
  /// Fewer like stars decide nothing.
  public var fewest = 3
  /// The smallest radius is taken whose scatter exceeds the least by no more than this factor: small apertures hold
  /// fewer neighbours, bad pixels and sky.
  public var tolerance = 1.03
  /// Most light of neighbours within the target's aperture.
  public var contamination = 0.02

  public init() {}

  public struct Choice: Sendable, Equatable {
    public var aperture: Int
    /// In words, for people.
    public var reason: String
  }

  /// - Parameters:
  ///   - middle: The comparison stars in an aperture near 1.25 FWHM; the other apertures use the same stars.
  ///   - candidates: Constant stars, as stars of the table; none may be a target.
  public func callAsFunction(
    for target: Int, middle: DifferentialPhotometry, candidates: [Int]
  ) -> Choice {
    let series = middle.series
    let usual = series.aperture(nearest: 1.5 * series.fwhm)
    let like = likeStars(target, middle, candidates)
    guard like.count >= fewest else {
      return Choice(aperture: usual, reason: "1.5 FWHM: only \(like.count) constant stars of its brightness")
    }
    let wide = wideEnough(target, series, like)
    let allowed = wide.filter { !(neighbours(of: target, $0, series) > contamination) }
    guard !allowed.isEmpty else {
      // Close neighbours: the less of their light the better.
      let least = wide.min { neighbours(of: target, $0, series) < neighbours(of: target, $1, series) }
      guard let least else { return Choice(aperture: usual, reason: "1.5 FWHM: no aperture meets the limits") }
      let percent = ComparisonCandidates.whole(100 * neighbours(of: target, least, series))
      return Choice(aperture: least, reason: "neighbours add \(percent) % even here")
    }
    var scatter: [Double] = []
    for aperture in allowed {
      let differential =
        aperture == middle.aperture
        ? middle
        : DifferentialPhotometry(middle.method, series, aperture: aperture, comparisons: middle.comparisons)
      scatter.append(Median.of(like.map { Self.scatter(differential, of: $0) }))
    }
    let least = scatter.filter { !$0.isNaN }.min() ?? .nan
    guard let place = scatter.firstIndex(where: { $0 <= tolerance * least }) else {
      return Choice(aperture: usual, reason: "1.5 FWHM: the stars of its brightness have too few values")
    }
    return Choice(
      aperture: allowed[place],
      reason: "\(like.count) stars of its brightness scatter by \(ConstancyStatistics.milli(scatter[place])) mmag in it"
    )
  }

  /// The candidates nearest to the target in magnitude, as many as the widened range holds.
  private func likeStars(_ target: Int, _ middle: DifferentialPhotometry, _ candidates: [Int]) -> [Int] {
    let magnitude = middle.meanMagnitude(of: target)
    guard !magnitude.isNaN else { return [] }
    let distances = candidates.map { (star: $0, distance: abs(middle.meanMagnitude(of: $0) - magnitude)) }
      .filter { !$0.distance.isNaN }
    guard let farthest = distances.map(\.distance).max() else { return [] }
    var limit = range
    while distances.count(where: { $0.distance <= limit }) < enough && limit < farthest { limit += step }
    return distances.filter { $0.distance <= limit }.map(\.star)
  }

  /// Median part of the neighbours' light in an aperture.
  private func neighbours(of target: Int, _ aperture: Int, _ series: FilterSeries) -> Double {
    Median.of(series.inUse.map { series.aperture(aperture, of: target, on: $0).contamination })
  }

  /// Apertures up to 3 FWHM that hold enough of a star for the seeing not to show.
  private func wideEnough(_ target: Int, _ series: FilterSeries, _ like: [Int]) -> [Int] {
    let fwhm = series.fwhm
    let varies = Self.seeingVariation(series, like) > 0.10
    let least = fwhm < 2.5 || (varies && !isSkyLimited(target, series)) ? 1.25 * fwhm : 0
    return series.radii.indices.filter { aperture in
      // Radii are rounded to 0.1 px.
      let radius = series.radii[aperture] + 0.05
      return radius - 0.1 <= 3 * fwhm && radius >= least
    }
  }

  /// Relative scatter of the width of the stars over the frames in use.
  private static func seeingVariation(_ series: FilterSeries, _ like: [Int]) -> Double {
    func variation(_ widths: [Double]) -> Double { RobustScale.sigma(widths) / Median.of(widths) }
    let stars = like.map { star in variation(series.inUse.map { series.star(star, on: $0).fwhm }) }
      .filter { !$0.isNaN }
    return stars.count >= 5 ? Median.of(stars) : variation(series.inUse.map { series.summaries[$0].fwhm })
  }

  /// True where the sky adds more noise than the star's own photons.
  private func isSkyLimited(_ target: Int, _ series: FilterSeries) -> Bool {
    let aperture = series.aperture(nearest: 1.25 * series.fwhm)
    let share = Median.of(
      series.inUse.map { frame in
        let budget = series.aperture(aperture, of: target, on: frame).budget
        return budget.source / budget.flux
      })
    return share < 0.5
  }

  /// Scatter of a star against the ensemble, mag; about the mean of each night where there are several.
  static func scatter(_ differential: DifferentialPhotometry, of star: Int) -> Double {
    var residuals = differential.deviations(of: star).residuals
    let nights = differential.series.inUse.map { differential.series.summaries[$0].night }
    if Set(nights).count > 1 {
      let means = Dictionary(grouping: residuals.indices, by: { nights[$0] })
        .mapValues { places in Median.of(places.map { residuals[$0] }) }
      for i in residuals.indices { residuals[i] -= means[nights[i]] ?? 0 }
    }
    residuals.removeAll { $0.isNaN }
    return residuals.count >= 3 ? ExcessVariance.squaredScatter(&residuals).squareRoot() : .nan
  }
}
