/// Reads the values of an uncompressed image.
///
/// Those of 16 bits and single-precision reals, as cameras and most programs write them, are converted here, which takes
/// half the time of cfitsio or less. All others are left to it.
struct PixelDecoding {
  private let unit: HeaderUnit
  private let scaling: PixelScaling

  init(_ unit: HeaderUnit) throws(FITSError) {
    self.unit = unit
    scaling = try PixelScaling(unit, bitsPerPixel: unit.bitsPerPixel)
  }

  private var bitsPerPixel: Int { unit.bitsPerPixel }

  var bytesPerPixel: Int { abs(bitsPerPixel) / 8 }

  private var isQuick: Bool { bitsPerPixel == 16 || bitsPerPixel == -32 }

  /// Reads the first `count` values of the unit, which lie at `offset`, piece by piece, and compares their sum with
  /// DATASUM where it is there, unless they are trusted.
  func read(
    _ count: Int, at offset: Int, in file: FileBytes, trusting: Bool = false
  ) throws(FITSError) -> [Float] {
    var highest: [Float] = []
    return try read(count, at: offset, in: file, trusting: trusting, highest: &highest)
  }

  /// The same; `highest` becomes that of the image.
  func read(
    _ count: Int, at offset: Int, in file: FileBytes, trusting: Bool, highest: inout [Float]
  ) throws(FITSError) -> [Float] {
    // Pieces that stay in the processor's cache, but for cfitsio, which has to open each.
    let piece = min(count, isQuick ? FITSImage.run : 1 << 20)
    let library =
      isQuick
      ? nil : MemoryFile(cards: cards(ofImageOf: piece), isExtension: false, dataLength: piece * bytesPerPixel)
    let stored = library?.data ?? .allocate(byteCount: piece * bytesPerPixel, alignment: 16)
    defer { if library == nil { stored.deallocate() } }
    var sum = trusting ? nil : unit.promisedDataSum.map { _ in DataSum() }
    /// Of the last piece, what is no whole word.
    var tail: [UInt8] = []
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
          tail = Array(bytes.suffix(bytes.count % 4))
          let part = UnsafeMutableBufferPointer(rebasing: pixels[initialized..<(initialized + wanted)])
          if let library {
            sum?.add(UnsafeRawBufferPointer(rebasing: bytes.dropLast(tail.count)))
            try decode(library, into: part, file.path)
          } else {
            decode(bytes.baseAddress!, into: part, &sum)
            highest.append(Self.highest(part))
          }
          initialized += wanted
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if var sum {
      try add(rest: tail, from: offset + count * bytesPerPixel, of: file, to: &sum)
      try unit.verify(sum)
    }
    return pixels
  }

  var hasChecksum: Bool { unit.promisedDataSum != nil }

  /// Reads the data of an image that is converted here, piece by piece of `FITSImage.run` values, without converting one,
  /// and compares their sum with DATASUM, where it is there.
  ///
  /// - Parameter body: gets the bytes as they are stored.
  func verify(
    _ count: Int, at offset: Int, in file: FileBytes, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(FITSError) {
    precondition(isQuick, "an image of 16-bit integers or single-precision reals")
    let piece = min(count, FITSImage.run)
    let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * bytesPerPixel, alignment: 16)
    defer { stored.deallocate() }
    var sum = DataSum()
    var tail: [UInt8] = []
    var done = 0
    while done < count {
      let bytes = UnsafeMutableRawBufferPointer(rebasing: stored[..<(min(piece, count - done) * bytesPerPixel)])
      let got = try file.read(into: bytes, at: offset + done * bytesPerPixel)
      guard got == bytes.count, let start = bytes.baseAddress else {
        throw .truncatedData(file.path, promised: count * bytesPerPixel, found: done * bytesPerPixel + got)
      }
      body(UnsafeRawBufferPointer(bytes))
      done += bytes.count / bytesPerPixel
      guard hasChecksum else { continue }
      tail = Array(bytes.suffix(bytes.count % 4))
      add(start, bytes.count / bytesPerPixel, to: &sum)
    }
    guard hasChecksum else { return }
    try add(rest: tail, from: offset + count * bytesPerPixel, of: file, to: &sum)
    try unit.verify(sum)
  }

  /// Adds stored values, but for what is no whole word, and leaves them in the machine's byte order.
  private func add(_ bytes: UnsafeMutableRawPointer, _ count: Int, to sum: inout DataSum) {
    if bitsPerPixel == 16 {
      let stored = bytes.assumingMemoryBound(to: Int16.self)
      for i in 0..<count { stored[i] = Int16(bigEndian: stored[i]) }
      sum.add(halves: bytes, count / 2)
    } else {
      let stored = bytes.assumingMemoryBound(to: UInt32.self)
      for i in 0..<count { stored[i] = UInt32(bigEndian: stored[i]) }
      sum.add(words: bytes, count)
    }
  }

  /// -infinity where all are NaN.
  private static func highest(_ values: UnsafeMutableBufferPointer<Float>) -> Float {
    // Sixteen at a time: the order in which a maximum is found does not matter, but the compiler must not assume so.
    var some = SIMD16<Float>(repeating: -.infinity)
    let whole = values.count / 16 * 16
    let bytes = UnsafeRawBufferPointer(values)
    for i in stride(from: 0, to: whole, by: 16) {
      let next = bytes.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
      some.replace(with: next, where: next .> some)
    }
    var highest = -Float.infinity
    for k in some.indices where some[k] > highest { highest = some[k] }
    for i in whole..<values.count where values[i] > highest { highest = values[i] }
    return highest
  }

  /// Adds `begun` and what follows up to the end of the unit: padding, and the parameters of groups. Where the file ends
  /// before, zeros are missing.
  private func add(
    rest begun: [UInt8], from offset: Int, of file: FileBytes, to sum: inout DataSum
  ) throws(FITSError) {
    var bytes = begun
    var place = offset
    while place < unit.end {
      var more = [UInt8](repeating: 0, count: min(unit.end - place, 1 << 16))
      let (got, failure) = more.withUnsafeMutableBytes { buffer -> (Int, FITSError?) in
        do throws(FITSError) { return (try file.read(into: buffer, at: place), nil) } catch { return (0, error) }
      }
      if let failure { throw failure }
      bytes += more[..<got]
      place += got
      let whole = bytes.count / 4 * 4
      bytes.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[..<whole])) }
      bytes.removeFirst(whole)
      if got < more.count { break }
    }
    bytes.withUnsafeBytes { sum.add($0) }
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
  private func decode(
    _ bytes: UnsafeMutableRawPointer, into pixels: UnsafeMutableBufferPointer<Float>, _ sum: inout DataSum?
  ) {
    guard let out = pixels.baseAddress else { return }
    if bitsPerPixel == 16 {
      let stored = bytes.assumingMemoryBound(to: Int16.self)
      for i in 0..<pixels.count { stored[i] = Int16(bigEndian: stored[i]) }
      sum?.add(halves: bytes, pixels.count / 2)
      scaling.convert(stored, ofBytes: 2, pixels.count, into: out)
    } else {
      let stored = bytes.assumingMemoryBound(to: UInt32.self)
      for i in 0..<pixels.count { stored[i] = UInt32(bigEndian: stored[i]) }
      sum?.add(words: bytes, pixels.count)
      if scaling.isIdentity {
        for i in 0..<pixels.count { out[i] = Float(bitPattern: stored[i]) }
      } else {
        let (zero, scale) = (scaling.zero, scaling.scale)
        for i in 0..<pixels.count { out[i] = Float(Double(Float(bitPattern: stored[i])) * scale + zero) }
      }
    }
  }
}
