import Testing

@testable import ElnathFITS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct RowReaderTests {
  private let width = 37
  private let height = 23

  private func rows(_ reader: RowReader, _ rows: Range<Int>) throws -> [Float] {
    var read: [Float] = []
    try reader.read(rows: rows) { row, values in
      #expect(row == rows.lowerBound + read.count / width)
      read += values
    }
    return read
  }

  @Test func rowsAreThoseOfTheImage() throws {
    let folder = TemporaryFolder()
    let numbers = (0..<(width * height)).map { UInt16(truncatingIfNeeded: $0 &* 40_503) }
    let kinds: [FITSPixels] = [
      .uint16(numbers), .int16(numbers.map { Int16(bitPattern: $0) }), .float(numbers.map { Float($0) / 7 }),
    ]
    for (k, pixels) in kinds.enumerated() {
      let path = folder.file("\(k).fits", [])
      try FITSWriter.write([FITSHDU(width: width, height: height, pixels: pixels)], to: path)
      let reader = try #require(try RowReader(path: path))
      let whole = try FITSFile.readImage(path: path).image.pixels
      #expect(reader.width == width && reader.height == height)
      #expect(try rows(reader, 0..<height) == whole)
      #expect(try rows(reader, 5..<6) == Array(whole[(5 * width)..<(6 * width)]))
      #expect(try rows(reader, 20..<20) == [])
    }
  }

  @Test func anyRowsAndAnyRectangleAreThoseOfTheImage() throws {
    let folder = TemporaryFolder()
    let path = folder.file("parts.fits", [])
    let numbers = (0..<(width * height)).map { UInt16(truncatingIfNeeded: $0 &* 40_503) }
    try FITSWriter.write([FITSHDU(width: width, height: height, pixels: .uint16(numbers))], to: path)
    let reader = try #require(try RowReader(path: path))
    let whole = try FITSFile.readImage(path: path).image.pixels
    for wanted in [[], [3], [0, 1, 2, 7, 9, 11, 12, 22], [4, 6, 8], Array(0..<height)] {
      var seen: [Int] = []
      try reader.read(rows: wanted) { row, values in
        seen.append(row)
        #expect(Array(values) == Array(whole[(row * width)..<((row + 1) * width)]))
      }
      #expect(seen == wanted)
    }
    let expected = (4..<9).flatMap { y in (30..<37).map { x in whole[y * width + x] } }
    #expect(try reader.pixels(columns: 30..<37, rows: 4..<9) == expected)
  }

  @Test func checksumsAreComparedAndAllBytesSeen() throws {
    let folder = TemporaryFolder()
    // More than the reals that are written at a time, and no whole number of blocks.
    let (width, height) = (601, 447)
    let numbers = (0..<(width * height)).map { UInt16(truncatingIfNeeded: $0 &* 40_503) }
    for pixels in [FITSPixels.uint16(numbers), .float(numbers.map { $0 == 77 ? .nan : Float($0) / 7 })] {
      let path = folder.file("sum.fits", [])
      try FITSWriter.write([FITSHDU(width: width, height: height, pixels: pixels)], to: path)
      var seen: [UInt8] = []
      #expect(try RowReader(path: path)?.verify { seen += $0 } == true)
      let file = try FileBytes(path: path)
      var bytes = [UInt8](repeating: 0, count: file.storedSize)
      _ = try bytes.withUnsafeMutableBytes { buffer throws(FITSError) in try file.read(into: buffer, at: 0) }
      #expect(seen == bytes)
      let read = try FITSFile.readImage(path: path).image.pixels
      if case .float(let reals) = pixels {
        #expect(zip(read, reals).allSatisfy { $0.bitPattern == $1.bitPattern })
      }
      bytes[2880 * 3] ^= 4
      let changed = folder.file("changed.fits", bytes)
      #expect(throws: FITSError.self) { try RowReader(path: changed)?.verify() }
    }
  }

  @Test func whatHasNoRowsOfItsOwnHasNoReader() throws {
    let folder = TemporaryFolder()
    let path = folder.file("bytes.fits", [])
    let bytes = FITSPixels.uint8(Array(repeating: 1, count: width * height))
    try FITSWriter.write([FITSHDU(width: width, height: height, pixels: bytes)], to: path)
    #expect(try RowReader(path: path) == nil)
    let image = FITSHDU(name: "SCI", width: width, height: height, pixels: bytes)
    try FITSWriter.write([FITSHDU(width: 0, height: 0, pixels: .uint8([])), image], to: path)
    #expect(try RowReader(path: path) == nil)
  }

  @Test func aTruncatedFileIsRefused() throws {
    let folder = TemporaryFolder()
    let path = folder.file("short.fits", [])
    let pixels = FITSPixels.uint16(Array(repeating: 7, count: width * height))
    try FITSWriter.write([FITSHDU(width: width, height: height, pixels: pixels)], to: path)
    let reader = try #require(try RowReader(path: path))
    // Header and half of the data.
    #expect(truncate(path, 2880 + width * height) == 0)
    #expect(throws: FITSError.self) { try RowReader(path: path) }
    #expect(throws: FITSError.self) { try rows(reader, 0..<height) }
  }
}
