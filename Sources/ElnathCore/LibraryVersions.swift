import CERFA
import CFFTW

/// The C libraries that numbers of this module come from.
public enum LibraryVersions {
  /// As `2.0.0`.
  public static var erfa: String { eraVersion().map { String(cString: $0) } ?? "" }

  /// As `3.3.10`.
  public static var fftw: String {
    let text = elnath_fftw_version().map { String(cString: $0) } ?? ""
    // fftw-3.3.10-sse2-avx: what follows the number depends on how it was built.
    return text.split(separator: "-").first { $0.first?.isNumber == true }.map(String.init) ?? text
  }
}
