/// A table that Elnath writes: when, and what stands in it. To add a table, add it to `all`.
public struct ProductTable: Sendable {
  /// What a column holds, whatever the row.
  public struct Meaning: Sendable, Equatable {
    public let name: String
    /// Empty for text, counts and ratios.
    public let unit: String
    public let sentence: String
  }

  /// File name; `<target>` and `<filter>` stand for names as `TableFile.name(for:)` writes them.
  public let file: String
  /// The command that writes it; `run` runs them all but `cameras`, `compare` and `measure` of bare frames.
  public let command: String
  /// What a row is about.
  public let row: String
  public let columns: [Meaning]

  init<Row>(_ file: String, by command: String, _ row: String, _ columns: [Column<Row>]) {
    self.file = file
    self.command = command
    self.row = row
    self.columns = columns.map { Meaning(name: $0.name, unit: $0.unit, sentence: $0.sentence) }
  }

  /// Every table, in the order in which a run makes them.
  public static let all: [ProductTable] = ofReduction + ofPhotometry + ofCurves + beside

  private static let ofReduction: [ProductTable] = [
    ProductTable("observations.csv", by: "scan", "input file", ObservationColumns.all),
    ProductTable("masters.csv", by: "reduce", "group of calibration frames", MasterColumns.all),
    ProductTable("calibration.csv", by: "reduce", "light frame", CalibrationColumns.all),
    ProductTable("bad_pixels.csv", by: "reduce", "map of bad pixels", BadPixelColumns.all),
    ProductTable("overscan.csv", by: "align", "light frame and output with an overscan", OverscanColumns.all),
    ProductTable("frames.csv", by: "align, flag", "light frame, good or bad", FrameColumns.all),
    ProductTable("sources.csv", by: "align, stack", "star of the field", SourceColumns.all),
    ProductTable("trails.csv", by: "align", "trail of a satellite", TrailColumns.all),
    ProductTable(
      "hot_pixels.csv", by: "align", "pixel that is bright on most frames while the sky moves", HotPixelColumns.all),
  ]

  private static let ofPhotometry: [ProductTable] = [
    ProductTable("stars.csv", by: "measure", "measured star", StarColumns.all),
    ProductTable("photometry.csv", by: "measure", "measured frame, star and aperture", PhotometryColumns.all),
    ProductTable("growth.csv", by: "measure", "measured frame and aperture", GrowthColumns.all),
  ]

  private static let ofCurves: [ProductTable] = [
    ProductTable("comparisons.csv", by: "lightcurve", "candidate and filter", ComparisonColumns.all),
    ProductTable(
      "comparisons_extended.csv", by: "lightcurve", "candidate and filter, for targets with extended = true",
      ComparisonColumns.all),
    ProductTable(
      "lightcurve_<target>.csv", by: "lightcurve", "light frame, of all filters and nights", LightCurveColumns.all),
    ProductTable(
      "lightcurve_<target>_<filter>.csv", by: "lightcurve", "light frame of one filter, where there are several",
      LightCurveColumns.all),
    ProductTable(
      "lightcurve_<target>_binned.csv", by: "lightcurve", "cycle, night or bin ([lightcurve] bin)", BinnedColumns.all),
    ProductTable(
      "excess_<target>.csv", by: "lightcurve", "used frame in the line, or cycle ([lightcurve] line, continuum)",
      ExcessColumns.all),
    ProductTable("variability.csv", by: "lightcurve", "star and filter", VariabilityColumns.all),
    ProductTable(
      "slopes.csv", by: "lightcurve", "target or check star, filter and quantity", SlopeColumns.all),
    ProductTable(
      "segments.csv", by: "lightcurve", "comparison or check star and change of segment", SegmentColumns.all),
    ProductTable(
      "aperture_scan.csv", by: "lightcurve", "target, filter and aperture", ApertureScanColumns.all),
    ProductTable(
      "radii.csv", by: "lightcurve", "target with extended = true, filter and radius", ExtendedRadiusColumns.all),
    ProductTable("radii_<target>.csv", by: "lightcurve", "light frame and radius", ExtendedRadiusColumns.points),
    ProductTable(
      "distrust.csv", by: "lightcurve", "target, filter and other way to its curve", DistrustColumns.all),
    ProductTable("distrust_<target>.csv", by: "lightcurve", "light frame", DistrustColumns.points),
  ]

  private static let beside: [ProductTable] = [
    ProductTable("camera.csv", by: "cameras", "output of the camera and measured number", CameraColumns.all),
    ProductTable("photon_transfer.csv", by: "cameras", "output and pair of flats", PhotonTransferColumns.all),
    ProductTable("comparison.csv", by: "compare", "test that decides", CompareColumns.tests),
    ProductTable("difference_stars.csv", by: "compare", "star of the first frame", CompareColumns.stars),
    ProductTable("difference.csv", by: "compare", "value that both tables have", CompareColumns.values),
    ProductTable("the file named by --csv", by: "measure FILES...", "bare frame, star and aperture", BareColumns.all),
  ]
}
