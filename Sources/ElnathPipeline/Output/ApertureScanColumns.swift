import ElnathCore

/// One aperture of one scan.
public struct ApertureScanRow: Sendable, Equatable {
  public var scan: ApertureScan
  public var point: ApertureScan.Point

  public var isChosen: Bool { point.aperture == scan.chosen }

  /// By target and filter, then aperture.
  public static func rows(_ scans: [ApertureScan]) -> [ApertureScanRow] {
    scans.flatMap { scan in scan.points.map { ApertureScanRow(scan: scan, point: $0) } }
  }
}

/// `aperture_scan.csv`: one row for each target, filter and aperture.
public enum ApertureScanColumns {
  public static let all: [Column<ApertureScanRow>] = [
    Column("target", "", "Name of the target.") { .text($0.scan.target) },
    Column("filter", "", "Name of the filter.") { .text($0.scan.filter) },
    Column("aperture", "", "Name of the aperture: a1, a2, ...") { .text("a\($0.point.aperture + 1)") },
    Column("radius_px", "px", "Radius of the aperture.") { .real($0.point.radius) },
    Column("fwhm_px", "px", "Median full width at half maximum of the frames in use.") { .real($0.scan.fwhm) },
    Column("stars", "", "Constant stars of the target's brightness that have a scatter in this aperture.") {
      .integer($0.point.stars)
    },
    Column(
      "scatter_mag", "mag",
      "S(r): median of the scatters of these stars, each against the other comparison stars, within nights."
    ) { .real($0.point.scatter) },
    Column("expected_mag", "mag", "Scatter that the errors of these stars expect.") { .real($0.point.expected) },
    Column("contamination", "", "Flux of neighbours within the aperture over the target's own.") {
      .real($0.point.contamination)
    },
    Column("eligible", "", "1 for an aperture that was to be chosen from.") { .boolean($0.point.refusal.isEmpty) },
    Column("chosen", "", "1 for the aperture of the light curve.") { .boolean($0.isChosen) },
    Column("automatic", "", "1 where the aperture was chosen by scatter, 0 where it was given.") {
      .boolean($0.scan.isAutomatic)
    },
    Column("reason", "", "Why the aperture was chosen, or was not to be chosen from.") { row in
      .text(
        row.isChosen
          ? row.scan.reason + (row.point.refusal.isEmpty ? "" : "; " + row.point.refusal) : row.point.refusal)
    },
  ]
}
