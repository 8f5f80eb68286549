/// Reads the image of a FITS file (standard 4.0): uncompressed, gzipped as a whole, or in Rice or GZIP tiles.
///
/// A file that cannot be trusted is refused with the reason. Which of several images counts: see `ImageUnit`.
/// Any number of calls may run at the same time.
public enum FITSFile {
  /// The header of the unit that holds the image, and the image's size. Cards of the primary stand behind those of an
  /// extension where that has none of the same name. A tile-compressed image is described as if it were not compressed.
  ///
  /// Only headers are read: that the data are complete shows when the image is read.
  public static func readHeader(path: String) throws(FITSError) -> (header: FITSHeader, width: Int, height: Int) {
    let image = try ImageUnit(in: FileBytes(path: path))
    return (image.header, image.width, image.height)
  }

  /// The same header, and the image in physical values: BSCALE and BZERO applied, NaN where the file says BLANK or NaN.
  public static func readImage(path: String) throws(FITSError) -> (header: FITSHeader, image: FITSImage) {
    let file = try FileBytes(path: path)
    let image = try ImageUnit(in: file)
    let pixels: [Float]
    if image.isCompressed {
      pixels = try TileDecoder(TileCompression(image.unit)).decode(from: file)
    } else {
      let decoding = try PixelDecoding(image.unit)
      // Cannot overflow: the unit's whole length does not.
      let count = image.width * image.height
      try file.requireData(count * decoding.bytesPerPixel, at: image.unit.dataOffset)
      pixels = try decoding.read(count, at: image.unit.dataOffset, in: file)
    }
    try file.verifyRest()
    return (image.header, FITSImage(width: image.width, height: image.height, pixels: pixels))
  }
}
