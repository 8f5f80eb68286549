import ElnathCore

/// The tables of `elnath compare`.
public enum CompareColumns {
  /// `comparison.csv`: one row for each test that decides.
  public static let tests: [Column<ComparisonTest>] = [
    Column("test", "", "stars, boxes, pixels, scatter; of tables rows, values, scatter, slope.") { .text($0.name) },
    Column("value", "", "What was found: the largest difference in units of its error, a fraction, a number.") {
      .real($0.value)
    },
    Column("limit", "", "The largest value that passes.") { .real($0.limit) },
    Column("passes", "", "1 where the two count as equal.") { .boolean($0.passes) },
    Column("finding", "", "What was found, in words.") { .text($0.sentence) },
  ]

  /// `difference_stars.csv`: one row for each star of the first frame.
  public static let stars: [Column<StarResidual>] = [
    Column("x_px", "px", "Place of the star in the first frame.") { .real($0.position.fits.x) },
    Column("y_px", "px", "Place of the star in the first frame.") { .real($0.position.fits.y) },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.radius) },
    Column("flux", "", "Flux in the first frame above the sky around the star, in its unit.") { .real($0.flux) },
    Column("difference", "", "Flux in the first frame minus flux in the second.") { .real($0.difference) },
    Column("error", "", "Error of difference where the noise of the two is independent.") { .real($0.error) },
    Column("residual", "", "Difference in units of the error.") { .real($0.residual) },
  ]

  /// `difference.csv`: one row for each value that both tables have.
  public static let values: [Column<CurveComparison.Row>] = [
    Column("frame", "", "Number of the frame.") { .integer($0.key.frame) },
    Column("star", "", "Star; empty for a light curve.") { .text($0.key.star) },
    Column("aperture", "", "Aperture; empty for a light curve.") { .text($0.key.aperture) },
    Column("filter", "", "Name of the filter, where the tables tell it.") { .text($0.first.filter) },
    Column("time", "d", "BJD_TDB, or JD_UTC where that is not known.") { .time($0.first.time) },
    Column("first", "", "Value in the first table: mag or electrons.") { .real($0.first.value) },
    Column("second", "", "Value in the second table.") { .real($0.second.value) },
    Column("difference", "", "First minus second; of a light curve without the constant between the two.") {
      .real($0.difference)
    },
    Column("error", "", "Error of difference where the errors of the two are independent.") { .real($0.error) },
    Column("residual", "", "Difference in units of the error.") { .real($0.residual) },
  ]
}
