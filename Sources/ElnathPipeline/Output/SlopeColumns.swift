import ElnathCore

/// `slopes.csv`: one row for each target and check star, filter and quantity.
public enum SlopeColumns {
  public static let all: [Column<CurveSlope>] = [
    Column("star", "", "Name of the star.") { .text($0.star) },
    Column("role", "", "target or check.") { .text($0.isCheck ? "check" : "target") },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("against", "", "airmass, x, y (px), fwhm of the frame (px) or sky of the frame (e-/px/s).") {
      .text($0.quantity.rawValue)
    },
    Column("n", "", "Used points.") { .integer($0.points) },
    Column("groups", "", "Nights and segments that the points lie in; each has its own mean.") { .integer($0.groups) },
    Column("slope", "mag/unit", "Slope of delta_mag within nights, whatever else changed with it.") {
      .real($0.alone.slope)
    },
    Column("slope_err", "mag/unit", "Error of slope, with residuals that belong together in time.") {
      .real($0.alone.error)
    },
    Column("significance", "", "Slope over error, as standard deviations of a normal distribution.") {
      .real($0.alone.significance)
    },
    Column(
      "slope_joint", "mag/unit",
      "Slope with the other quantities held fixed and a line in time taken out of each night."
    ) { .real($0.joint.slope) },
    Column("slope_joint_err", "mag/unit", "Error of slope_joint.") { .real($0.joint.error) },
    Column("significance_joint", "", "slope_joint over its error, as standard deviations of a normal distribution.") {
      .real($0.joint.significance)
    },
    Column("spread", "unit", "Standard deviation of the quantity within nights.") { .real($0.spread) },
    Column("independent", "", "Part of the quantity's variance that the other quantities and a line in time leave.") {
      .real($0.independent)
    },
  ]
}

/// `segments.csv`: one row for each comparison or check star and each change of segment in a filter.
public enum SegmentColumns {
  public static let all: [Column<SegmentStep>] = [
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("segment_before", "", "Segment before the change.") { .integer($0.before) },
    Column("segment_after", "", "Segment after the change.") { .integer($0.after) },
    Column("frame", "", "First frame of the filter after the change.") { .integer($0.frame) },
    Column("cause", "", "flip or refocus.") { .text($0.cause.rawValue) },
    Column("star", "", "Name of the star.") { .text($0.star) },
    Column("role", "", "comparison (held against the others) or check.") { .text($0.isCheck ? "check" : "comparison") },
    Column("n_before", "", "Points before, in the night of the change.") { .integer($0.pointsBefore) },
    Column("n_after", "", "Points after, in the night of the change.") { .integer($0.pointsAfter) },
    Column("step_mag", "mag", "Mean magnitude after minus before.") { .real($0.step) },
    Column("step_err_mag", "mag", "Error of step_mag.") { .real($0.error) },
    Column("significance", "", "Step over error.") { .real($0.significance) },
  ]
}
