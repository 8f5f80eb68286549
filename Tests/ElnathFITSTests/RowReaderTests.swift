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
