/// Reads rows of an image again and again without the rest of it: of an uncompressed primary of 16-bit integers or
/// single-precision reals, as cameras write them.
///
/// Checksums are not looked at; who needs them reads the image as a whole first. The file is opened for every call, so
/// that any number of readers may be kept and used at the same time.
public struct RowReader: Sendable {
  public let path: String
  public let width: Int
  public let height: Int
  private let dataOffset: Int
  private let bytesPerPixel: Int
  private let scaling: PixelScaling
  private let decoding: PixelDecoding

  /// Nil for any other kind of image or of file: compressed, of another type, in an extension.
  public init?(path: String) throws(FITSError) {
    let file = try FileBytes(path: path)
    guard !file.isGzipped, let unit = try HeaderUnit(at: 0, in: file), unit.holdsImage, !unit.isCompressedImage,
      unit.axes.dropFirst(2).allSatisfy({ $0 == 1 }), [16, -32].contains(unit.bitsPerPixel)
    else { return nil }
    self.path = path
    width = unit.axes[0]
    height = unit.axes[1]
    dataOffset = unit.dataOffset
    bytesPerPixel = abs(unit.bitsPerPixel) / 8
    scaling = try PixelScaling(unit, bitsPerPixel: unit.bitsPerPixel)
    decoding = try PixelDecoding(unit)
    try file.requireData(width * height * bytesPerPixel, at: dataOffset)
  }

  /// Hands out the rows one after another, from 0 as they lie in the file, in physical values, NaN where there is none.
  public func read(
    rows: Range<Int>, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(FITSError) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= height, "rows of the image")
    let file = try FileBytes(path: path)
    // What stays in the processor's cache.
    let piece = max(1, min(rows.count, (1 << 17) / (width * bytesPerPixel)))
    let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * width * bytesPerPixel, alignment: 16)
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
    defer {
      stored.deallocate()
      values.deallocate()
    }
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: piece) {
      let count = min(piece, rows.upperBound - first)
      let length = count * width * bytesPerPixel
      let place = dataOffset + first * width * bytesPerPixel
      let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: stored[..<length]), at: place)
      guard got == length else {
        throw .truncatedData(path, promised: width * height * bytesPerPixel, found: place - dataOffset + got)
      }
      for row in 0..<count {
        decode(stored.baseAddress! + row * width * bytesPerPixel, width, into: values.baseAddress!)
        body(first + row, UnsafeBufferPointer(values))
      }
    }
  }

  /// Compares the sum of the data with DATASUM, where it is there.
  ///
  /// - Parameter body: gets the bytes of the file, one piece after the other.
  /// - Returns: true where there is a sum, and so all bytes of the file were handed out.
  public func verify(_ body: (UnsafeRawBufferPointer) -> Void = { _ in }) throws(FITSError) -> Bool {
    guard decoding.hasChecksum else { return false }
    let file = try FileBytes(path: path)
    try hand(out: 0..<dataOffset, of: file, to: body)
    let length = width * height * bytesPerPixel
    try decoding.verify(width * height, at: dataOffset, in: file, body)
    try hand(out: (dataOffset + length)..<max(dataOffset + length, file.storedSize), of: file, to: body)
    return true
  }

  private func hand(
    out bytes: Range<Int>, of file: FileBytes, to body: (UnsafeRawBufferPointer) -> Void
  ) throws(FITSError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(bytes.count, 1 << 16), alignment: 16)
    defer { piece.deallocate() }
    for start in stride(from: bytes.lowerBound, to: bytes.upperBound, by: 1 << 16) {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(1 << 16, bytes.upperBound - start)])
      let got = try file.read(into: part, at: start)
      body(UnsafeRawBufferPointer(rebasing: part[..<got]))
    }
  }

  /// Hands out these rows, in rising order.
  public func read(
    rows: [Int], _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(FITSError) {
    var next = 0
    while next < rows.count {
      let first = next
      while next < rows.count, rows[next] == rows[first] + next - first { next += 1 }
      if next - first > 1 {
        try read(rows: rows[first]..<(rows[next - 1] + 1), body)
      } else {
        // Rows apart from each other: the file is opened once for all that follow.
        var last = next
        while last < rows.count, last + 1 == rows.count || rows[last + 1] != rows[last] + 1 { last += 1 }
        try read(lone: rows[first..<last], body)
        next = last
      }
    }
  }

  private func read(
    lone rows: ArraySlice<Int>, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
  ) throws(FITSError) {
    let file = try FileBytes(path: path)
    let pieces = RowPieces(columns: 0..<width, bytesPerPixel: bytesPerPixel)
    for row in rows {
      try read(pieces, row: row, from: file)
      body(row, UnsafeBufferPointer(pieces.values))
    }
  }

  /// The pixels of some columns of some rows, row after row.
  public func pixels(columns: Range<Int>, rows: Range<Int>) throws(FITSError) -> [Float] {
    precondition(columns.lowerBound >= 0 && columns.upperBound <= width, "columns of the image")
    let file = try FileBytes(path: path)
    let pieces = RowPieces(columns: columns, bytesPerPixel: bytesPerPixel)
    var pixels: [Float] = []
    pixels.reserveCapacity(columns.count * rows.count)
    for row in rows {
      try read(pieces, row: row, from: file)
      pixels.append(contentsOf: pieces.values)
    }
    return pixels
  }

  private func read(_ pieces: RowPieces, row: Int, from file: FileBytes) throws(FITSError) {
    precondition(row >= 0 && row < height, "a row of the image")
    let place = dataOffset + (row * width + pieces.columns.lowerBound) * bytesPerPixel
    let got = try file.read(into: pieces.stored, at: place)
    guard got == pieces.stored.count else {
      throw .truncatedData(path, promised: width * height * bytesPerPixel, found: place - dataOffset + got)
    }
    if let stored = pieces.stored.baseAddress, let values = pieces.values.baseAddress {
      decode(stored, pieces.columns.count, into: values)
    }
  }

  /// Memory for a part of one row.
  private final class RowPieces {
    let columns: Range<Int>
    let stored: UnsafeMutableRawBufferPointer
    let values: UnsafeMutableBufferPointer<Float>

    init(columns: Range<Int>, bytesPerPixel: Int) {
      self.columns = columns
      stored = .allocate(byteCount: columns.count * bytesPerPixel, alignment: 16)
      values = .allocate(capacity: columns.count)
    }

    deinit {
      stored.deallocate()
      values.deallocate()
    }
  }

  /// What is added to the stored 16-bit integers; nil where the image holds others, or they need more than that.
  public var integerZero: Double? {
    bytesPerPixel == 2 && scaling.scale == 1 && scaling.blank == nil ? scaling.zero : nil
  }

  /// Hands out runs of whole rows one after another as they are stored: 16-bit integers, big-endian.
  ///
  /// - Precondition: `integerZero` is not nil.
  public func readIntegers(
    rows: Range<Int>, _ body: (_ row: Int, _ stored: UnsafeBufferPointer<Int16>) -> Void
  ) throws(FITSError) {
    precondition(integerZero != nil, "an image of plain integers")
    precondition(rows.lowerBound >= 0 && rows.upperBound <= height, "rows of the image")
    let file = try FileBytes(path: path)
    let piece = max(1, min(rows.count, (1 << 18) / (2 * width)))
    let stored = UnsafeMutableBufferPointer<Int16>.allocate(capacity: piece * width)
    defer { stored.deallocate() }
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: piece) {
      let run = UnsafeMutableBufferPointer(rebasing: stored[..<(min(piece, rows.upperBound - first) * width)])
      let place = dataOffset + first * width * 2
      let got = try file.read(into: UnsafeMutableRawBufferPointer(run), at: place)
      guard got == 2 * run.count else {
        throw .truncatedData(path, promised: width * height * 2, found: place - dataOffset + got)
      }
      body(first, UnsafeBufferPointer(run))
    }
  }

  /// The whole image as it is stored: 16-bit integers, big-endian.
  ///
  /// - Precondition: `integerZero` is not nil.
  public func integers() throws(FITSError) -> [Int16] {
    precondition(integerZero != nil, "an image of plain integers")
    let file = try FileBytes(path: path)
    var failure: FITSError?
    let stored = [Int16](unsafeUninitializedCapacity: width * height) { stored, count in
      do throws(FITSError) {
        let got = try file.read(into: UnsafeMutableRawBufferPointer(stored), at: dataOffset)
        if got < 2 * width * height { throw .truncatedData(path, promised: 2 * width * height, found: got) }
        count = width * height
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return stored
  }

  /// The same, compared with DATASUM where that is there, with the highest value of each run of `FITSImage.run` pixels.
  ///
  /// - Parameter body: gets all bytes of the file, one piece after the other.
  /// - Precondition: `integerZero` is not nil.
  public func checkedIntegers(
    _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(FITSError) -> (stored: [Int16], highest: [Float]) {
    guard let zero = integerZero else { preconditionFailure("an image of plain integers") }
    let file = try FileBytes(path: path)
    try hand(out: 0..<dataOffset, of: file, to: body)
    var highest: [Float] = []
    var failure: FITSError?
    let stored = [Int16](unsafeUninitializedCapacity: width * height) { stored, count in
      let memory = UnsafeMutableRawBufferPointer(stored)
      var done = 0
      do throws(FITSError) {
        try decoding.verify(width * height, at: dataOffset, in: file) { bytes in
          body(bytes)
          UnsafeMutableRawBufferPointer(rebasing: memory[done..<(done + bytes.count)]).copyMemory(from: bytes)
          done += bytes.count
          highest.append(Float(Self.highest(bytes.bindMemory(to: Int16.self))) + Float(zero))
        }
        count = width * height
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let end = dataOffset + 2 * width * height
    try hand(out: end..<max(end, file.storedSize), of: file, to: body)
    return (stored, highest)
  }

  private static func highest(_ stored: UnsafeBufferPointer<Int16>) -> Int16 {
    var highest = Int16.min
    for i in 0..<stored.count { highest = max(highest, Int16(bigEndian: stored[i])) }
    return highest
  }

  /// Leaves the stored numbers in the machine's byte order.
  private func decode(_ bytes: UnsafeMutableRawPointer, _ count: Int, into values: UnsafeMutablePointer<Float>) {
    if bytesPerPixel == 2 {
      let integers = bytes.assumingMemoryBound(to: Int16.self)
      for x in 0..<count { integers[x] = Int16(bigEndian: integers[x]) }
      scaling.convert(integers, ofBytes: 2, count, into: values)
    } else {
      let reals = bytes.assumingMemoryBound(to: UInt32.self)
      for x in 0..<count { values[x] = Float(bitPattern: UInt32(bigEndian: reals[x])) }
      guard !scaling.isIdentity else { return }
      for x in 0..<count { values[x] = Float(Double(values[x]) * scaling.scale + scaling.zero) }
    }
  }
}
