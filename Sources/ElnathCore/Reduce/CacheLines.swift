/// Planes that are read row by row about scattered places, each row of which is asked for before: where pixels are not in
/// the processor's cache the arithmetic would wait for each row in turn, several times longer than it takes.
struct CacheLines {
  /// One plane: where its pixels begin, and the bytes of a pixel and of a row.
  private struct Plane {
    let start: UnsafeRawPointer
    let pixel: Int
    let row: Int
  }

  private var planes: [Plane] = []

  /// `x`, `y`: the pixel of the plane that counts as the first.
  mutating func add<Pixel>(_ pixels: UnsafeBufferPointer<Pixel>, width: Int, from x: Int = 0, _ y: Int = 0) {
    guard let start = pixels.baseAddress else { return }
    let size = MemoryLayout<Pixel>.stride
    let plane = Plane(start: UnsafeRawPointer(start + y * width + x), pixel: size, row: width * size)
    if !planes.contains(where: { $0.start == plane.start }) { planes.append(plane) }
  }

  /// Asks for these columns of a row of each plane.
  func prefetch(row y: Int, columns: Range<Int>) {
    if columns.isEmpty { return }
    for plane in planes {
      let row = plane.start + y * plane.row
      Prefetch.bytes(from: row + columns.lowerBound * plane.pixel, to: row + columns.upperBound * plane.pixel)
    }
  }
}
