import ElnathCore

/// `stars.csv`: one row for each star.
public enum StarColumns {
  public static let all: [Column<Star>] = [
    Column("star", "", "Name of the star.") { .text($0.name) },
    Column("role", "", "target, comparison, check, measure or avoid.") { .text($0.role.rawValue) },
    Column("ra_deg", "deg", "Right ascension (ICRS).") { .real($0.rightAscension) },
    Column("dec_deg", "deg", "Declination (ICRS).") { .real($0.declination) },
    Column("x_px", "px", "Place on the reference frame.") { .real($0.position.fits.x) },
    Column("y_px", "px", "Place on the reference frame.") { .real($0.position.fits.y) },
    Column("mag", "mag", "Catalogue magnitude.") { .real($0.magnitude) },
    Column("band", "", "Band of mag.") { .text($0.band) },
    Column("colour", "mag", "Catalogue colour.") { .real($0.colour) },
    Column("extended", "", "1 for a nebulous target.") { .boolean($0.extended) },
    Column("radius_px", "px", "Radius of the aperture that its light curve uses; empty: the light curve's choice.") {
      .real($0.radius)
    },
    Column("detected", "", "1 for a star that detection found on its own.") { .boolean($0.detected) },
    Column("variable", "", "Known member or variable at its place.") { .text($0.variable) },
  ]
}

/// `comparisons.csv`: one row for each candidate and filter.
public enum ComparisonColumns {
  public static let all: [Column<ComparisonVerdict>] = [
    Column("star", "", "Name of the star.") { .text($0.star) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("used", "", "1 for a comparison star of the ensemble.") { .boolean($0.used) },
    Column("weight", "", "Mean share in the weight of a frame.") { .real($0.weight) },
    Column("mag", "mag", "Mean magnitude.") { .real($0.magnitude) },
    Column("colour", "mag", "Colour.") { .real($0.colour) },
    Column("distance_arcmin", "arcmin", "Distance from the first target.") { .real($0.distanceArcmin) },
    Column("scatter_mag", "mag", "Scatter about the solution without the star itself.") { .real($0.scatter) },
    Column("expected_mag", "mag", "What the error budget expects of it.") { .real($0.expected) },
    Column("chi2_dof", "", "Reduced chi-square.") { .real($0.chi2PerDof) },
    Column("influence_mmag", "mmag", "Rms change of the target's curve when the star is left out.") {
      .real($0.influence)
    },
    Column("reason", "", "Why the star is used or not.") { .text($0.reason) },
  ]
}
