import ElnathCore
import ElnathFITS

/// The forms in which light curves and star lists are handed on. To add one: a new file with a type that conforms to
/// `CurveFormat`, and one case here.
public enum ExportFormat: String, CaseIterable, Sendable {
  case aavso, exoplanet, aij, ecsv, mrt, votable, fits, exoclock, etd, radec, regions

  /// What it is, for help and documentation.
  public var summary: String {
    switch self {
    case .aavso: "AAVSO Extended File Format 1.2: magnitudes for the AAVSO International Database"
    case .exoplanet: "AAVSO Exoplanet database: fluxes that are 1 out of transit"
    case .aij: "AstroImageJ measurement table, by AstroImageJ's own column names"
    case .ecsv: "ECSV 1.0: every column with unit and meaning, for astropy"
    case .mrt: "AAS machine-readable table, with a LaTeX stub of five rows"
    case .votable: "VOTable 1.4 with time systems and UCDs, for TOPCAT and Aladin"
    case .fits: "FITS binary table with the time keywords of FITS 4.0"
    case .exoclock: "ExoClock: time, flux, error"
    case .etd: "Exoplanet Transit Database: time, magnitude difference, error"
    case .radec: "AstroImageJ's list of apertures on the sky (of stars.csv)"
    case .regions: "DS9 region file (of stars.csv)"
    }
  }

  /// What is read: a light curve, or the list of stars.
  public var isOfStars: Bool { self == .radec || self == .regions }

  /// Nil for the forms of a star list.
  var curveFormat: (any CurveFormat)? {
    switch self {
    case .aavso: AAVSOFormat()
    case .exoplanet: ExoplanetFormat()
    case .aij: AIJFormat()
    case .ecsv: ECSVFormat()
    case .mrt: MRTFormat()
    case .votable: VOTableFormat()
    case .fits: FITSTableFormat()
    case .exoclock: ExoClockFormat()
    case .etd: ETDFormat()
    case .radec, .regions: nil
    }
  }

  /// Nil for the forms of a light curve.
  var starListFormat: (any StarListFormat)? {
    switch self {
    case .radec: RadecFormat()
    case .regions: RegionsFormat()
    default: nil
    }
  }
}

/// One form of a light curve of one filter.
protocol CurveFormat: Sendable {
  /// True where the form itself says which points are to be used, so that it gets all of them.
  var keepsEveryPoint: Bool { get }
  /// The files of this form; the first is the one that a user's `-o` names. What the form cannot express is refused.
  func products(of curve: ExportedCurve, _ options: ExportOptions) throws(PipelineError) -> [ExportProduct]
}

/// One form of a list of stars.
protocol StarListFormat: Sendable {
  func product(of stars: [Star], _ options: ExportOptions) throws(PipelineError) -> ExportProduct
}

/// One file, before it is written.
struct ExportProduct: Sendable {
  enum Content: Sendable {
    case text(String)
    case bytes([UInt8])
    case table(FITSTable)
  }

  /// What follows the stem of the file's name, with its dot.
  var ending: String
  var content: Content
  /// Points or stars that it holds; 0 for what goes with another file.
  var rows: Int
}
