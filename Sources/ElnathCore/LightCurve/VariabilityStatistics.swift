/// How one star scatters in one filter, against what its errors expect: a row of `variability.csv`. NaN where there are
/// too few points.
public struct StarVariability: Sendable, Equatable {
  public var star: String
  public var filter: String
  /// Points in frames in use that the star's own rule accepts.
  public var count = 0
  /// Median magnitude, in the system of the light curves.
  public var magnitude = Double.nan
  /// Standard deviation about the mean, nothing removed, and the root of the mean expected variance, mag.
  public var rms = Double.nan
  public var expected = Double.nan
  /// Chi-square about the weighted mean, per degree of freedom.
  public var chi2PerDof = Double.nan
  /// Stetson's J: near 0 for a constant star, positive where neighbouring points depart together.
  public var stetsonJ = Double.nan
  /// Mean square of successive differences over the variance: 2 for noise, less for slow changes.
  public var vonNeumann = Double.nan
  /// Root of rms^2 - expected^2, mag; 0 where that is negative.
  public var excess = Double.nan
  /// Median error of a point, mag.
  public var medianError = Double.nan
  /// Number of the aperture from 0, and its radius, px.
  public var aperture = 0
  public var radius = Double.nan

  public init(star: String, filter: String) {
    self.star = star
    self.filter = filter
  }
}

/// Statistics of variability of every star of a table.
enum VariabilityStatistics {
  /// One row for each star and filter. A comparison star is held against the others only, a target in its own aperture.
  static func rows(
    _ stars: [Star], filters: [String], ensemble: (_ star: Int, _ filter: String) -> FilterEnsemble?
  ) -> [StarVariability] {
    var rows: [StarVariability] = []
    for star in stars.indices {
      for filter in filters {
        guard let ensemble = ensemble(star, filter) else { continue }
        let aperture = ensemble.apertures[star] ?? ensemble.aperture
        guard let differential = ensemble.differentials[aperture] else { continue }
        var row = StarVariability(star: stars[star].name, filter: filter)
        row.aperture = aperture
        row.radius = ensemble.series.radii[aperture]
        row.magnitude = MagnitudeScale(differential, colourTerm: ensemble.colourTerm).magnitude(of: star)
        row.fill(Series(star, differential))
        rows.append(row)
      }
    }
    return rows
  }

  /// The points of one star against the ensemble, in the order of time.
  struct Series {
    var magnitudes: [Double] = []
    var variances: [Double] = []
    /// Consecutive points with the same night are neighbours.
    var nights: [String] = []

    init() {}

    init(_ star: Int, _ differential: DifferentialPhotometry) {
      let series = differential.series
      let deviations =
        differential.comparisons.contains(star)
        ? differential.deviations(of: star) : Series.deviations(of: star, differential)
      for (place, frame) in series.inUse.enumerated() {
        let (value, variance) = (deviations.residuals[place], deviations.variances[place])
        guard value.isFinite && variance > 0 && variance.isFinite else { continue }
        magnitudes.append(value)
        variances.append(variance)
        nights.append(series.summaries[frame].night)
      }
    }

    /// As the light curve has them; linear in the flux where noise makes the logarithm crooked, so that fluxes below zero
    /// count too.
    private static func deviations(
      of star: Int, _ differential: DifferentialPhotometry
    ) -> DifferentialPhotometry.Deviations {
      let series = differential.series
      let isInstrumental = differential.comparisons.isEmpty
      let zeros = series.inUse.map { isInstrumental ? 0 : differential.zeroPoints[$0] }
      let fluxes = zip(series.inUse, zeros).map { frame, zero -> Double in
        guard series.refusal(of: star, aperture: differential.aperture, on: frame) == nil else { return .nan }
        return series.aperture(differential.aperture, of: star, on: frame).flux / series.summaries[frame].exposure
          / Magnitude.flux(zero)
      }
      let mean = Magnitude.of(Median.of(fluxes))
      var result = DifferentialPhotometry.Deviations(residuals: [], variances: [])
      for (frame, zero) in zip(series.inUse, zeros) {
        let isUsable = isInstrumental || !(differential.isDisjoint[frame] || differential.isIncomplete(frame))
        let measured =
          isUsable
          ? series.robustMagnitude(of: star, aperture: differential.aperture, on: frame, expected: mean + zero) : nil
        result.residuals.append(measured.map { $0.value - zero - mean } ?? .nan)
        result.variances.append(
          measured.map { $0.variance + (isInstrumental ? 0 : differential.variances[frame]) } ?? .nan)
      }
      return result
    }
  }
}

extension FilterSeries {
  /// The plain magnitude of a star well above the noise, of any other the one linear in the flux.
  fileprivate func robustMagnitude(
    of star: Int, aperture: Int, on frame: Int, expected: Double
  ) -> (value: Double, variance: Double)? {
    let noisy = 0.05 * Magnitude.perRelative
    if let plain = magnitude(of: star, aperture: aperture, on: frame), plain.variance < noisy * noisy { return plain }
    return magnitude(of: star, aperture: aperture, on: frame, expected: expected)
  }
}

extension StarVariability {
  /// The statistics of a series; two points at least.
  mutating func fill(_ series: VariabilityStatistics.Series) {
    count = series.magnitudes.count
    guard count >= 2 else { return }
    let n = Double(count)
    let weights = series.variances.map { 1 / $0 }
    let mean = series.magnitudes.reduce(0, +) / n
    let weighted = zip(series.magnitudes, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    let variance = series.magnitudes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let meanExpected = series.variances.reduce(0, +) / n
    rms = variance.squareRoot()
    expected = meanExpected.squareRoot()
    excess = max(0, variance - meanExpected).squareRoot()
    medianError = Median.of(series.variances).squareRoot()
    chi2PerDof =
      zip(series.magnitudes, weights).reduce(0) { $0 + ($1.0 - weighted) * ($1.0 - weighted) * $1.1 } / (n - 1)
    var differences = 0.0
    for place in 1..<count {
      let step = series.magnitudes[place] - series.magnitudes[place - 1]
      differences += step * step
    }
    vonNeumann = differences / (n - 1) / variance
    let delta = series.magnitudes.indices.map { place in
      (n / (n - 1)).squareRoot() * (series.magnitudes[place] - weighted) / series.variances[place].squareRoot()
    }
    stetsonJ = Self.stetsonJ(delta, nights: series.nights)
  }

  /// Stetson (1996, PASP 108, 851), eq. 1, with pairs of consecutive points of one night, each in one pair; a point left
  /// alone has half a pair's weight.
  private static func stetsonJ(_ delta: [Double], nights: [String]) -> Double {
    var (sum, total) = (0.0, 0.0)
    func add(_ product: Double, weight: Double) {
      sum += weight * (product < 0 ? -1 : 1) * abs(product).squareRoot()
      total += weight
    }
    var place = 0
    while place < delta.count {
      if place + 1 < delta.count && nights[place] == nights[place + 1] {
        add(delta[place] * delta[place + 1], weight: 1)
        place += 2
      } else {
        add(delta[place] * delta[place] - 1, weight: 0.5)
        place += 1
      }
    }
    return sum / total
  }
}
