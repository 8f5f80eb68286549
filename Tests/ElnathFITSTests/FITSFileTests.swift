import Testing

@testable import ElnathFITS

@Suite struct FITSFileTests {
  private func image(_ bytes: [UInt8], name: String = "a.fits") throws -> (header: FITSHeader, image: FITSImage) {
    let folder = TemporaryFolder()
    return try FITSFile.readImage(path: folder.file(name, bytes))
  }

  private static let floats: [Float] = [1.5, -2.25, 1e30, 0, -0.1, 3]

  /// The same six numbers in every type that FITS has.
  static let types: [(Int, [String], [UInt8], [Float])] = [
    (8, [], [0, 1, 2, 127, 128, 255], [0, 1, 2, 127, 128, 255]),
    (8, ["BZERO   = -128"], [0, 1, 2, 127, 128, 255], [-128, -127, -126, -1, 0, 127]),
    (16, [], FITSBytes.bigEndian([0, 1, -1, 4095, -32768, 32767] as [Int16]), [0, 1, -1, 4095, -32768, 32767]),
    (
      16, ["BZERO   = 32768", "BSCALE  = 1"], FITSBytes.bigEndian([0, 1, -1, 4095, -32768, 32767] as [Int16]),
      [32768, 32769, 32767, 36863, 0, 65535]
    ),
    (
      16, ["BZERO   = 32768.0", "BLANK   = -32768"], FITSBytes.bigEndian([0, 1, -1, 4095, -32768, 32767] as [Int16]),
      [32768, 32769, 32767, 36863, .nan, 65535]
    ),
    (
      16, ["BSCALE  = 0.5", "BZERO   = 10.25", "BLANK   = 1"], FITSBytes.bigEndian([0, 1, -1, 8, -8, 2] as [Int16]),
      [10.25, .nan, 9.75, 14.25, 6.25, 11.25]
    ),
    (
      32, ["BLANK   = -2147483648"], FITSBytes.bigEndian([0, 1, -1, 16_777_217, .min, .max] as [Int32]),
      [0, 1, -1, 16_777_216, .nan, 2_147_483_648]
    ),
    (
      32, ["BZERO   = 2147483648"], FITSBytes.bigEndian([0, 1, -1, -2_147_483_648, -2_147_483_647, 5] as [Int32]),
      [0x1p31, 0x1p31, 0x1p31, 0, 1, 0x1p31]
    ),
    (64, [], FITSBytes.bigEndian([0, 1, -1, 1 << 40, .min, 5] as [Int64]), [0, 1, -1, 0x1p40, -0x1p63, 5]),
    (-32, [], FITSBytes.bigEndian(floats.map(\.bitPattern)), floats),
    (
      -32, ["BSCALE  = 2", "BZERO   = 1", "BLANK   = 3"], FITSBytes.bigEndian(floats.map(\.bitPattern)),
      floats.map { Float(Double($0) * 2 + 1) }
    ),
    (-64, [], FITSBytes.bigEndian(floats.map { Double($0).bitPattern }), floats),
  ]

  @Test(arguments: types)
  func readsEveryType(_ bitpix: Int, _ cards: [String], _ data: [UInt8], _ expected: [Float]) throws {
    let (_, image) = try image(FITSBytes.primary(bitpix: bitpix, [3, 2], cards, data: data))
    #expect(image.width == 3 && image.height == 2)
    // Bits, so that NaN equals NaN; each value is exact or rounded once.
    #expect(image.pixels.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } == expected.map(\.bitPattern))
  }

  @Test func valuesAreTheSameWhereThePiecesOfALargeImageMeet() throws {
    let (width, height) = (511, 300)
    let stored = (0..<(width * height)).map { Int16(truncatingIfNeeded: $0 &* 7919) }
    let bytes = FITSBytes.primary(
      bitpix: 16, [width, height], ["BZERO   = 32768"], data: FITSBytes.bigEndian(stored))
    let plain = try image(bytes).image
    #expect(plain.pixels == stored.map { Float($0) + 32768 })
    #expect(try image(FITSBytes.gzip(bytes), name: "a.fits.gz").image == plain)
  }

  @Test func aPlaneOfOneIsAnImage() throws {
    let bytes = FITSBytes.primary(bitpix: 8, [2, 2, 1, 1], data: [1, 2, 3, 4])
    #expect(try image(bytes).image.pixels == [1, 2, 3, 4])
  }

  @Test(arguments: [
    "a[1].fits", "a b+2.fits", "mem:x.fits", "!a.fits", "a(copy).fits", "é.fits", "-", "x.fits[compress R]", "a.fit.gz",
  ])
  func namesAreNamesAndNothingElse(_ name: String) throws {
    let folder = TemporaryFolder()
    let path = folder.file(name, FITSBytes.primary(bitpix: 8, [2, 1], data: [7, 8]))
    #expect(try FITSFile.readImage(path: path).image.pixels == [7, 8])
    #expect(folder.names == [name])
  }

  @Test func anExtensionHoldsTheImageAndInheritsThePrimarysCards() throws {
    let bytes = FITSBytes.emptyPrimary + FITSBytes.imageExtension(5, name: "SCI", ["GAIN    = 2"])
    let (header, image) = try image(bytes)
    #expect(image.pixels == [5, 6, 7, 8])
    #expect(header.integer("GAIN") == 2)
    #expect(header.text("ORIGIN") == "primary")
    #expect(header.integer("NAXIS") == 2)
    #expect(header.cards.filter { $0.key == "GAIN" }.count == 1)
    #expect(!header.contains("SIMPLE"))
  }

  @Test func planesThatAccompanyAnImageArePassedOver() throws {
    let bytes =
      FITSBytes.emptyPrimary + FITSBytes.imageExtension(1, name: "BPM") + FITSBytes.imageExtension(5)
      + FITSBytes.imageExtension(9, name: "VARIANCE")
    #expect(try image(bytes).image.pixels == [5, 6, 7, 8])
    // An image in the primary is it, whatever follows.
    let primary = FITSBytes.primary(bitpix: 8, [2, 1], data: [7, 8]) + FITSBytes.imageExtension(5, name: "IM2")
    #expect(try image(primary).image.pixels == [7, 8])
  }

  @Test func severalImagesSideBySideAreRefused() {
    let folder = TemporaryFolder()
    let bytes =
      FITSBytes.emptyPrimary + FITSBytes.imageExtension(1, name: "IM1") + FITSBytes.imageExtension(5, name: "IM2")
    let error = readingError(folder.file("mosaic.fits", bytes))
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("'IM1' 2 x 2, IMAGE 'IM2' 2 x 2") == true)
  }

  @Test func aHeaderIsReadWithoutItsData() throws {
    let folder = TemporaryFolder()
    let bytes = FITSBytes.primary(bitpix: 16, [4000, 3000], ["OBJECT  = 'HH 30'"], data: [])
    let path = folder.file("a.fits", bytes)
    let (header, width, height) = try FITSFile.readHeader(path: path)
    #expect(header.text("OBJECT") == "HH 30" && width == 4000 && height == 3000)
    #expect(readingError(path)?.code == .truncated)
  }

  @Test func onlyThePaddingMayBeLost() throws {
    let whole = FITSBytes.primary(bitpix: 8, [30, 20], data: [UInt8](repeating: 9, count: 600))
    #expect(try image(Array(whole[..<(2880 + 600)])).image.pixels.count == 600)
    let folder = TemporaryFolder()
    let error = readingError(folder.file("short.fits", Array(whole[..<(2880 + 599)])))
    #expect(error?.code == .truncated)
    #expect(error?.message == "truncated: header promises 600 bytes of data, file has 599")
    #expect(try image(whole + Array("trailing bytes".utf8)).image.pixels.count == 600)
  }

  @Test func gzipMembersBehindEachOtherAreOneFile() throws {
    let bytes = FITSBytes.primary(bitpix: 8, [2, 2], data: [1, 2, 3, 4])
    let split = FITSBytes.gzip(Array(bytes[..<2000])) + FITSBytes.gzip(Array(bytes[2000...])) + [0, 0, 0]
    #expect(try image(split).image.pixels == [1, 2, 3, 4])
    let extended = FITSBytes.emptyPrimary + FITSBytes.imageExtension(5)
    #expect(try image(FITSBytes.gzip(extended)).image.pixels == [5, 6, 7, 8])
  }
}
