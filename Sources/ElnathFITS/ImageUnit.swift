/// The header-data unit of a file that holds an image, checked for what is read of images.
struct ImageUnit {
  let unit: HeaderUnit
  let isCompressed: Bool
  let width: Int
  let height: Int
  private let primary: HeaderUnit

  /// A file with holes may be of any size and still cost no disk.
  private static let mostPixels = 1 << 31

  init(_ unit: HeaderUnit, primary: HeaderUnit) throws(FITSError) {
    let axes = unit.imageAxes
    guard unit.isSinglePlane else {
      throw FITSError(
        .unsupported, file: unit.file,
        "a cube or colour image (\(axes.map(String.init).joined(separator: " x "))); one plane a file is read")
    }
    // Both fit into an Int together, or the unit's length would have been refused.
    guard unit.isCompressedImage || axes[0] * axes[1] <= Self.mostPixels else {
      throw FITSError(.unsupported, file: unit.file, "image is too large (\(axes[0]) x \(axes[1]) pixels)")
    }
    self.unit = unit
    self.primary = primary
    isCompressed = unit.isCompressedImage
    width = axes[0]
    height = axes[1]
  }

  /// The image's own cards, those of a compressed image as if it were not, with the primary's behind them.
  var header: FITSHeader {
    let own = isCompressed ? TileCompression.imageHeader(of: unit) : unit.header
    return unit.kind.isEmpty ? own : own.merged(behind: primary.header)
  }

  /// - Parameter trusting: disregard DATASUM of an uncompressed image.
  func read(from file: FileBytes, trusting: Bool = false) throws(FITSError) -> FITSImage {
    if isCompressed {
      let pixels = try TileDecoder(TileCompression(unit)).decode(from: file)
      return FITSImage(width: width, height: height, pixels: pixels)
    }
    let decoding = try PixelDecoding(unit)
    // Cannot overflow: the unit's whole length does not.
    let count = width * height
    try file.requireData(count * decoding.bytesPerPixel, at: unit.dataOffset)
    var highest: [Float] = []
    let pixels = try decoding.read(count, at: unit.dataOffset, in: file, trusting: trusting, highest: &highest)
    return FITSImage(width: width, height: height, pixels: pixels, highest: highest)
  }
}

extension HeaderUnit {
  var isCompressedImage: Bool { kind == "BINTABLE" && header.logical("ZIMAGE") == true }

  /// The lengths of the axes of the image, which for a compressed one are not those of the table; empty when there is
  /// no image or its size is not usable.
  var imageAxes: [Int] {
    guard isCompressedImage else { return kind.isEmpty || kind == "IMAGE" ? axes : [] }
    guard let count = header.integer("ZNAXIS"), (0...999).contains(count) else { return [] }
    let lengths = (0..<count).compactMap { header.integer("ZNAXIS\($0 + 1)") }
    return lengths.count == count ? lengths : []
  }

  var holdsImage: Bool {
    imageAxes.count >= 2 && imageAxes[0] > 1 && imageAxes.allSatisfy { $0 > 0 }
  }

  /// True for a picture; false for a cube.
  var isSinglePlane: Bool { imageAxes.dropFirst(2).allSatisfy { $0 == 1 } }

  private static let companions = [
    "VAR", "ERR", "UNC", "SIG", "STD", "RMS", "MASK", "DQ", "BPM", "FLAG", "WHT", "WEIGHT", "WT", "EXP", "COV", "REJ",
    "CTX", "CON", "NUMBER", "SKY", "BACK", "BKG", "BIAS", "DARK", "FLAT", "MAP",
  ]

  /// EXTNAME; empty without one, and for the name that the packing program gave.
  var name: String {
    let name = header.text("EXTNAME") ?? ""
    return isCompressedImage && name == "COMPRESSED_IMAGE" ? "" : name
  }

  /// True for the plane of errors, bad pixels or weights of an image, by its name or its type.
  var accompaniesImage: Bool {
    [header.text("EXTNAME"), header.text("EXTTYPE")].contains { name in
      let name = name?.uppercased() ?? ""
      return Self.companions.contains { name.hasPrefix($0) }
    }
  }

  /// A few words for messages.
  var summary: String {
    let name = header.text("EXTNAME").map { " '\($0)'" } ?? ""
    let size = (isCompressedImage ? imageAxes : axes).map(String.init).joined(separator: " x ")
    return (kind.isEmpty ? "primary" : kind) + name + (size.isEmpty ? " without data" : " \(size)")
  }
}
