import ElnathCore

/// One aperture on one frame, and what it lacks.
public struct GrowthRow: Sendable, Equatable {
  public var point: GrowthCurve.Point
  public var filter: String
  /// Of the frame, px.
  public var fwhm: Double

  public init(point: GrowthCurve.Point, filter: String, fwhm: Double) {
    self.point = point
    self.filter = filter
    self.fwhm = fwhm
  }
}

/// `growth.csv`: the curve of growth of each measured frame, from its bright isolated stars.
public enum GrowthColumns {
  public static let all: [Column<GrowthRow>] = [
    Column("frame", "", "Number of the frame in the series.") { .integer($0.point.frame) },
    Column("filter", "", "Name of the filter.") { .text($0.filter) },
    Column("fwhm_px", "px", "Full width at half maximum of the frame's stars.") { .real($0.fwhm) },
    Column("aperture", "", "Name of the aperture: a1, a2, ...") { .text("a\($0.point.aperture + 1)") },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.point.radius) },
    Column("stars", "", "Bright isolated stars that tell.") { .integer($0.point.stars) },
    Column("fraction", "", "Flux over that in the widest aperture.") { .real($0.point.fraction) },
    Column("fraction_err", "", "Error of fraction.") { .real($0.point.fractionError) },
    Column("correction_mag", "mag", "To be added to a magnitude in this aperture: that in the widest one.") {
      .real($0.point.correction)
    },
    Column("correction_err_mag", "mag", "Error of correction_mag.") { .real($0.point.correctionError) },
  ]
}
