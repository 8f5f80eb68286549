/// Where pixels are taken from to judge an amplifier: windows spread evenly over its area, each split into the four
/// phases of a lattice of 2 x 2 pixels.
///
/// The phases keep apart what two exposures need not share: the fields of an interlaced sensor (alternate rows, read and
/// often exposed one after the other) and the colours of a sensor behind a Bayer mosaic. At least 64 boxes, so that their
/// scatter tells the error of their mean to 10 per cent.
public struct SampleBoxes: Sendable, Equatable {
  /// Pixels x, x + 2, ... of rows y, y + 2, ... of the trimmed frame; `first` is the place of the first in a sample.
  struct Box: Sendable, Equatable {
    var x: Int
    var y: Int
    var columns: Int
    var rows: Int
    var first: Int

    var count: Int { columns * rows }
    var range: Range<Int> { first..<(first + columns * rows) }
    /// Which of the four phases of the frame this is.
    var phase: Int { x % 2 + 2 * (y % 2) }
  }

  /// Of the trimmed frame.
  public let area: PixelRectangle
  let boxes: [Box]
  /// Pixels of all boxes.
  let count: Int

  /// Largest side of a window: 64 windows of this size know a variance to 0.4 per cent; more pixels would cost much and
  /// add little.
  private static let side = 48

  /// Nil for an area of less than 64 x 64 pixels, whose boxes would hold too few pixels to be clipped.
  public init?(area: PixelRectangle) {
    guard area.width >= 64, area.height >= 64 else { return nil }
    func cells(_ length: Int) -> Int { length >= 256 ? 8 : 4 }
    let (across, up) = (cells(area.width), cells(area.height))
    let (cellWidth, cellHeight) = (area.width / across, area.height / up)
    let (width, height) = (min(cellWidth, Self.side) / 2, min(cellHeight, Self.side) / 2)
    var boxes: [Box] = []
    for j in 0..<up {
      for i in 0..<across {
        let x = area.x + i * cellWidth + (cellWidth - 2 * width) / 2
        let y = area.y + j * cellHeight + (cellHeight - 2 * height) / 2
        for phase in 0..<4 {
          boxes.append(
            Box(x: x + phase % 2, y: y + phase / 2, columns: width, rows: height, first: boxes.count * width * height))
        }
      }
    }
    self.area = area
    self.boxes = boxes
    count = boxes.count * width * height
  }

  /// The pixels of all boxes of a raw frame, one box after the other, row by row.
  func values<Raw: RawPixels>(of raw: Raw) throws(Raw.Failure) -> [Float] {
    let trim = raw.observation.trim
    let whole = PixelRectangle(x: trim.x + area.x, y: trim.y + area.y, width: area.width, height: area.height)
    precondition(whole.fits(width: raw.width, height: raw.height), "the amplifier lies on the frame")
    // Of each row the first columns of the boxes on it, and the places of those in the sample.
    var lines: [Int: [(x: Int, columns: Int, place: Int)]] = [:]
    for box in boxes {
      for row in 0..<box.rows {
        lines[trim.y + box.y + 2 * row, default: []].append(
          (trim.x + box.x, box.columns, box.first + row * box.columns))
      }
    }
    var values = [Float](repeating: .nan, count: count)
    try raw.forEachRow(of: lines.keys.sorted()) { y, line in
      for (x, columns, place) in lines[y] ?? [] {
        for column in 0..<columns { values[place + column] = line[x + 2 * column] }
      }
    }
    return values
  }

  /// The same pixels above a zero level of the raw frame.
  func values(_ values: [Float], above level: Overscan.Level?, trim: PixelRectangle) -> [Float] {
    guard let level else { return values }
    var values = values
    for box in boxes {
      for row in 0..<box.rows {
        let y = trim.y + box.y + 2 * row
        for column in 0..<box.columns {
          let x = trim.x + box.x + 2 * column
          values[box.first + row * box.columns + column] -= level.values[level.alongRows ? y : x]
        }
      }
    }
    return values
  }
}
