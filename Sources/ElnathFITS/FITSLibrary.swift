import CCFITSIO

/// The C library that decodes compressed images and writes files.
public enum FITSLibrary {
  /// Version of cfitsio, as `4.2.0`.
  public static let version = "\(CFITSIO_MAJOR).\(CFITSIO_MINOR).\(CFITSIO_MICRO)"

  /// What a status of cfitsio means.
  static func message(_ status: Int32) -> String {
    var text = [CChar](repeating: 0, count: Int(FLEN_STATUS))
    ffgerr(status, &text)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
