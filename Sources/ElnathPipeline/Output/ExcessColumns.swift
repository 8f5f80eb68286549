import ElnathCore

/// `excess_<target>.csv`: one row for each used frame in the line, or each cycle.
public enum ExcessColumns {
  public static let all: [Column<ExcessPoint>] = [
    Column("frame", "", "The frame in the line; empty for the mean of a cycle.") { .integer($0.frame) },
    Column("night", "", "Night, by the date of its evening.") { .text($0.night) },
    Column("jd_utc", "d", "Mid-exposure in the line, Julian date in UTC.") { .time($0.jdUTC) },
    Column("bjd_tdb", "d", "Mid-exposure at the barycentre, in TDB.") { .time($0.bjdTDB) },
    Column("n_line", "", "Frames in the line.") { .integer($0.lineFrames) },
    Column("n_continuum", "", "Frames in the continuum.") { .integer($0.continuumFrames) },
    Column("line", "e-/s", "Light in the band of the line through the mean sky.") { .real($0.line) },
    Column("line_err", "e-/s", "Error of line.") { .real($0.lineError) },
    Column("continuum", "e-/s", "Light in the band of the continuum, at the same time.") { .real($0.continuum) },
    Column("continuum_err", "e-/s", "Error of continuum.") { .real($0.continuumError) },
    Column("k", "", "Line over continuum of stars without the line.") { .real($0.ratio) },
    Column("k_err", "", "Error of k, common to all points.") { .real($0.ratioError) },
    Column("excess", "e-/s", "Light of the line alone: (line - k continuum)/(1 - q).") { .real($0.excess) },
    Column("excess_err", "e-/s", "Error of excess, that of k included.") { .real($0.excessError) },
    Column("ew_angstrom", "Angstrom", "Equivalent width, emission positive.") { .real($0.equivalentWidth) },
    Column("ew_err_angstrom", "Angstrom", "Error of the equivalent width, that of k included.") {
      .real($0.equivalentWidthError)
    },
    Column("reason", "", "Why there is no excess.") { .text($0.reason) },
  ]
}
