/// The header-data unit of a file that holds the image.
///
/// It is the primary where that has an image, else the image extension. Planes that accompany an image (variance, mask,
/// weight ...) are passed over; several images side by side, as mosaic cameras write them, are refused, for any choice
/// would leave the others out in silence.
struct ImageUnit {
  let unit: HeaderUnit
  let primary: HeaderUnit
  let isCompressed: Bool
  let width: Int
  let height: Int

  /// A file with holes may be of any size and still cost no disk.
  private static let mostPixels = 1 << 31

  init(in file: FileBytes) throws(FITSError) {
    guard let primary = try HeaderUnit(at: 0, in: file) else {
      throw FITSError(.notFITS, file: file.path, "not a FITS file")
    }
    var seen: [HeaderUnit] = [primary]
    var images: [HeaderUnit] = primary.holdsImage ? [primary] : []
    while images.first?.kind != "", let next = try HeaderUnit(at: seen[seen.count - 1].end, in: file) {
      seen.append(next)
      if next.holdsImage, !next.accompaniesImage { images.append(next) }
    }
    guard let unit = images.first ?? seen.first(where: \.holdsImage) else {
      let found = seen.map(\.summary).joined(separator: ", ")
      throw FITSError(.noImage, file: file.path, "holds no two-dimensional image (\(found))")
    }
    guard images.count <= 1 else {
      let found = images.map(\.summary).joined(separator: ", ")
      throw FITSError(.unsupported, file: file.path, "holds \(images.count) images (\(found)); one a file is read")
    }
    let axes = unit.imageAxes
    guard axes.dropFirst(2).allSatisfy({ $0 == 1 }) else {
      throw FITSError(
        .unsupported, file: file.path,
        "a cube or colour image (\(axes.map(String.init).joined(separator: " x "))); one plane a file is read")
    }
    // Both fit into an Int together, or the unit's length would have been refused.
    guard unit.isCompressedImage || axes[0] * axes[1] <= Self.mostPixels else {
      throw FITSError(.unsupported, file: file.path, "image is too large (\(axes[0]) x \(axes[1]) pixels)")
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

  private static let companions = [
    "VAR", "ERR", "UNC", "SIG", "STD", "RMS", "MASK", "DQ", "BPM", "FLAG", "WHT", "WEIGHT", "WT", "EXP", "COV", "REJ",
    "CTX", "CON", "NUMBER", "SKY", "BACK", "BKG", "BIAS", "DARK", "FLAT", "MAP",
  ]

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
