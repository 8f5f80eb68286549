/// What a form asks for that no table tells. Nothing of it is guessed.
public struct ExportOptions: Sendable {
  /// Which error goes out where a form takes one.
  public enum Errors: String, CaseIterable, Sendable {
    /// With the floor that comparison stars show.
    case scaled
    /// Of the noise terms alone.
    case predicted
  }

  /// Which time goes out where a form takes one.
  public enum Time: String, CaseIterable, Sendable {
    case jd = "jd_utc"
    case hjd = "hjd_utc"
    case bjd = "bjd_tdb"
  }

  /// What kind of detector the AAVSO is told of; a CMOS camera counts as CCD there.
  public enum Detector: String, CaseIterable, Sendable {
    case ccd = "CCD"
    case dslr = "DSLR"
    case pep = "PEP"
  }

  public var errors = Errors.scaled
  /// Nil for what is usual for the form.
  public var time: Time?
  /// The star's name as the receiver knows it; nil for the name in stars.csv.
  public var name: String?
  public var observerCode: String?
  public var detector = Detector.ccd
  /// AAVSO codes by the name of the filter; the empty name stands for the only filter.
  public var aavsoFilters: [String: String] = [:]
  /// The one comparison star as the AAVSO knows it.
  public var comparison: String?
  /// AAVSO chart.
  public var chart: String?
  /// True where magnitudes were transformed to the standard system.
  public var transformed = false
  public var notes: String?
  public var planet: String?
  /// Begin and end of the transit in the time that is exported: outside it the flux is 1.
  public var transit: ClosedRange<Double>?
  /// Names in `ExoplanetFormat.detrending`, at most four.
  public var detrend = ["airmass"]
  /// As 1x1; nil for what observations.csv tells.
  public var binning: String?
  /// Title and authors of a paper's table.
  public var title: String?
  public var authors: String?

  public init() {}

  /// The names that `detrend` takes, for help.
  public static var detrending: String { ExoplanetFormat.detrending.map(\.name).joined(separator: ", ") }
}
