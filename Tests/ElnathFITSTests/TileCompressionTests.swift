import Testing

@testable import ElnathFITS

/// The compressed image is one that astropy 8.0.2 made:
///     y, x = np.mgrid[0:6, 0:20]; d = (1000 + 7*x - 13*y + ((x*y) % 5) * 11).astype(np.int16)
///     fits.CompImageHDU(d, compression_type='RICE_1')
/// of which the table is given here byte by byte.
@Suite struct TileCompressionTests {
  static let cards = [
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 6", "PCOUNT  = 109", "GCOUNT  = 1",
    "TFIELDS = 1", "TTYPE1  = 'COMPRESSED_DATA'", "TFORM1  = '1PB(21)'", "ZIMAGE  = T", "ZTENSION= 'IMAGE   '",
    "ZBITPIX = 16", "ZNAXIS  = 2", "ZNAXIS1 = 20", "ZNAXIS2 = 6", "ZTILE1  = 20", "ZTILE2  = 1", "ZCMPTYPE= 'RICE_1  '",
    "ZNAME1  = 'BLOCKSIZE'", "ZVAL1   = 32", "ZNAME2  = 'BYTEPIX '", "ZVAL2   = 2", "EXTNAME = 'COMPRESSED_IMAGE'",
    "OBJECT  = 'HH 30   '", "EXPTIME = 60.5",
  ]
  static let table: [UInt8] = bytes(
    "0000000f00000000000000150000000f00000014000000240000001400000038000000120000004c0000000f0000005e"
      + "03e848739ce739ce739ce739ce739c03db6812244890a52244890a52244890a52244890003ce681d3a66e99ba74cdd3374e99ba66e9d33"
      + "7403c1680c3d30f7d30f4c3df4c3d30f7d30f4c3d003b458016bdef702d7bdee05af7bdc0b5ef703a748739ce739ce739ce739ce739c")
  static let expected: [Float] = (0..<120).map { (index: Int) -> Float in
    let (x, y) = (index % 20, index / 20)
    return Float(1000 + 7 * x - 13 * y + x * y % 5 * 11)
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(16 * digits[$0] + digits[$0 + 1]) }
  }

  private static func file(replacing old: String = "", by new: String = "", table: [UInt8] = table) -> [UInt8] {
    let cards = cards.map { old.isEmpty || !$0.hasPrefix(old) ? $0 : new }
    return FITSBytes.emptyPrimary + FITSBytes.header(cards) + FITSBytes.padded(table)
  }

  @Test func readsAnotherProgramsTiles() throws {
    let folder = TemporaryFolder()
    let (header, image) = try FITSFile.readImage(path: folder.file("a.fits.fz", Self.file()))
    #expect(image.width == 20 && image.height == 6)
    #expect(image.pixels == Self.expected)
    #expect(header.integer("BITPIX") == 16 && header.integer("NAXIS1") == 20 && header.integer("NAXIS2") == 6)
    #expect(header.text("OBJECT") == "HH 30" && header.text("ORIGIN") == "primary")
    #expect(!header.contains("ZBITPIX") && !header.contains("TFORM1") && !header.contains("EXTNAME"))
    let size = try FITSFile.readHeader(path: folder.path + "/a.fits.fz")
    #expect(size.width == 20 && size.height == 6 && size.header == header)
    #expect(try FITSFile.readImage(path: folder.file("a.gz", FITSBytes.gzip(Self.file()))).image == image)
  }

  @Test func scalesAndBlanksTiles() throws {
    let folder = TemporaryFolder()
    let bytes = Self.file(replacing: "EXPTIME", by: "BZERO   = 32768")
    #expect(try FITSFile.readImage(path: folder.file("a", bytes)).image.pixels == Self.expected.map { $0 + 32768 })
    let blank = Self.file(replacing: "EXPTIME", by: "ZBLANK  = 1000")
    let pixels = try FITSFile.readImage(path: folder.file("b", blank)).image.pixels
    #expect(pixels[0].isNaN && pixels.filter(\.isNaN).count == Self.expected.filter { $0 == 1000 }.count)
  }

  @Test(arguments: [
    ("ZCMPTYPE", "ZCMPTYPE= 'HCOMPRESS_1'", FITSError.Code.unsupported, "HCOMPRESS_1"),
    ("ZCMPTYPE", "ZCMPTYPE= 'PLIO_1'", .unsupported, "PLIO_1"),
    ("ZTILE1", "ZTILE1  = 'twenty'", .damaged, "ZTILE1 is not usable (twenty)"),
    ("ZTILE1", "ZTILE1  = 0", .damaged, "ZTILE1"),
    ("ZTILE1", "ZTILE1  = 7", .damaged, "6 rows for 18 tiles"),
    ("ZNAXIS2", "ZNAXIS2 = 2000000000", .damaged, "tiles"),
    ("ZBITPIX", "ZBITPIX = 'long text of a number of bits, longer than any buffer'", .damaged, "ZBITPIX"),
    ("ZVAL1", "ZVAL1   = 0", .damaged, "Rice"),
    ("ZVAL2", "ZVAL2   = 1", .damaged, "Rice"),
    ("TFORM1", "TFORM1  = '1PZ(21)'", .damaged, "TFORM1"),
    ("TFORM1", "TFORM1  = '1QB(21)'", .damaged, "columns fill 16 of the 8 bytes"),
    ("PCOUNT", "PCOUNT  = 100", .damaged, "tile 6 of 6"),
    ("PCOUNT", "PCOUNT  = 9000000000", .truncated, "promises"),
    ("NAXIS2", "NAXIS2  = 5", .damaged, "table of 5 rows for 6 tiles"),
    ("EXPTIME", "BSCALE  = 0", .damaged, "BSCALE"),
    ("EXPTIME", "DATASUM = '12345'", .damaged, "checksum"),
  ])
  func whatTheDecoderWouldBelieveIsCheckedFirst(
    _ card: String, _ replacement: String, _ code: FITSError.Code, _ words: String
  ) {
    let folder = TemporaryFolder()
    let error = readingError(folder.file("bad.fz", Self.file(replacing: card, by: replacement)))
    #expect(error?.code == code)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "was read")")
  }

  /// A stream that is damaged is seldom noticed at its first wrong pixel, but mostly by its end, and never leads astray.
  @Test func damagedStreamsAreSurvived() {
    let folder = TemporaryFolder()
    var refused = 0
    for place in Self.table.indices {
      for byte: UInt8 in [0, 0xFF] {
        var table = Self.table
        table[place] = byte
        if readingError(folder.file("bad.fz", Self.file(table: table))) != nil { refused += 1 }
      }
    }
    #expect(refused > 30)
  }

  @Test func aStreamThatIsTooShortIsRefused() {
    let folder = TemporaryFolder()
    // The first stream, of 15 bytes, whose count is the first number of the table. Its last byte may be padding.
    for length: UInt8 in 0..<14 {
      var table = Self.table
      table[3] = length
      #expect(readingError(folder.file("short.fz", Self.file(table: table)))?.message.contains("tile 1 of 6") == true)
    }
  }

  /// Zeros, as a hole in a file has them, are an unfinished number in a Rice stream, for which the decoder runs on to the
  /// first other byte, here behind the data; or they are blocks of equal pixels, which leave most of a stream over.
  @Test func aHoleToTheEndOfTheDataIsRefused() {
    let folder = TemporaryFolder()
    // Up to the third stream, so that at least three are all zeros.
    for start in 48..<84 {
      var table = Self.table
      for place in start..<table.count { table[place] = 0 }
      let error = readingError(folder.file("hole.fz", Self.file(table: table)))
      #expect(error?.code == .damaged && error?.message.contains("tile") == true)
    }
  }

  @Test func equalPixelsAreNoHole() throws {
    // 600 pixels of zero in 19 blocks of code 0: 2 bytes and 19 x 4 bits, all zero.
    let streams = try #require(RiceStreams(blockSize: 32, bytesPerPixel: 2))
    var pixels = [UInt16](repeating: 1, count: 600)
    func isSound(_ length: Int) -> Bool {
      // The fence behind it that every stream has.
      let bytes = [UInt8](repeating: 0, count: length) + [UInt8](repeating: 0xFF, count: 512)
      return bytes.withUnsafeBytes { bytes in
        pixels.withUnsafeMutableBytes {
          streams.decode(UnsafeRawBufferPointer(rebasing: bytes[..<length]), 600, into: $0.baseAddress!)
        }
      }
    }
    #expect(isSound(12))
    #expect(pixels.allSatisfy { $0 == 0 })
    #expect(!isSound(11) && !isSound(40))
  }

  @Test func constantBlocksAndPlainBlocksAreRead() throws {
    let streams = try #require(RiceStreams(blockSize: 16, bytesPerPixel: 1))
    var pixels = [UInt8](repeating: 0, count: 18)
    // First pixel 200; code 0 (3 bits): 16 pixels like it; code 7: two differences of 8 bits as they are, +30 (60) and
    // -1 (1); the sum wraps at 256.
    let bits = "11001000" + "000" + "111" + "01111000" + "00000001"
    let bytes = stride(from: 0, to: 32, by: 8).map { start in
      UInt8(Array(bits + "00")[start..<min(start + 8, 32)].reduce(0) { 2 * $0 + ($1 == "1" ? 1 : 0) })
    }
    let isSound = bytes.withUnsafeBytes { bytes in
      pixels.withUnsafeMutableBytes { streams.decode(bytes, 18, into: $0.baseAddress!) }
    }
    #expect(isSound)
    #expect(pixels == [UInt8](repeating: 200, count: 16) + [4, 3])
  }
}
