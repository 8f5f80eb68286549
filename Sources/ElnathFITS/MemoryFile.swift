import CCFITSIO

/// A FITS file in memory, all that cfitsio is ever given to read: it gets a header that is written anew from checked
/// values, since cfitsio 4.2 writes beyond its memory on hostile headers, and the data behind it.
final class MemoryFile {
  /// The data of the image's unit, to be filled before `readPixels`.
  let data: UnsafeMutableRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer
  /// Without the fence.
  private let size: Int
  private let unitNumber: Int32

  /// Bytes without a zero bit behind the end. A broken Rice stream is read beyond its end, by as many zeros as follow
  /// and by less than 5 bytes a pixel of a block, which are 32 at most.
  private static let fence = 512

  /// `cards` are those of the unit that holds the image: the primary, or an extension behind an empty primary.
  init(cards: [HeaderCard], isExtension: Bool, dataLength: Int) {
    let block = HeaderUnit.blockLength
    let header = (isExtension ? HeaderRecords.minimalPrimary : []) + HeaderRecords.block(cards)
    unitNumber = isExtension ? 2 : 1
    size = header.count + (dataLength + block - 1) / block * block
    memory = .allocate(byteCount: size + Self.fence, alignment: 16)
    memory.copyBytes(from: header)
    data = UnsafeMutableRawBufferPointer(rebasing: memory[header.count..<(header.count + dataLength)])
    for place in (header.count + dataLength)..<size { memory[place] = 0 }
    for place in size..<memory.count { memory[place] = 0xFF }
  }

  deinit {
    memory.deallocate()
  }

  /// Fills `pixels` with the physical values of the image from its first pixel on. `missing` stands for the values that
  /// the file has none for; without it nothing is taken for missing. Returns cfitsio's status.
  func readPixels(into pixels: UnsafeMutableBufferPointer<Float>, missing: Float?) -> Int32 {
    var status: Int32 = 0
    var fits: UnsafeMutablePointer<fitsfile>?
    var address = memory.baseAddress
    var size = size
    // Read only: nothing grows, so no allocator is given.
    ffomem(&fits, "elnath", READONLY, &address, &size, 0, nil, &status)
    ffmahd(fits, unitNumber, nil, &status)
    var first = [Int](repeating: 1, count: 6)
    // Asked for though not used: cfitsio 4.2 takes it for given where a value is missing.
    var isAnyMissing: Int32 = 0
    if var missing {
      ffgpxv(fits, TFLOAT, &first, LONGLONG(pixels.count), &missing, pixels.baseAddress, &isAnyMissing, &status)
    } else {
      ffgpxv(fits, TFLOAT, &first, LONGLONG(pixels.count), nil, pixels.baseAddress, &isAnyMissing, &status)
    }
    var closing: Int32 = 0
    if fits != nil { ffclos(fits, &closing) }
    return status
  }
}
