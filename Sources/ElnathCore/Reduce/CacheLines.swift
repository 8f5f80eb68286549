/// Planes that are read row by row about scattered places. Where their pixels are not in the processor's cache the arithmetic
/// would wait for each row in turn, several times longer than it takes; to look at all rows first has them fetched together.
struct CacheLines {
  /// One plane: where its pixels begin, and the bytes of a pixel and of a row.
  private struct Plane {
    let start: UnsafeRawPointer
    let pixel: Int
    let row: Int
  }

  private var planes: [Plane] = []
  private static let line = 64

  /// `x`, `y`: the pixel of the plane that counts as the first.
  mutating func add<Pixel>(_ pixels: UnsafeBufferPointer<Pixel>, width: Int, from x: Int = 0, _ y: Int = 0) {
    guard let start = pixels.baseAddress else { return }
    let size = MemoryLayout<Pixel>.stride
    let plane = Plane(start: UnsafeRawPointer(start + y * width + x), pixel: size, row: width * size)
    if !planes.contains(where: { $0.start == plane.start }) { planes.append(plane) }
  }

  /// Looks at every line of the columns that each row has; what it returns means nothing, but must be used.
  @inline(never)
  func fetch(rows: Range<Int>, columns: (Int) -> Range<Int>) -> UInt8 {
    var sum: UInt8 = 0
    for y in rows {
      let columns = columns(y)
      if columns.isEmpty { continue }
      for plane in planes {
        let row = plane.start + y * plane.row
        let last = (columns.upperBound - 1) * plane.pixel
        var place = columns.lowerBound * plane.pixel
        while place < last {
          sum &+= row.load(fromByteOffset: place, as: UInt8.self)
          place += Self.line
        }
        sum &+= row.load(fromByteOffset: last, as: UInt8.self)
      }
    }
    return sum
  }
}
