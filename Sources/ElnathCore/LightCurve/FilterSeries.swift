#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The photometry of one filter, ready for zero points: only frames that were measured, in the order of the series.
public struct FilterSeries: Sendable {
  public let filter: String
  public let stars: [Star]
  public let summaries: [FrameSummary]
  let measurements: [FrameMeasurements]
  /// Places, among the frames of this series, of those in use (status `used` or `flagged`).
  public let inUse: [Int]
  /// Median FWHM of the frames in use, px; NaN when there is none.
  public let fwhm: Double
  /// Radii of the apertures, px; the median where they follow the seeing.
  public let radii: [Double]

  public init(_ table: PhotometryTable, filter: String) {
    let rows = table.measurements
      .filter { table.summary(of: $0).filter == filter && !$0.stars.isEmpty }
      .sorted { $0.frame < $1.frame }
    self.filter = filter
    stars = table.stars
    measurements = rows
    summaries = rows.map { table.summary(of: $0) }
    inUse = summaries.indices.filter { [summaries] in
      summaries[$0].status == .used || summaries[$0].status == .flagged
    }
    fwhm = Median.of(inUse.map { [summaries] in summaries[$0].fwhm })
    let count = rows.map(\.radii).min() ?? 0
    radii = (0..<count).map { aperture in Median.of(rows.map { $0[0, aperture].radius }) }
  }

  public var frames: Int { measurements.count }

  public func star(_ star: Int, on frame: Int) -> StarMeasurement { measurements[frame].stars[star] }

  public func aperture(_ aperture: Int, of star: Int, on frame: Int) -> ApertureMeasurement {
    measurements[frame][star, aperture]
  }

  /// The aperture whose radius is nearest to `radius`; of two equally near the smaller.
  public func aperture(nearest radius: Double) -> Int {
    radii.indices.min { abs(radii[$0] - radius) < abs(radii[$1] - radius) } ?? 0
  }

  /// Instrumental magnitude -2.5 log10(flux/exposure) and its variance in mag^2; nil where the star's own rule refuses
  /// the measurement or no light is left.
  public func magnitude(of star: Int, aperture: Int, on frame: Int) -> (value: Double, variance: Double)? {
    guard refusal(of: star, aperture: aperture, on: frame) == nil else { return nil }
    let measured = measurements[frame][star, aperture]
    guard measured.flux > 0 else { return nil }
    var relative = measured.budget.flux / (measured.flux * measured.flux)
    if measured.budget.scintillation.isNaN {
      relative += Self.unknownScintillation * Self.unknownScintillation
    }
    let scale = Magnitude.perRelative * Magnitude.perRelative
    return (Magnitude.of(measured.flux / summaries[frame].exposure), relative * scale)
  }

  /// The same where it is known what magnitude to expect. The variance is that of the expected flux: with its own flux
  /// each measurement that happens to come out bright would weigh more. Where noise makes the logarithm crooked,
  /// below `crooked`, the magnitude is linear in the flux about the expected one; no flux is then too faint to count.
  func magnitude(
    of star: Int, aperture: Int, on frame: Int, expected: Double
  ) -> (value: Double, variance: Double)? {
    guard expected.isFinite, refusal(of: star, aperture: aperture, on: frame) == nil else { return nil }
    let measured = measurements[frame][star, aperture]
    let flux = Magnitude.flux(expected) * summaries[frame].exposure
    let budget = measured.budget
    var variance = budget.flux
    if measured.flux > 0 {
      // Photon noise goes with the flux, scintillation with its square.
      let ratio = flux / measured.flux
      if !budget.source.isNaN { variance += budget.source * (ratio - 1) }
      if !budget.scintillation.isNaN { variance += budget.scintillation * (ratio * ratio - 1) }
      if !budget.position.isNaN { variance += budget.position * (ratio * ratio - 1) }
    } else {
      variance += flux
    }
    var relative = variance / (flux * flux)
    if budget.scintillation.isNaN { relative += Self.unknownScintillation * Self.unknownScintillation }
    guard relative > 0 else { return nil }
    let isCrooked = relative > Self.crooked * Self.crooked
    let value =
      isCrooked
      ? expected - Magnitude.perRelative * (measured.flux / flux - 1)
      : Magnitude.of(measured.flux / summaries[frame].exposure)
    return value.isNaN ? nil : (value, relative * Magnitude.perRelative * Magnitude.perRelative)
  }

  /// Expected relative error above which a mean of logarithms is off by more than a thousandth.
  private static let crooked = 0.05

  /// Relative scintillation of a comparison star where telescope or site are not known.
  static let unknownScintillation = 0.0015 / Magnitude.perRelative

  /// Why this measurement cannot stand for the star, or nil. Never for the sake of its brightness.
  public func refusal(of star: Int, aperture: Int, on frame: Int) -> String? {
    let measured = measurements[frame][star, aperture]
    if measured.flags.contains(.saturated) { return "saturated" }
    if measured.flags.contains(.outside) { return "outside the frame" }
    if measured.flags.contains(.pastEdge) { return "past the edge" }
    if measured.flags.contains(.maskedCore) {
      if measured.flags.contains(.maskedPixel) { return "bad or missing pixel in the star" }
      if measured.flags.contains(.cosmicRay) { return "cosmic ray in the star" }
      if measured.flags.contains(.satellite) { return "satellite trail over the star" }
      return "bad or missing pixel in the star"
    }
    if measured.flags.contains(.oddProfile) { return "light in the aperture that is not the star's" }
    if measured.flux.isNaN || measured.budget.flux.isNaN {
      return measured.flags.contains(.noSky) ? "no sky level" : "no value"
    }
    return nil
  }

  /// The input of a joint solution: these stars on these frames; about the solution `first` where there is one.
  public func problem(
    stars: [Int], aperture: Int, frames: [Int], about first: EnsembleSolution? = nil
  ) -> EnsembleProblem {
    var magnitudes = [Double](repeating: .nan, count: stars.count * frames.count)
    var variances = magnitudes
    for (row, star) in stars.enumerated() {
      for (column, frame) in frames.enumerated() {
        let measured =
          if let first {
            magnitude(
              of: star, aperture: aperture, on: frame, expected: first.means[row] + first.zeroPoints[column])
          } else {
            magnitude(of: star, aperture: aperture, on: frame)
          }
        guard let magnitude = measured else { continue }
        magnitudes[row * frames.count + column] = magnitude.value
        variances[row * frames.count + column] = magnitude.variance
      }
    }
    return EnsembleProblem(
      stars: stars.count, frames: frames.count, magnitudes: magnitudes, variances: variances)
  }
}

/// Magnitudes and fluxes (Pogson 1856).
public enum Magnitude {
  /// 2.5 / ln 10: magnitudes per relative change.
  public static let perRelative = 1.085_736_204_758_129_6

  /// -2.5 log10 of a flux; NaN unless it is positive.
  public static func of(_ flux: Double) -> Double { flux > 0 ? -2.5 * log10(flux) : .nan }

  /// The flux of a magnitude.
  public static func flux(_ magnitude: Double) -> Double { pow(10, -0.4 * magnitude) }
}
