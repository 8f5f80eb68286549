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
        decode(stored.baseAddress! + row * width * bytesPerPixel, into: values.baseAddress!)
        body(first + row, UnsafeBufferPointer(values))
      }
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

  /// Leaves the stored numbers in the machine's byte order.
  private func decode(_ bytes: UnsafeMutableRawPointer, into values: UnsafeMutablePointer<Float>) {
    if bytesPerPixel == 2 {
      let integers = bytes.assumingMemoryBound(to: Int16.self)
      for x in 0..<width { integers[x] = Int16(bigEndian: integers[x]) }
      scaling.convert(integers, ofBytes: 2, width, into: values)
    } else {
      let reals = bytes.assumingMemoryBound(to: UInt32.self)
      for x in 0..<width { values[x] = Float(bitPattern: UInt32(bigEndian: reals[x])) }
      guard !scaling.isIdentity else { return }
      for x in 0..<width { values[x] = Float(Double(values[x]) * scaling.scale + scaling.zero) }
    }
  }
}
