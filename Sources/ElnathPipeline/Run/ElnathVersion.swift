import CLibCSV
import ElnathCore
import ElnathFITS

/// This program and the libraries that its results depend on.
public enum ElnathVersion {
  public static let current = "0.1.0"

  /// Name and version of each, by name.
  public static var all: [(name: String, version: String)] {
    [
      ("cfitsio", FITSLibrary.version), ("elnath", current), ("erfa", LibraryVersions.erfa),
      ("fftw", LibraryVersions.fftw), ("libcsv", "\(CSV_MAJOR).\(CSV_MINOR).\(CSV_RELEASE)"),
    ]
  }
}
