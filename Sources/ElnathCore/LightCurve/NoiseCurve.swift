#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a constant star of some magnitude is expected to scatter in a typical frame, term by term, in mag.
public struct NoiseCurvePoint: Sendable, Equatable {
  public var magnitude: Double
  public var source: Double
  /// Sky, read noise, dark and digitisation within the aperture.
  public var background: Double
  public var skyEstimate: Double
  public var scintillation: Double
  /// Where in its pixels the star falls.
  public var position: Double
  public var ensemble: Double

  public var total: Double {
    [source, background, skyEstimate, scintillation, position, ensemble].reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// Expected scatter against magnitude, for the rms-magnitude diagram.
public enum NoiseCurve {
  /// The noise of one filter in the aperture that most of its stars are measured in, from the brightest star to the
  /// faintest. Medians over stars and frames in use stand for the typical frame. Empty without stars.
  ///
  /// - Parameter ensembleError: Typical error of a zero point, mag; 0 where unknown.
  public static func points(
    _ variability: [StarVariability], filter: String, table: PhotometryTable, ensembleError: Double, count: Int = 60
  ) -> [NoiseCurvePoint] {
    let rows = variability.filter { $0.filter == filter && $0.magnitude.isFinite }
    let apertures = Dictionary(grouping: rows, by: \.aperture)
    guard let aperture = apertures.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })?.key,
      let brightest = rows.map(\.magnitude).min(), let faintest = rows.map(\.magnitude).max()
    else { return [] }
    let series = FilterSeries(table, filter: filter)
    guard series.radii.indices.contains(aperture), !series.inUse.isEmpty else { return [] }
    let places = Dictionary(table.stars.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let stars = rows.filter { $0.aperture == aperture }.compactMap { row in
      places[row.star].map { (place: $0, magnitude: row.magnitude) }
    }
    var (unit, background, estimate): ([Double], [Double], [Double]) = ([], [], [])
    var (twinkle, position): ([Double], [Double]) = ([], [])
    for star in stars {
      for frame in series.inUse where series.refusal(of: star.place, aperture: aperture, on: frame) == nil {
        let measured = series.aperture(aperture, of: star.place, on: frame)
        let terms = [
          measured.budget.sky, measured.budget.readNoise, measured.budget.dark, measured.budget.digitisation,
        ]
        background.append(terms.reduce(0) { $1.isNaN ? $0 : $0 + $1 })
        estimate.append(measured.budget.skyEstimate)
        guard measured.flux > 10 * measured.fluxError else { continue }
        // Electrons of a star of magnitude 0.
        unit.append(measured.flux / Magnitude.flux(star.magnitude))
        twinkle.append(measured.budget.scintillation / (measured.flux * measured.flux))
        position.append(measured.budget.position / (measured.flux * measured.flux))
      }
    }
    let one = Median.of(unit)
    guard one > 0 else { return [] }
    let (sky, level) = (Median.of(background), Median.of(estimate))
    let (relative, placed) = (Median.of(twinkle), Median.of(position))
    return (0..<count).map { step in
      let magnitude = brightest + (faintest - brightest) * Double(step) / Double(max(count - 1, 1))
      let flux = one * Magnitude.flux(magnitude)
      func inMagnitudes(_ variance: Double) -> Double {
        variance > 0 ? Magnitude.perRelative * variance.squareRoot() / flux : 0
      }
      return NoiseCurvePoint(
        magnitude: magnitude, source: inMagnitudes(flux), background: inMagnitudes(sky),
        skyEstimate: inMagnitudes(level), scintillation: inMagnitudes(relative * flux * flux),
        position: inMagnitudes(placed * flux * flux), ensemble: ensembleError)
    }
  }
}
