/// Reads the images of a FITS file (standard 4.0): uncompressed, gzipped as a whole, or in Rice or GZIP tiles.
///
/// A file that cannot be trusted is refused with the reason. Which of several images counts: see `ImageUnits`.
/// Any number of calls may run at the same time.
///
/// Pixels are single precision: integers beyond 2^24 and doubles are rounded to it, as no camera counts that finely.
public enum FITSFile {
  /// The header of the unit that holds the image, and the image's size. Cards of the primary stand behind those of an
  /// extension where that has none of the same name. A tile-compressed image is described as if it were not compressed.
  ///
  /// Only headers are read: that the data are complete shows when the image is read.
  public static func readHeader(path: String) throws(FITSError) -> (header: FITSHeader, width: Int, height: Int) {
    let image = try ImageUnits(in: FileBytes(path: path)).only()
    return (image.header, image.width, image.height)
  }

  /// The headers of the images that a frame may consist of: the primary's where that holds one, else those of all
  /// image extensions but the planes that accompany an image. Several are the outputs of one camera, or frames of which
  /// one has to be chosen; there is always one at least.
  public static func readImageHeaders(path: String) throws(FITSError) -> [FITSImageHeader] {
    let units = try ImageUnits(in: FileBytes(path: path))
    var headers: [FITSImageHeader] = []
    for unit in units.images { headers.append(FITSImageHeader(try units.image(unit))) }
    return headers
  }

  /// The headers of all images of the file, those behind an image in the primary and accompanying planes included, but
  /// for what is no single plane.
  public static func readAllImageHeaders(path: String) throws(FITSError) -> [FITSImageHeader] {
    let units = try ImageUnits(in: FileBytes(path: path), beyondPrimary: true)
    var headers: [FITSImageHeader] = []
    for unit in units.everyImage where unit.isSinglePlane { headers.append(FITSImageHeader(try units.image(unit))) }
    return headers
  }

  /// The same header as `readHeader`, and the image in physical values: BSCALE and BZERO applied, NaN where the file
  /// says BLANK or NaN. An image that does not agree with its DATASUM is refused.
  public static func readImage(path: String) throws(FITSError) -> (header: FITSHeader, image: FITSImage) {
    let file = try FileBytes(path: path)
    let unit = try ImageUnits(in: file).only()
    let image = try unit.read(from: file)
    try file.verifyRest()
    return (unit.header, image)
  }

  /// The images of these units of the file (0 is the primary), in the order asked for.
  ///
  /// - Parameter trusting: take uncompressed pixels as they are where they do not agree with DATASUM. Programs that change
  ///   pixels under the header of another file leave such sums behind.
  public static func readImages(
    path: String, units wanted: [Int], trusting: Bool = false
  ) throws(FITSError) -> [FITSImage] {
    let file = try FileBytes(path: path)
    let units = try ImageUnits(in: file, beyondPrimary: true)
    var read: [Int: FITSImage] = [:]
    // From front to back, the only quick way through a gzipped file.
    for number in Set(wanted).sorted() {
      guard let unit = units.everyImage.first(where: { $0.number == number }) else {
        throw FITSError(.noImage, file: path, "holds no image in unit \(number)")
      }
      read[number] = try units.image(unit).read(from: file, trusting: trusting)
    }
    try file.verifyRest()
    return wanted.compactMap { read[$0] }
  }
}

/// An image of a file as its header describes it.
public struct FITSImageHeader: Sendable, Equatable {
  /// Number of the header-data unit; 0 is the primary.
  public var unit: Int
  /// EXTNAME; empty without one.
  public var name: String
  /// With the primary's cards behind those of an extension.
  public var header: FITSHeader
  public var width: Int
  public var height: Int
  /// False where CHECKSUM shows that the header was changed after it was written; the pixels are still those of DATASUM.
  public var isUnchanged: Bool

  public init(
    unit: Int = 0, name: String = "", header: FITSHeader, width: Int, height: Int, isUnchanged: Bool = true
  ) {
    self.unit = unit
    self.name = name
    self.header = header
    self.width = width
    self.height = height
    self.isUnchanged = isUnchanged
  }

  init(_ image: ImageUnit) {
    self.init(
      unit: image.unit.number, name: image.unit.name, header: image.header, width: image.width, height: image.height,
      isUnchanged: image.unit.isUnchanged)
  }
}
