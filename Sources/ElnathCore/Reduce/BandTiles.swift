/// How the values of a run of pixels in several frames lie in memory for their combination: tiles of some pixels, in each
/// the values of frame after frame. So whatever looks at one tile stays in the processor's nearest cache, where the
/// values of one pixel in whole rows, a power of two apart, would push each other out.
struct BandTiles: Sendable {
  /// Pixels of a tile.
  let tile: Int
  let frames: Int
  /// Pixels that have room.
  let pixels: Int

  init(tile: Int, frames: Int, pixels: Int) {
    precondition(frames > 0 && pixels > 0, "a band has pixels and frames")
    (self.tile, self.frames, self.pixels) = (tile, frames, pixels)
  }

  /// Values that there is room for; the last tile is whole too.
  var count: Int { (pixels + tile - 1) / tile * frames * tile }

  /// Places of the last tile, which may not be filled; what stands there is combined like the rest and dropped.
  var last: Range<Int> { (count - frames * tile)..<count }

  /// Hands out, piece by piece, where `count` values of a frame for the pixels from `first` on are to go.
  @inline(__always)
  func forEachPiece(
    of count: Int, frame: Int, at first: Int, _ body: (_ source: Int, _ target: Int, _ count: Int) -> Void
  ) {
    precondition(frame >= 0 && frame < frames && first >= 0 && first + count <= pixels, "outside the band")
    var done = 0
    while done < count {
      let (index, lane) = (first + done).quotientAndRemainder(dividingBy: tile)
      let piece = min(tile - lane, count - done)
      body(done, (index * frames + frame) * tile + lane, piece)
      done += piece
    }
  }
}
