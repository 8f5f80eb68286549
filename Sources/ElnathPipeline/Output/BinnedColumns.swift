import ElnathCore

/// `lightcurve_<target>_binned.csv`: one row for each bin.
public enum BinnedColumns {
  public static let all: [Column<BinnedPoint>] = [
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("night", "", "Night of the first point.") { .text($0.night) },
    Column("n_frames", "", "Points averaged.") { .integer($0.frames) },
    Column("span", "d", "Time from the first mid-exposure to the last.") { .time($0.span) },
    Column("jd_utc", "d", "Mean mid-exposure, Julian date in UTC.") { .time($0.jdUTC) },
    Column("bjd_tdb", "d", "Mean mid-exposure at the barycentre, in TDB.") { .time($0.bjdTDB) },
    Column("rel_flux", "", "Inverse-variance mean of the used points.") { .real($0.relativeFlux) },
    Column("rel_flux_err", "", "The larger of the formal error and scatter/sqrt(n).") { .real($0.relativeFluxError) },
    Column("delta_mag", "mag", "Inverse-variance mean of the used points.") { .real($0.deltaMagnitude) },
    Column("delta_mag_err", "mag", "The larger of the formal error and scatter/sqrt(n).") {
      .real($0.deltaMagnitudeError)
    },
  ]
}
