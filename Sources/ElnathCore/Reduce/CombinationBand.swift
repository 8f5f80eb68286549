/// The values of a run of pixels in all frames, laid out for their combination.
///
/// Frames may be stored from several threads at a time; it must be full before it is combined.
public final class CombinationBand: @unchecked Sendable {
  static let tile = 64

  private let tiles: BandTiles
  private let memory: UnsafeMutablePointer<Float>

  public var frames: Int { tiles.frames }
  /// Pixels that have room.
  public var pixels: Int { tiles.pixels }

  public init(frames: Int, pixels: Int) {
    tiles = BandTiles(tile: Self.tile, frames: frames, pixels: pixels)
    memory = .allocate(capacity: tiles.count)
    (memory + tiles.last.lowerBound).initialize(repeating: 0, count: tiles.last.count)
  }

  deinit { memory.deallocate() }

  /// Bytes that a band takes.
  public static func bytes(frames: Int, pixels: Int) -> Int {
    BandTiles(tile: tile, frames: frames, pixels: pixels).count * MemoryLayout<Float>.size
  }

  /// Takes over `values` of a frame for the pixels from `first` on.
  public func store(_ values: UnsafeBufferPointer<Float>, frame: Int, at first: Int) {
    guard let source = values.baseAddress else { return }
    tiles.forEachPiece(of: values.count, frame: frame, at: first) { done, target, count in
      (memory + target).update(from: source + done, count: count)
    }
  }

  /// The values of tile `index`, those of frame k from 64 k on.
  func values(tile index: Int) -> UnsafePointer<Float> { UnsafePointer(memory + index * frames * Self.tile) }
}
