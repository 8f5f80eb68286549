import CCFITSIO

/// Rice streams of one kind (FITS 4.0, section 10.4.1), decoded by cfitsio one by one.
///
/// cfitsio notices that a stream is too short only after it has read beyond its end, which when it reads a whole image
/// is beyond its memory. Streams are therefore given to its decoder where they lie in a `MemoryFile`, within whose fence
/// it stays.
struct RiceStreams {
  /// Pixels of a block.
  let blockSize: Int
  /// 1 (unsigned), 2 or 4.
  let bytesPerPixel: Int

  /// Nil for other sizes of blocks and pixels than the standard has.
  init?(blockSize: Int, bytesPerPixel: Int) {
    guard [16, 32].contains(blockSize), [1, 2, 4].contains(bytesPerPixel) else { return nil }
    self.blockSize = blockSize
    self.bytesPerPixel = bytesPerPixel
  }

  /// Decodes `count` pixels of `bytesPerPixel` into `pixels`. False when the stream is too short for them, or has
  /// zeros left over, as a hole in a file gives: cfitsio reads equal pixels from those.
  func decode(_ stream: UnsafeRawBufferPointer, _ count: Int, into pixels: UnsafeMutableRawPointer) -> Bool {
    guard run(stream, count, into: pixels) else { return false }
    let tail = stream.suffix(9)
    // Rounding up to whole bytes and words may leave some.
    guard tail.count == 9, tail.allSatisfy({ $0 == 0 }) else { return true }
    return !run(UnsafeRawBufferPointer(rebasing: stream.dropLast(9)), count, into: pixels)
  }

  private func run(_ stream: UnsafeRawBufferPointer, _ count: Int, into pixels: UnsafeMutableRawPointer) -> Bool {
    guard let count = Int32(exactly: count), let length = Int32(exactly: stream.count), length > bytesPerPixel,
      let start = stream.baseAddress
    else { return false }
    let bytes = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
    let block = Int32(blockSize)
    let failure =
      switch bytesPerPixel {
      case 1: fits_rdecomp_byte(bytes, length, pixels.assumingMemoryBound(to: UInt8.self), count, block)
      case 2: fits_rdecomp_short(bytes, length, pixels.assumingMemoryBound(to: UInt16.self), count, block)
      default: fits_rdecomp(bytes, length, pixels.assumingMemoryBound(to: UInt32.self), count, block)
      }
    return failure == 0
  }
}
