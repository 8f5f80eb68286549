import CPrefetch

/// Asks for pixels that are read soon, so that they are in the processor's cache by then. It sees that a plane is read in
/// order by itself, but forgets at every page of 4096 bytes, which is one row of a small frame; and of scattered rows it
/// cannot know.
enum Prefetch {
  private static let line = 64

  static func pixels<Pixel>(_ pixels: UnsafeBufferPointer<Pixel>) {
    guard let start = UnsafeRawPointer(pixels.baseAddress), !pixels.isEmpty else { return }
    bytes(from: start, to: start + pixels.count * MemoryLayout<Pixel>.stride)
  }

  /// At least one byte.
  static func bytes(from start: UnsafeRawPointer, to end: UnsafeRawPointer) {
    var place = start
    while place < end {
      prefetch_line(place)
      place += line
    }
    // Pixels need not begin where a line does.
    prefetch_line(end - 1)
  }

  /// Row `y` of a plane; nothing below its last one.
  static func row<Pixel>(_ y: Int, of plane: UnsafeBufferPointer<Pixel>, width: Int) {
    let end = (y + 1) * width
    if end <= plane.count { pixels(UnsafeBufferPointer(rebasing: plane[(y * width)..<end])) }
  }
}
