import ElnathCore

/// `variability.csv`: one row for each star and filter.
public enum VariabilityColumns {
  public static let all: [Column<StarVariability>] = [
    Column("star", "", "Name of the star.") { .text($0.star) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("n", "", "Points of frames in use that the star's own rule accepts.") { .integer($0.count) },
    Column("mag", "mag", "Median magnitude, in the system of the light curves.") { .real($0.magnitude) },
    Column("rms_mag", "mag", "Standard deviation about the mean, nothing removed; comparison stars against the others.")
    {
      .real($0.rms)
    },
    Column("expected_mag", "mag", "Root of the mean expected variance, that of the ensemble included.") {
      .real($0.expected)
    },
    Column("chi2_dof", "", "Chi-square about the weighted mean over n - 1.") { .real($0.chi2PerDof) },
    Column("stetson_j", "", "Stetson's J of pairs of consecutive points of a night: near 0 for noise.") {
      .real($0.stetsonJ)
    },
    Column("von_neumann", "", "Mean square successive difference over the variance: 2 for noise.") {
      .real($0.vonNeumann)
    },
    Column("excess_mag", "mag", "Root of rms_mag^2 - expected_mag^2, 0 where that is negative.") { .real($0.excess) },
    Column("median_err_mag", "mag", "Median error of a point.") { .real($0.medianError) },
    Column("aperture", "", "The aperture: a1, a2, ...") { .text("a\($0.aperture + 1)") },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.radius) },
  ]
}

extension TableReader {
  public static func variability(_ reader: CSVReader) throws(PipelineError) -> [StarVariability] {
    let (star, filter, count) = (try reader.column("star"), try reader.column("filter"), try reader.column("n"))
    let (mag, rms, expected) = (
      try reader.column("mag"), try reader.column("rms_mag"), try reader.column("expected_mag")
    )
    let (chi2, stetson) = (try reader.column("chi2_dof"), try reader.column("stetson_j"))
    let (neumann, excess) = (try reader.column("von_neumann"), try reader.column("excess_mag"))
    let (error, aperture) = (try reader.column("median_err_mag"), try reader.column("aperture"))
    let radius = try reader.column("radius_px")
    var rows: [StarVariability] = []
    try reader.forEachRow { row throws(PipelineError) in
      var result = StarVariability(star: try row.text(star), filter: try row.text(filter))
      result.count = try row.integer(count)
      result.magnitude = try row.real(mag)
      result.rms = try row.real(rms)
      result.expected = try row.real(expected)
      result.chi2PerDof = try row.real(chi2)
      result.stetsonJ = try row.real(stetson)
      result.vonNeumann = try row.real(neumann)
      result.excess = try row.real(excess)
      result.medianError = try row.real(error)
      result.radius = try row.real(radius)
      guard let number = Int(try row.text(aperture).dropFirst()), (1...9999).contains(number) else {
        throw row.unexpected("a1, a2, ...", aperture)
      }
      result.aperture = number - 1
      rows.append(result)
    }
    return rows
  }
}
