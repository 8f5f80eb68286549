import ElnathCore
import ElnathFITS

/// The bad pixels of one size of frames: a row of `bad_pixels.csv`.
public struct BadPixelRecord: Sendable, Equatable {
  /// `bad_pixels.fits`, with the size in the name where there are several.
  public var fileName: String
  public var size: PixelSize
  public var total: Int
  /// Number of pixels, in the order of `BadPixelCause.named`; a pixel may have several causes.
  public var counts: [Int]
  /// File names of the masters that were looked at.
  public var masters: [String]

  public init(_ map: BadPixelMap, fileName: String, masters: [String]) {
    self.fileName = fileName
    size = PixelSize(width: map.causes.width, height: map.causes.height)
    total = map.total
    counts = BadPixelCause.named.map { map.count($0.cause) }
    self.masters = masters
  }

  /// `120 bad pixels of 4096x4096: 80 hot, 40 response`
  public var summary: String {
    let parts = zip(BadPixelCause.named, counts).filter { $1 > 0 }.map { "\($1) \($0.name)" }
    return "\(total) bad pixels of \(size)" + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
  }
}

/// `bad_pixels.csv`: one row for each size of frames.
public enum BadPixelColumns {
  public static let all: [Column<BadPixelRecord>] =
    [
      Column("file", "", "Path within the folder of the products.") { .path("masters/" + $0.fileName) },
      Column("width", "px", "Columns of the trimmed frame.") { .integer($0.size.width) },
      Column("height", "px", "Rows of the trimmed frame.") { .integer($0.size.height) },
      Column("total", "", "Bad pixels.") { .integer($0.total) },
    ]
    + BadPixelCause.named.indices.map { place in
      Column(BadPixelCause.named[place].name, "", "Pixels with this cause.") { .integer($0.counts[place]) }
    } + [
      Column("masters", "", "Masters that were looked at, separated by blanks.") {
        .text($0.masters.joined(separator: " "))
      }
    ]
}

/// Bad pixels as a FITS image: 0 for a good one, else the sum of its causes. It may be named as `bad_pixels` of a project.
enum BadPixelFile {
  static func write(_ map: BadPixelMap, _ record: BadPixelRecord, to path: String) throws(PipelineError) {
    var cards = [HeaderCard("OBSTYPE", .text("BADPIX"), "bad pixels of the detector")]
    for (place, named) in BadPixelCause.named.enumerated() {
      cards.append(
        HeaderCard("NBAD\(named.cause.rawValue)", .integer(record.counts[place]), "pixels of value \(named.name)"))
    }
    cards.append(HeaderCard("CREATOR", .text("Elnath \(ElnathVersion.current)")))
    for file in record.masters { cards.append(HeaderCard("HISTORY", nil, file)) }
    do {
      try FITSWriter.write(
        [
          FITSHDU(
            name: "", width: map.causes.width, height: map.causes.height,
            pixels: .uint8(map.causes.pixels.map(\.rawValue)), cards: cards)
        ], to: path)
    } catch {
      throw FileFault.writing(error, path)
    }
  }
}
