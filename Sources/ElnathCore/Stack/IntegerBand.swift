/// Values of a run of pixels in all frames as 16-bit integers, laid out for their combination.
public final class IntegerBand: @unchecked Sendable {
  static let tile = 128

  private let tiles: BandTiles
  private let memory: UnsafeMutablePointer<Int16>

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
    BandTiles(tile: tile, frames: frames, pixels: pixels).count * MemoryLayout<Int16>.size
  }

  /// Takes over the big-endian integers of a frame for the pixels from `first` on.
  public func store(bigEndian values: UnsafeBufferPointer<Int16>, frame: Int, at first: Int) {
    guard let source = values.baseAddress else { return }
    tiles.forEachPiece(of: values.count, frame: frame, at: first) { done, target, count in
      for i in 0..<count { memory[target + i] = Int16(bigEndian: source[done + i]) }
    }
  }

  /// The values of tile `index`, those of frame k from 128 k on, to be brought out of order.
  func values(tile index: Int) -> UnsafeMutablePointer<Int16> { memory + index * frames * Self.tile }
}
