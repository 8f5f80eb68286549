/// The values of a run of pixels in all frames, laid out for their combination.
///
/// Frames may be stored from several threads at a time; it must be full before it is combined.
public final class FrameBand<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let tiles: BandTiles
  private let memory: UnsafeMutablePointer<Value>

  /// Pixels of a tile: 256 bytes of each frame.
  static var tile: Int { 256 / MemoryLayout<Value>.size }

  public var frames: Int { tiles.frames }
  /// Pixels that have room.
  public var pixels: Int { tiles.pixels }

  public init(frames: Int, pixels: Int) {
    tiles = BandTiles(tile: Self.tile, frames: frames, pixels: pixels)
    memory = .allocate(capacity: tiles.count)
    let size = MemoryLayout<Value>.size
    UnsafeMutableRawPointer(memory + tiles.last.lowerBound)
      .initializeMemory(as: UInt8.self, repeating: 0, count: tiles.last.count * size)
  }

  deinit { memory.deallocate() }

  /// Bytes that a band takes.
  public static func bytes(frames: Int, pixels: Int) -> Int {
    BandTiles(tile: tile, frames: frames, pixels: pixels).count * MemoryLayout<Value>.size
  }

  /// The values of tile `index`, those of frame k from k times the pixels of a tile on.
  func values(tile index: Int) -> UnsafeMutablePointer<Value> { memory + index * frames * Self.tile }
}

/// Values as numbers.
public typealias CombinationBand = FrameBand<Float>

extension FrameBand<Float> {
  /// Takes over `values` of a frame for the pixels from `first` on.
  public func store(_ values: UnsafeBufferPointer<Float>, frame: Int, at first: Int) {
    guard let source = values.baseAddress else { return }
    tiles.forEachPiece(of: values.count, frame: frame, at: first) { done, target, count in
      (memory + target).update(from: source + done, count: count)
    }
  }

  /// Hands out, piece by piece, the values of a frame for `count` pixels from `first` on.
  func forEachPiece(
    of count: Int, frame: Int, at first: Int, _ body: (_ done: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) {
    tiles.forEachPiece(of: count, frame: frame, at: first) { done, place, count in
      body(done, UnsafeBufferPointer(start: memory + place, count: count))
    }
  }
}

/// Values as the 16-bit integers of their files; combining brings them out of order.
public typealias IntegerBand = FrameBand<Int16>

extension FrameBand<Int16> {
  /// Takes over the big-endian integers of a frame for the pixels from `first` on.
  public func store(bigEndian values: UnsafeBufferPointer<Int16>, frame: Int, at first: Int) {
    guard let source = values.baseAddress else { return }
    tiles.forEachPiece(of: values.count, frame: frame, at: first) { done, target, count in
      for i in 0..<count { memory[target + i] = Int16(bigEndian: source[done + i]) }
    }
  }
}
