#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Pixels of an image to be written, row-major.
public enum FITSPixels: Sendable, Equatable {
  /// BITPIX -32; NaN is kept.
  case float([Float])
  /// BITPIX 16 with BZERO 32768, as cameras write it.
  case uint16([UInt16])
  case int16([Int16])
  case uint8([UInt8])

  public var count: Int {
    switch self {
    case .float(let pixels): pixels.count
    case .uint16(let pixels): pixels.count
    case .int16(let pixels): pixels.count
    case .uint8(let pixels): pixels.count
    }
  }
}

/// An image with its cards, to be written as one header-data unit.
public struct FITSHDU: Sendable, Equatable {
  /// EXTNAME; empty for none, as is usual for the primary.
  public var name: String
  public var width: Int
  public var height: Int
  public var pixels: FITSPixels
  /// Cards that describe the data themselves (BITPIX, NAXIS, BZERO, EXTNAME ...) are left out when the unit is written:
  /// so the cards of a file that was read may be passed on.
  public var cards: [HeaderCard]

  public init(name: String = "", width: Int, height: Int, pixels: FITSPixels, cards: [HeaderCard] = []) {
    precondition(width >= 0 && height >= 0 && pixels.count == width * height, "storage must fill the image")
    self.name = name
    self.width = width
    self.height = height
    self.pixels = pixels
    self.cards = cards
  }
}

/// Writes FITS files.
public enum FITSWriter {
  /// Writes the units as one file, the first as its primary, each with its DATASUM.
  ///
  /// The file appears under its name when it is complete and on disk, in the place of an older one; after a failure the
  /// older one is still there. Equal input gives equal bytes.
  public static func write(_ hdus: [FITSHDU], to path: String) throws(FITSError) {
    precondition(!hdus.isEmpty, "a file needs a primary")
    let pending = try PendingFile(path: path)
    // cfitsio makes its files itself.
    unlink(pending.temporary)
    var file = FITSOutput(temporary: pending.temporary, path: path)
    for hdu in hdus { file.append(hdu) }
    try file.close()
    try pending.commit()
  }
}
