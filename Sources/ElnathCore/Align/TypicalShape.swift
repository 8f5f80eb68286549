/// What the stars of a frame look like: medians over the best measured of its sources.
struct TypicalShape: Equatable {
  /// px; NaN without an unmasked source.
  let fwhm: Double
  /// Axis ratio; NaN where no source stands out enough to tell.
  let elongation: Double

  /// Noise alone makes a source of this significance some 2/15 longer than wide; a fainter one tells nothing.
  private static let leastSignificance = 15.0

  init(of sources: [Source]) {
    let best = Self.wellMeasured(sources)
    fwhm = Median.of(best.map(\.fwhm))
    elongation = Median.of(best.filter { $0.flux >= Self.leastSignificance * $0.fluxError }.map(\.elongation))
  }

  /// Unmasked sources of high significance, or of the highest there is.
  private static func wellMeasured(_ sources: [Source]) -> [Source] {
    for limit in [30.0, 15, 7] {
      let good = sources.filter { $0.mask.isEmpty && $0.flux >= limit * $0.fluxError }
      if good.count >= 5 { return good }
    }
    return sources.filter(\.mask.isEmpty)
  }
}
