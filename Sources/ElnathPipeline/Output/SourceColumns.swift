import ElnathCore

/// `sources.csv`: one row for each star of the field.
public enum SourceColumns {
  public static let all: [Column<CatalogSource>] = [
    Column("star", "", "Name, by brightness.") { .text($0.name) },
    Column("x_px", "px", "Place on the reference frame.") { .real($0.position.fits.x) },
    Column("y_px", "px", "Place on the reference frame.") { .real($0.position.fits.y) },
    Column("ra_deg", "deg", "Right ascension (ICRS).") { .real($0.sky?.rightAscension) },
    Column("dec_deg", "deg", "Declination (ICRS).") { .real($0.sky?.declination) },
    Column("flux_e", "e-", "Flux on the reference frame: from the stack, else the median of the frames of its filter.")
    { .real($0.flux) },
    Column("fwhm_px", "px", "Full width at half maximum.") { .real($0.fwhm) },
    Column(
      "detected", "", "Fraction of the registered frames on which it was detected; 0 for one that only the stack shows."
    ) { .real($0.detected) },
    Column("saturated", "", "Fraction of them on which its core was saturated.") { .real($0.saturated) },
  ]
}

extension TableReader {
  public static func sources(_ reader: CSVReader) throws(PipelineError) -> [CatalogSource] {
    let (name, x, y) = (try reader.column("star"), try reader.column("x_px"), try reader.column("y_px"))
    let (flux, fwhm) = (try reader.column("flux_e"), try reader.column("fwhm_px"))
    let (detected, saturated) = (try reader.column("detected"), try reader.column("saturated"))
    var sources: [CatalogSource] = []
    try reader.forEachRow { row throws(PipelineError) in
      sources.append(
        CatalogSource(
          name: try row.text(name), position: PixelPoint(fits: (try row.real(x), try row.real(y))),
          flux: try row.real(flux), fwhm: try row.real(fwhm), detected: try row.real(detected),
          saturated: try row.real(saturated)))
    }
    return sources
  }
}
