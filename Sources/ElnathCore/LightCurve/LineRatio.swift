/// A target's light in one filter, in e-/s on the scale of the ensemble, and what the constant stars have there.
struct BandCurve: Sendable {
  struct Point: Sendable {
    var frame: Int
    var filter: String
    var night: String
    var jdUTC: Double
    var bjdTDB: Double
    var exposure: Double
    var value: Double
    var variance: Double
  }

  let points: [Point]
  private let differential: DifferentialPhotometry
  private let constant: [Int]

  /// The used points of a curve in one filter; nil where there is none.
  init?(_ curve: LightCurve, filter: String, _ ensemble: FilterEnsemble?) {
    guard let ensemble else { return nil }
    let series = ensemble.series
    guard let target = series.stars.firstIndex(where: { $0.name == curve.target.name }),
      let differential = ensemble.apertures[target].flatMap({ ensemble.differentials[$0] }),
      !differential.comparisons.isEmpty
    else { return nil }
    self.differential = differential
    constant = ensemble.constant
    let places = Dictionary(uniqueKeysWithValues: series.summaries.enumerated().map { ($0.element.frame, $0.offset) })
    points = curve.points.compactMap { point in
      guard point.used, point.frame.filter == filter, point.frame.jdUTC.isFinite, let place = places[point.frame.frame]
      else { return nil }
      let unit = 1 / (Magnitude.flux(differential.zeroPoints[place]) * point.frame.exposure)
      let relative = differential.variances[place] / (Magnitude.perRelative * Magnitude.perRelative)
      let value = point.flux * unit
      let own = point.fluxError * unit
      let variance = own * own + value * value * relative
      guard value.isFinite, variance > 0 else { return nil }
      return Point(
        frame: point.frame.frame, filter: filter, night: point.frame.night, jdUTC: point.frame.jdUTC,
        bjdTDB: point.bjdTDB, exposure: point.frame.exposure, value: value, variance: variance)
    }
    if points.isEmpty { return nil }
  }

  /// Plain mean; nil without points. Its variance is the formal one, or that of the scatter where this is larger than
  /// chance makes it once in a hundred: with the larger of the two every quiet mean would look too uncertain.
  static func mean(_ points: [Point]) -> Point? {
    guard var result = points.first else { return nil }
    let n = Double(points.count)
    let zero = (jd: result.jdUTC, bjd: result.bjdTDB)
    result.jdUTC = zero.jd + points.reduce(0) { $0 + ($1.jdUTC - zero.jd) } / n
    result.bjdTDB = zero.bjd + points.reduce(0) { $0 + ($1.bjdTDB - zero.bjd) } / n
    result.value = points.reduce(0) { $0 + $1.value } / n
    let formal = points.reduce(0) { $0 + $1.variance } / (n * n)
    let squares = points.reduce(0) { $0 + ($1.value - result.value) * ($1.value - result.value) }
    let chi2 = points.reduce(0) { $0 + ($1.value - result.value) * ($1.value - result.value) / $1.variance }
    let isRestless = chi2 > n - 1 + 3 * (2 * (n - 1)).squareRoot()
    result.variance = isRestless ? max(formal, squares / (n - 1) / n) : formal
    return result
  }

  /// Mean light of the constant stars, by name.
  var constantStars: [String: (magnitude: Double, variance: Double, colour: Double)] {
    var stars: [String: (magnitude: Double, variance: Double, colour: Double)] = [:]
    for star in constant {
      let deviations = differential.deviations(of: star)
      let weights = zip(deviations.residuals, deviations.variances).compactMap { residual, variance in
        residual.isFinite && variance > 0 ? 1 / variance : nil
      }
      let magnitude = differential.meanMagnitude(of: star)
      guard magnitude.isFinite, !weights.isEmpty else { continue }
      let known = differential.series.stars[star]
      // A mean of medians is known less well than one of means.
      stars[known.name] = (magnitude, .pi / 2 / weights.reduce(0, +), known.colour)
    }
    return stars
  }
}

/// Line over continuum of stars without the line: the weighted median of the constant stars, or, where ten of them and the
/// target have colours, a line in colour. No member and no variable is among the constant stars.
struct LineRatio: Sendable, Equatable {
  private(set) var value: Double
  /// Of the ratio itself.
  private(set) var error: Double
  /// Of single stars about it, beyond their errors.
  private(set) var scatter: Double
  private(set) var stars: Int
  private(set) var isInColour = false

  /// Stars with a colour from which on the ratio is a line in it.
  static let fewestColours = 10

  /// Nil where no constant star was measured in both bands.
  init?(_ line: BandCurve, _ continuum: BandCurve, target: Star) {
    let others = continuum.constantStars
    let points = line.constantStars.sorted { $0.key < $1.key }.compactMap { name, star -> ColourLine.Point? in
      guard let other = others[name] else { return nil }
      let ratio = Magnitude.flux(star.magnitude - other.magnitude)
      let variance =
        ratio * ratio * (star.variance + other.variance) / (Magnitude.perRelative * Magnitude.perRelative)
      return ratio.isFinite && variance > 0
        ? ColourLine.Point(colour: star.colour, value: ratio, variance: variance) : nil
    }
    self.init(points, colour: target.colour)
  }

  /// - Parameter colour: Of the target; NaN when unknown.
  init?(_ points: [ColourLine.Point], colour: Double) {
    guard !points.isEmpty else { return nil }
    stars = points.count
    if colour.isFinite, points.count(where: { $0.colour.isFinite }) >= Self.fewestColours, let fit = ColourLine(points)
    {
      value = fit.value(at: colour)
      error = fit.variance(at: colour).squareRoot()
      scatter = fit.scatter
      stars = points.count { $0.colour.isFinite }
      isInColour = true
      return
    }
    (value, error, scatter) = (.nan, .nan, 0)
    let n = Double(points.count)
    for _ in 0..<10 {
      let before = scatter
      let variances = points.map { [scatter] in $0.variance + scatter * scatter }
      value = WeightedMedian.of(zip(points, variances).map { ($0.value, 1 / $1) })
      let sigma = RobustScale.sigma(points.map(\.value), about: value)
      let beyond = max(0, sigma * sigma - Median.of(points.map(\.variance)))
      scatter = ((before * before + beyond) / 2).squareRoot()
      let total = variances.reduce(0) { $0 + 1 / $1 }
      // The median of normal values is known pi/2 times less well than their mean; one star alone is the mean.
      error = ((points.count > 2 ? .pi / 2 : 1) / total * (n > 1 ? n / (n - 1) : 1)).squareRoot()
      if abs(scatter - before) <= 1e-6 * scatter { break }
    }
  }
}
