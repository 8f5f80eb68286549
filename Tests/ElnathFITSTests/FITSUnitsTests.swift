import Glibc
import Testing

@testable import ElnathFITS

/// Names that are not UTF-8, checksums, and the choice among several images.
@Suite struct FITSUnitsTests {
  @Test func namesThatAreNotUTF8AreOpenedByTheTextThatStandsForThem() throws {
    let folder = TemporaryFolder()
    let latin: [UInt8] = Array("ga\u{6C}e_".utf8) + [0xE9, 0x74, 0xE9, 0xFF] + Array("é[1].fits".utf8)
    let path = Array(folder.path.utf8) + [0x2F] + latin
    let file = path.map { CChar(bitPattern: $0) } + [0]
    let bytes = FITSBytes.primary(bitpix: 8, [2, 1], data: [7, 8])
    let handle = try #require(fopen(file, "wb"))
    _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, handle) }
    fclose(handle)
    defer { unlink(file) }
    let names = try #require(FileName.names(inFolder: folder.path))
    #expect(names == ["gale_\\xE9t\\xE9\\xFFé[1].fits"])
    #expect(try FITSFile.readImage(path: folder.path + "/" + names[0]).image.pixels == [7, 8])
    // A name that has these letters itself comes first.
    let literal = folder.file("a\\xE9.fits", FITSBytes.primary(bitpix: 8, [2, 1], data: [1, 2]))
    #expect(try FITSFile.readImage(path: literal).image.pixels == [1, 2])
    #expect(readingError(folder.path + "/b\\xE9.fits")?.code == .cannotOpen)
  }

  /// 5 x 3 pixels of a type and the DATASUM that astropy 8.0.2 gives them (`ImageHDU.add_datasum`):
  ///     d = (numpy.arange(15) * 2741 % 251).reshape(3, 5).astype(type); u = fits.PrimaryHDU(d); u.add_datasum()
  static let sums: [(Int, [String], [UInt8], String)] = {
    let values = (0..<15).map { $0 * 2741 % 251 }
    let unsigned = values.map { Int16(truncatingIfNeeded: $0 - 32768) }
    return [
      (8, [], values.map(UInt8.init), "330917966"),
      (16, [], FITSBytes.bigEndian(values.map(Int16.init)), "58196996"),
      (16, ["BZERO   = 32768"], FITSBytes.bigEndian(unsigned), "58426376"),
      (32, [], FITSBytes.bigEndian(values.map(Int32.init)), "1916"),
      (64, [], FITSBytes.bigEndian(values.map(Int64.init)), "1916"),
      (-32, [], FITSBytes.bigEndian(values.map { Float($0).bitPattern }), "2812542979"),
      (-64, [], FITSBytes.bigEndian(values.map { Double($0).bitPattern }), "2230616067"),
    ]
  }()

  @Test(arguments: sums)
  func dataThatDoNotAgreeWithTheirSumAreRefused(
    _ bitpix: Int, _ cards: [String], _ data: [UInt8], _ sum: String
  ) throws {
    let folder = TemporaryFolder()
    let sound = FITSBytes.primary(bitpix: bitpix, [5, 3], cards + ["DATASUM = '\(sum)'"], data: data)
    #expect(readingError(folder.file("sound.fits", sound)) == nil)
    #expect(readingError(folder.file("sound.fits.gz", FITSBytes.gzip(sound))) == nil)
    // Without the padding, which is zeros.
    #expect(readingError(folder.file("short.fits", Array(sound[..<(2880 + data.count)]))) == nil)
    for place in [2880, 2880 + data.count - 1] {
      var bytes = sound
      bytes[place] ^= 4
      let error = readingError(folder.file("bad.fits", bytes))
      #expect(error?.code == .damaged && error?.message.contains("DATASUM = \(sum)") == true)
    }
  }

  @Test func aLargeImageIsSummedInPieces() throws {
    let folder = TemporaryFolder()
    let (width, height) = (701, 333)
    let stored = (0..<(width * height)).map { Int16(truncatingIfNeeded: $0 &* 7919) }
    let data = FITSBytes.bigEndian(stored)
    var sum = DataSum()
    data.withUnsafeBytes { sum.add($0) }
    let bytes = FITSBytes.primary(bitpix: 16, [width, height], ["DATASUM = '\(sum.value)'"], data: data)
    #expect(try FITSFile.readImage(path: folder.file("a.fits", bytes)).image.pixels == stored.map { Float($0) })
  }

  @Test func aChangedHeaderIsSeenByItsChecksum() throws {
    let folder = TemporaryFolder()
    // astropy 8.0.2: PrimaryHDU(numpy.arange(6, dtype='i2').reshape(2, 3)), OBJECT, add_checksum().
    let cards = [
      "SIMPLE  =                    T / conforms to FITS standard",
      "BITPIX  =                   16 / array data type",
      "NAXIS   =                    2 / number of array dimensions",
      "NAXIS1  =                    3",
      "NAXIS2  =                    2",
      "EXTEND  =                    T",
      "OBJECT  = 'HH 30   '",
      "CHECKSUM= 'NBdONAaONAaONAaO'   / HDU checksum updated 2026-11-22T15:33:10",
      "DATASUM = '393225  '           / data unit checksum updated 2026-11-22T15:33:10",
    ]
    func isUnchanged(_ object: String) throws -> Bool? {
      let bytes =
        FITSBytes.header(cards.map { $0.replacing("HH 30", with: object) })
        + FITSBytes.padded(FITSBytes.bigEndian([0, 1, 2, 3, 4, 5] as [Int16]))
      return try FITSFile.readImageHeaders(path: folder.file("a.fits", bytes)).first?.isUnchanged
    }
    #expect(try isUnchanged("HH 30") == true)
    #expect(try isUnchanged("HH 31") == false)
  }

  @Test func imagesAreReadByTheirUnit() throws {
    let folder = TemporaryFolder()
    let bytes =
      FITSBytes.emptyPrimary + FITSBytes.imageExtension(1, name: "IM1", ["GAIN    = 2"])
      + FITSBytes.imageExtension(5, name: "IM2") + FITSBytes.imageExtension(9, name: "MASK")
    for path in [folder.file("a.fits", bytes), folder.file("a.fits.gz", FITSBytes.gzip(bytes))] {
      let headers = try FITSFile.readImageHeaders(path: path)
      #expect(headers.map(\.unit) == [1, 2] && headers.map(\.name) == ["IM1", "IM2"])
      #expect(headers.map { $0.header.integer("GAIN") } == [2, 9])
      #expect(try FITSFile.readAllImageHeaders(path: path).map(\.name) == ["IM1", "IM2", "MASK"])
      let images = try FITSFile.readImages(path: path, units: [3, 1])
      #expect(images.map(\.pixels) == [[9, 10, 11, 12], [1, 2, 3, 4]])
      #expect(throws: FITSError.self) { try FITSFile.readImages(path: path, units: [0]) }
    }
  }
}
