/// The values of a run of pixels in all frames, laid out for their combination: tiles of 64 pixels, in each the values
/// of frame after frame. So whatever looks at one tile stays in the processor's nearest cache, where the values of one
/// pixel in whole rows, a power of two apart, would push each other out.
///
/// Frames may be stored from several threads at a time; it must be full before it is combined.
public final class CombinationBand: @unchecked Sendable {
  static let tile = 64

  public let frames: Int
  /// Pixels that have room.
  public let pixels: Int
  private let memory: UnsafeMutablePointer<Float>

  public init(frames: Int, pixels: Int) {
    precondition(frames > 0 && pixels > 0, "a band has pixels and frames")
    self.frames = frames
    self.pixels = pixels
    let count = Self.tiles(pixels) * frames * Self.tile
    memory = .allocate(capacity: count)
    // The last tile may not be filled; what stands there is combined like the rest and dropped.
    let last = count - frames * Self.tile
    (memory + last).initialize(repeating: 0, count: frames * Self.tile)
  }

  deinit { memory.deallocate() }

  /// Bytes that a band takes.
  public static func bytes(frames: Int, pixels: Int) -> Int {
    tiles(pixels) * tile * frames * MemoryLayout<Float>.size
  }

  private static func tiles(_ pixels: Int) -> Int { (pixels + tile - 1) / tile }

  /// Takes over `values` of a frame for the pixels from `first` on.
  public func store(_ values: UnsafeBufferPointer<Float>, frame: Int, at first: Int) {
    precondition(frame >= 0 && frame < frames && first >= 0 && first + values.count <= pixels, "outside the band")
    guard var source = values.baseAddress else { return }
    var place = first
    var left = values.count
    while left > 0 {
      let lane = place % Self.tile
      let count = min(Self.tile - lane, left)
      let target = memory + (place / Self.tile * frames + frame) * Self.tile + lane
      target.update(from: source, count: count)
      source += count
      place += count
      left -= count
    }
  }

  /// The values of tile `index`, those of frame k from 64 k on.
  func values(tile index: Int) -> UnsafePointer<Float> { UnsafePointer(memory + index * frames * Self.tile) }
}
