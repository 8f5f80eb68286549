/// Zero points as people use them: mag = zero point - 2.5 log10(flux/exposure).
struct MagnitudeScale: Sendable {
  private let differential: DifferentialPhotometry
  /// What a magnitude on the scale of the joint solution lacks.
  private let offset: Double
  /// Comparison stars with a catalogue magnitude in this band, and the scatter of the offset among them, mag.
  let catalogueStars: Int
  let catalogueScatter: Double

  /// Tied to the catalogue magnitudes of comparison stars where their band is the filter; otherwise the median zero
  /// point of the frames in use is 0 and magnitudes are instrumental.
  init(_ differential: DifferentialPhotometry) {
    self.differential = differential
    let series = differential.series
    let differences = differential.comparisons.compactMap { index -> Double? in
      let star = series.stars[index]
      guard !star.band.isEmpty && star.band == series.filter else { return nil }
      let difference = star.magnitude - differential.meanMagnitude(of: index)
      return difference.isNaN ? nil : difference
    }
    catalogueStars = differences.count
    catalogueScatter = RobustScale.sigma(differences)
    offset = differences.isEmpty ? Median.of(series.inUse.map { differential.zeroPoints[$0] }) : Median.of(differences)
  }

  /// Of a frame of the series; NaN where no comparison star was measured, 0 where there is no comparison star at all.
  func zeroPoint(_ frame: Int) -> Double {
    differential.comparisons.isEmpty ? 0 : offset - differential.zeroPoints[frame]
  }

  /// Median magnitude of a star over the frames in use; NaN when it was never measured or nothing to compare it with.
  func magnitude(of star: Int) -> Double { offset + differential.meanMagnitude(of: star) }
}
