import Glibc
import Testing

@testable import ElnathFITS

@Suite struct FITSWriterTests {
  private static let cards = [
    HeaderCard("OBJECT", .text("O'Hara's star"), "name"), HeaderCard("EXPTIME", .real(60.25), "s"),
    HeaderCard("BITPIX", .integer(8)), HeaderCard("NAXIS1", .integer(99)), HeaderCard("DATASUM", .text("1")),
  ]

  private static let hdus = [
    FITSHDU(width: 3, height: 2, pixels: .float([1.5, -2, .nan, 0, 3e20, .infinity]), cards: cards),
    FITSHDU(name: "RAW", width: 2, height: 2, pixels: .uint16([0, 1, 32768, 65535])),
    FITSHDU(name: "MASK", width: 2, height: 1, pixels: .uint8([0, 255])),
  ]

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = TemporaryFolder()
    try FITSWriter.write(Self.hdus, to: folder.path + "/a.fits")
    let (header, image) = try FITSFile.readImage(path: folder.path + "/a.fits")
    #expect(image.pixels.map(\.bitPattern) == [1.5, -2, .nan, 0, 3e20, Float.infinity].map(\.bitPattern))
    #expect(header.text("OBJECT") == "O'Hara's star" && header.number("EXPTIME") == 60.25)
    #expect(header.integer("BITPIX") == -32 && header.integer("NAXIS1") == 3)
    #expect(header.cards.filter { $0.key == "DATASUM" }.count == 1)
    #expect(folder.bytes("a.fits").count % 2880 == 0)
  }

  @Test(arguments: [
    (FITSPixels.uint16([0, 1, 32768, 65535]), [0, 1, 32768, 65535] as [Float]),
    (.int16([0, 1, -32768, 32767]), [0, 1, -32768, 32767]),
    (.uint8([0, 1, 2, 255]), [0, 1, 2, 255]),
    (.float([0, -0.1, 0x1p-140, 1e38]), [0, -0.1, 0x1p-140, 1e38]),
  ])
  func everyTypeIsReadBackExactly(_ pixels: FITSPixels, _ expected: [Float]) throws {
    let folder = TemporaryFolder()
    try FITSWriter.write([FITSHDU(width: 4, height: 1, pixels: pixels)], to: folder.path + "/a.fits")
    #expect(try FITSFile.readImage(path: folder.path + "/a.fits").image.pixels == expected)
  }

  @Test func largeImagesAreReadBack() throws {
    let folder = TemporaryFolder()
    let pixels = (0..<(700 * 333)).map { UInt16(truncatingIfNeeded: $0 &* 40503) }
    try FITSWriter.write([FITSHDU(width: 700, height: 333, pixels: .uint16(pixels))], to: folder.path + "/a.fits")
    #expect(try FITSFile.readImage(path: folder.path + "/a.fits").image.pixels == pixels.map(Float.init))
  }

  @Test func equalInputGivesEqualBytesAndReplacesAnOlderFile() throws {
    let folder = TemporaryFolder()
    _ = folder.file("b.fits", [1, 2, 3])
    for name in ["a.fits", "b.fits"] { try FITSWriter.write(Self.hdus, to: folder.path + "/" + name) }
    #expect(folder.bytes("a.fits") == folder.bytes("b.fits"))
    #expect(folder.names == ["a.fits", "b.fits"])
  }

  /// The sum of all 32-bit words of the data with DATASUM is zero in ones' complement arithmetic: checked here by plain
  /// addition modulo 2^32 - 1.
  @Test func theChecksumIsThatOfTheData() throws {
    let folder = TemporaryFolder()
    try FITSWriter.write([Self.hdus[0]], to: folder.path + "/a.fits")
    let bytes = folder.bytes("a.fits")
    let header = try FITSFile.readHeader(path: folder.path + "/a.fits").header
    var sum: UInt64 = 0
    for place in stride(from: bytes.count - 2880, to: bytes.count, by: 4) {
      sum += bytes[place..<(place + 4)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    #expect(header.text("DATASUM") == "\(sum % 0xFFFF_FFFF)")
  }

  /// A unit whose CHECKSUM is right sums to ones (FITS 4.0, section 4.4.2.7), whatever its pixels and however long its
  /// header; so it does where the last word of the data is not full.
  @Test(arguments: [0, 25, 26, 27, 28, 29, 30, 31, 32, 70]) func everyUnitSumsToOnes(cards: Int) throws {
    let cards = (0..<cards).map { HeaderCard("KEY\($0)", .text("value \($0)"), "a comment") }
    let reals: [Float] = [1.5, -2.25, .nan, 3e38, -0.0, 0x1p-140, .infinity, 7, 9]
    let kinds: [FITSPixels] = [
      .float(reals), .uint16([0, 1, 32767, 32768, 65535, 9, 10, 11, 12]),
      .int16([0, -1, 32767, -32768, 5, 6, 7, 8, 9]), .uint8([0, 255, 1, 2, 3, 4, 5, 6, 7]),
    ]
    let folder = TemporaryFolder()
    let path = folder.path + "/a.fits"
    for pixels in kinds {
      let unit = FITSHDU(name: "A", width: 3, height: 3, pixels: pixels, cards: cards)
      try FITSWriter.write([unit, unit], to: path)
      let bytes = folder.bytes("a.fits")
      // The data of each unit fill one block.
      var unitStart = 0
      for block in stride(from: 0, to: bytes.count, by: 2880) {
        let records = stride(from: block, to: block + 2880, by: 80).map { Array(bytes[$0..<($0 + 8)]) }
        guard records.contains(Array("END     ".utf8)) else { continue }
        var sum: UInt64 = 0
        for place in stride(from: unitStart, to: block + 5760, by: 4) {
          sum += bytes[place..<(place + 4)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        #expect(sum > 0 && sum % 0xFFFF_FFFF == 0)
        unitStart = block + 5760
      }
      #expect(unitStart == bytes.count)
    }
  }

  @Test func theHighestOfEachRunIsNotedWhileDecoding() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/a.fits"
    let run = FITSImage.run
    var reals = [Float](repeating: 1, count: 3 * run - 100)
    reals[5] = 60
    reals[run - 1] = 70
    reals[run] = .nan
    reals[2 * run - 17] = 80
    for i in (2 * run)..<reals.count { reals[i] = .nan }
    try FITSWriter.write([FITSHDU(width: reals.count, height: 1, pixels: .float(reals))], to: path)
    let image = try FITSFile.readImage(path: path).image
    #expect(image.highest == [70, 80, -.infinity])
    var changed = image
    changed.pixels[0] = 100
    #expect(changed.highest.isEmpty)
    let whole = reals.map { $0.isNaN ? UInt16(3) : UInt16($0) }
    try FITSWriter.write([FITSHDU(width: whole.count, height: 1, pixels: .uint16(whole))], to: path)
    #expect(try FITSFile.readImage(path: path).image.highest == [70, 80, 3])
  }

  /// Brackets, prefixes and blanks mean something to cfitsio, but not in the name of a file to be written.
  @Test func namesAreNamesAndNothingElse() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      guard chdir(folder.path) == 0 else { exit(1) }
      let names = ["a[1].fits", "!b.fits", "~c.fits", " d.fits", "mem:e.fits", "f(copy.fits)", "g.fits.gz", "é.fits"]
      for name in names {
        try FITSWriter.write(Self.hdus, to: name)
        guard try FITSFile.readImage(path: "./" + name).image.width == 3 else { exit(2) }
      }
      exit(folder.names == names.sorted() ? 0 : 3)
    }
  }

  @Test func whereNoFileCanBeIsAnError() {
    let folder = TemporaryFolder()
    func failure(_ path: String) -> FITSError? {
      do throws(FITSError) {
        try FITSWriter.write(Self.hdus, to: path)
        return nil
      } catch {
        return error
      }
    }
    let missing = failure("/nonexistent/folder/a.fits")
    #expect(missing?.code == .writeFailed && missing?.status == ENOENT)
    mkdir(folder.path + "/taken", 0o700)
    let taken = failure(folder.path + "/taken")
    #expect(taken?.code == .writeFailed && taken?.status == EISDIR && taken?.file == folder.path + "/taken")
    #expect(folder.names == ["taken"])
    rmdir(folder.path + "/taken")
    // Longer than cfitsio's memory for names, which it must notice.
    let long = failure("/tmp" + String(repeating: "/.", count: 1000) + "/a.fits")
    #expect(long?.code == .writeFailed)
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func aFolderThatIsClosedIsAMatterOfPermission() {
    let folder = TemporaryFolder()
    chmod(folder.path, 0o500)
    #expect {
      try FITSWriter.write(Self.hdus, to: folder.path + "/a.fits")
    } throws: {
      ($0 as? FITSError)?.code == .permission
    }
    chmod(folder.path, 0o700)
  }

  /// cfitsio's files are as open to others as the user lets new files be.
  @Test func aWrittenFileIsReadableToOthers() throws {
    let folder = TemporaryFolder()
    try FITSWriter.write(Self.hdus, to: folder.path + "/a.fits")
    var status = stat()
    #expect(stat(folder.path + "/a.fits", &status) == 0)
    let mask = umask(0o077)
    umask(mask)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  /// Writing, and reading of the kinds that cfitsio decodes, by many tasks at once.
  @Test func manyAtOnceDoNotDisturbEachOther() async throws {
    let folder = TemporaryFolder()
    let path = folder.path
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          let name = "\(path)/\(number).fits"
          let pixels = (0..<6000).map { UInt8(truncatingIfNeeded: $0 &* number) }
          try FITSWriter.write([FITSHDU(width: 100, height: 60, pixels: .uint8(pixels))], to: name)
          return try FITSFile.readImage(path: name).image.pixels == pixels.map(Float.init)
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
    #expect(folder.names.count == 64)
  }

  @Test func aFullDiskLeavesTheOlderFileAndNothingElse() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.file("a.fits", [1, 2, 3])
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4000, rlim_max: 4000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do throws(FITSError) {
        try FITSWriter.write(
          [FITSHDU(width: 100, height: 100, pixels: .float([Float](repeating: 0, count: 10_000)))], to: path)
        exit(1)
      } catch {
        let isRight = error.code == .diskFull && error.file == path && error.status == EFBIG
        exit(isRight && folder.names == ["a.fits"] && folder.bytes("a.fits") == [1, 2, 3] ? 0 : 2)
      }
    }
  }
}
