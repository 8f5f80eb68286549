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
  /// fewer neighbours, bad pixels and sky. Not more than a per cent: stars like a bright target are mostly fainter than
  /// it, ask for smaller apertures than it does, and hide how much more it loses in them.
  public var tolerance = 1.01
  /// Most light of neighbours within the target's aperture.
  public var contamination = 0.02

  public init() {}

  /// The aperture taken, and why.
  public struct Choice: Sendable, Equatable {
    public var aperture: Int
    /// In words, for people.
    public var reason: String
  }

  /// The zero points in each aperture, solved once for all targets of an ensemble.
  struct Apertures: Sendable {
    /// The comparison stars in an aperture near 1.25 FWHM; the other apertures use the same stars.
    let middle: DifferentialPhotometry
    private var solved: [Int: DifferentialPhotometry] = [:]

    init(_ middle: DifferentialPhotometry) {
      self.middle = middle
      solved[middle.aperture] = middle
    }

    mutating func callAsFunction(_ aperture: Int) -> DifferentialPhotometry {
      if let known = solved[aperture] { return known }
      let made = DifferentialPhotometry(
        middle.method, middle.series, aperture: aperture, comparisons: middle.comparisons)
      solved[aperture] = made
      return made
    }
  }

  /// Every aperture for a target, the one chosen among them.
  ///
  /// - Parameters:
  ///   - candidates: Constant stars, as stars of the table; none may be a target.
  ///   - given: The aperture and why, where it is not chosen by scatter.
  func scan(
    for target: Int, _ apertures: inout Apertures, candidates: [Int], given: Choice? = nil
  ) -> ApertureScan {
    let series = apertures.middle.series
    let like = likeStars(target, apertures.middle, candidates)
    let least = leastRadius(target, series, like)
    var points: [ApertureScan.Point] = []
    for aperture in series.radii.indices {
      let differential = apertures(aperture)
      let deviations = like.map { differential.deviations(of: $0) }
      let scatters = deviations.map { Self.scatter($0, series) }.filter(\.isFinite)
      var point = ApertureScan.Point(aperture: aperture, radius: series.radii[aperture])
      point.stars = scatters.count
      point.scatter = Median.of(scatters)
      point.expected = Median.of(deviations.map { Median.of($0.variances).squareRoot() })
      point.contamination = neighbours(of: target, aperture, series)
      point.refusal = refusal(of: series.radii[aperture], series.fwhm, least)
      if point.refusal.isEmpty && point.contamination > contamination {
        point.refusal = Self.crowded + " \(ComparisonCandidates.percent(point.contamination)) %"
      }
      points.append(point)
    }
    let choice = given ?? choice(among: points, like: like.count, series)
    return ApertureScan(
      target: series.stars[target].name, filter: series.filter, fwhm: series.fwhm, chosen: choice.aperture,
      reason: choice.reason, isAutomatic: given == nil, points: points)
  }

  private static let crowded = "neighbours add"

  /// The smallest aperture whose scatter is near the least one; 1.5 FWHM where nothing tells.
  private func choice(among points: [ApertureScan.Point], like: Int, _ series: FilterSeries) -> Choice {
    let usual = series.aperture(nearest: 1.5 * series.fwhm)
    guard like >= fewest else {
      return Choice(aperture: usual, reason: "1.5 FWHM: only \(like) constant stars of its brightness")
    }
    let allowed = points.filter(\.refusal.isEmpty)
    guard !allowed.isEmpty else {
      // Close neighbours: the less of their light the better.
      let crowded = points.filter { $0.refusal.hasPrefix(Self.crowded) }
      guard let least = crowded.min(by: { $0.contamination < $1.contamination }) else {
        return Choice(aperture: usual, reason: "1.5 FWHM: no aperture meets the limits")
      }
      let percent = ComparisonCandidates.whole(100 * least.contamination)
      return Choice(aperture: least.aperture, reason: "neighbours add \(percent) % even here")
    }
    let best = allowed.map(\.scatter).filter(\.isFinite).min() ?? .nan
    guard let first = allowed.first(where: { $0.scatter <= tolerance * best }) else {
      return Choice(aperture: usual, reason: "1.5 FWHM: the stars of its brightness have too few values")
    }
    return Choice(
      aperture: first.aperture,
      reason: "\(like) stars of its brightness scatter by \(ConstancyStatistics.milli(first.scatter)) mmag in it")
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

  /// The least radius that holds enough of a star for the seeing not to show, px, and why; 0 where any does.
  private func leastRadius(_ target: Int, _ series: FilterSeries, _ like: [Int]) -> (radius: Double, reason: String) {
    let least = 1.25 * series.fwhm
    if series.fwhm < 2.5 { return (least, "below 1.25 FWHM, undersampled") }
    let varies = Self.seeingVariation(series, like) > 0.10
    return varies && !isSkyLimited(target, series) ? (least, "below 1.25 FWHM, the seeing varies") : (0, "")
  }

  /// Why an aperture of this radius is out of the question; empty where it is not.
  private func refusal(of radius: Double, _ fwhm: Double, _ least: (radius: Double, reason: String)) -> String {
    // Radii are rounded to 0.1 px.
    if !(radius - 0.05 <= 3 * fwhm) { return "beyond 3 FWHM" }
    return radius + 0.05 >= least.radius ? "" : least.reason
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
  private static func scatter(_ deviations: DifferentialPhotometry.Deviations, _ series: FilterSeries) -> Double {
    var residuals = deviations.residuals
    let nights = series.inUse.map { series.summaries[$0].night }
    if Set(nights).count > 1 {
      let means = Dictionary(grouping: residuals.indices, by: { nights[$0] })
        .mapValues { places in Median.of(places.map { residuals[$0] }) }
      for i in residuals.indices { residuals[i] -= means[nights[i]] ?? 0 }
    }
    residuals.removeAll { $0.isNaN }
    return residuals.count >= 3 ? ExcessVariance.squaredScatter(&residuals).squareRoot() : .nan
  }
}
