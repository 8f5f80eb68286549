/// Reads the values of an uncompressed image.
///
/// Those of 16 bits and single-precision reals, as cameras and most programs write them, are converted here, which takes
/// half the time of cfitsio or less. All others are left to it.
struct PixelDecoding {
  private let bitsPerPixel: Int
  private let scaling: PixelScaling

  init(_ unit: HeaderUnit) throws(FITSError) {
    bitsPerPixel = unit.bitsPerPixel
    scaling = try PixelScaling(unit, bitsPerPixel: unit.bitsPerPixel)
  }

  var bytesPerPixel: Int { abs(bitsPerPixel) / 8 }

  private var isQuick: Bool { bitsPerPixel == 16 || bitsPerPixel == -32 }

  /// Reads `count` values from `offset` of the file on, piece by piece.
  func read(_ count: Int, at offset: Int, in file: FileBytes) throws(FITSError) -> [Float] {
    // Pieces that stay in the processor's cache, but for cfitsio, which has to open each.
    let piece = min(count, isQuick ? 1 << 15 : 1 << 20)
    let library =
      isQuick
      ? nil : MemoryFile(cards: cards(ofImageOf: piece), isExtension: false, dataLength: piece * bytesPerPixel)
    let stored = library?.data ?? .allocate(byteCount: piece * bytesPerPixel, alignment: 16)
    defer { if library == nil { stored.deallocate() } }
    var failure: FITSError?
    let pixels = [Float](unsafeUninitializedCapacity: count) { pixels, initialized in
      adviseLargePages(pixels)
      do throws(FITSError) {
        while initialized < count {
          let wanted = min(piece, count - initialized)
          let bytes = UnsafeMutableRawBufferPointer(rebasing: stored[..<(wanted * bytesPerPixel)])
          let got = try file.read(into: bytes, at: offset + initialized * bytesPerPixel)
          guard got == bytes.count else {
            throw .truncatedData(
              file.path, promised: count * bytesPerPixel, found: initialized * bytesPerPixel + got)
          }
          let part = UnsafeMutableBufferPointer(rebasing: pixels[initialized..<(initialized + wanted)])
          if let library {
            try decode(library, into: part, file.path)
          } else {
            decode(bytes.baseAddress!, into: part)
          }
          initialized += wanted
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return pixels
  }

  /// The header of an image of `count` of the values.
  private func cards(ofImageOf count: Int) -> [HeaderCard] {
    var cards = [
      HeaderCard("SIMPLE", .logical(true)), HeaderCard("BITPIX", .integer(bitsPerPixel)),
      HeaderCard("NAXIS", .integer(2)), HeaderCard("NAXIS1", .integer(count)), HeaderCard("NAXIS2", .integer(1)),
      HeaderCard("BSCALE", .real(scaling.scale)), HeaderCard("BZERO", .real(scaling.zero)),
    ]
    if let blank = scaling.blank { cards.append(HeaderCard("BLANK", .integer(blank))) }
    return cards
  }

  private func decode(
    _ library: MemoryFile, into pixels: UnsafeMutableBufferPointer<Float>, _ path: String
  ) throws(FITSError) {
    let status = library.readPixels(into: pixels, missing: scaling.blank == nil ? nil : .nan)
    guard status == 0 else {
      throw FITSError(.damaged, file: path, "image cannot be decoded (\(FITSLibrary.message(status)))", status: status)
    }
  }

  /// Leaves the stored integers in the machine's byte order.
  private func decode(_ bytes: UnsafeMutableRawPointer, into pixels: UnsafeMutableBufferPointer<Float>) {
    guard let out = pixels.baseAddress else { return }
    if bitsPerPixel == 16 {
      let stored = bytes.assumingMemoryBound(to: Int16.self)
      for i in 0..<pixels.count { stored[i] = Int16(bigEndian: stored[i]) }
      scaling.convert(stored, ofBytes: 2, pixels.count, into: out)
    } else {
      let stored = bytes.assumingMemoryBound(to: UInt32.self)
      if scaling.isIdentity {
        for i in 0..<pixels.count { out[i] = Float(bitPattern: UInt32(bigEndian: stored[i])) }
      } else {
        let (zero, scale) = (scaling.zero, scaling.scale)
        for i in 0..<pixels.count {
          out[i] = Float(Double(Float(bitPattern: UInt32(bigEndian: stored[i]))) * scale + zero)
        }
      }
    }
  }
}
