import Glibc
import Testing

@testable import ElnathFITS

/// Files that cannot be trusted are refused, with the value that was seen.
@Suite struct FITSRefusalTests {
  private static let image = FITSBytes.primary(bitpix: 16, [10, 10], data: [UInt8](repeating: 1, count: 200))

  private static func damaged(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    var bytes = bytes
    bytes[place] ^= 0x55
    return bytes
  }

  /// A file, and how it is refused.
  struct BadFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let code: FITSError.Code
    let words: String

    init(_ name: String, _ bytes: [UInt8], _ code: FITSError.Code, _ words: String) {
      (testDescription, self.bytes, self.code, self.words) = (name, bytes, code, words)
    }
  }

  static let files: [BadFile] = [
    BadFile("empty", [], .empty, "empty file (0 bytes)"),
    BadFile("one byte", [0x53], .notFITS, "not a FITS file (starts with 'S')"),
    BadFile("page", Array("<!DOCTYPE html>\n<html>".utf8), .notFITS, "not a FITS file (starts with '<!DOCTYPE html')"),
    BadFile("PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], .notFITS, "not a FITS file (starts with '\\x89PNG')"),
    BadFile("bzip2", Array("BZh91AY".utf8), .unsupported, "bzip2"),
    BadFile("compress", [0x1F, 0x9D, 0x90], .unsupported, "compress (.Z)"),
    BadFile("empty gzip", FITSBytes.gzip([]), .empty, "0 bytes inflated"),
    BadFile("text in gzip", FITSBytes.gzip(Array("hello".utf8)), .notFITS, "starts with 'hello'"),
    BadFile("half a header", Array(image[..<300]), .truncated, "no END"),
    BadFile(
      "header as text", Array("SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 0\nEND\n".utf8), .notFITS, "line ends"
    ),
    BadFile("half the data", Array(image[..<2980]), .truncated, "header promises 200 bytes of data, file has 100"),
    BadFile("half a gzip file", Array(FITSBytes.gzip(image)[..<2980]), .truncated, "gzip file ends within"),
    BadFile("gzip checksum", damaged(FITSBytes.gzip(image), at: 4000), .damaged, "gzip data are damaged"),
    BadFile(
      "gzip bomb", FITSBytes.gzip(FITSBytes.primary(bitpix: 16, [20000, 20000], data: [])), .truncated, "promises"),
    BadFile(
      "absurd size", FITSBytes.primary(bitpix: 16, [3_037_000_500, 3_037_000_500], data: []), .damaged, "absurd size"
    ),
    BadFile("large size", FITSBytes.primary(bitpix: 8, [4_000_000, 8_000_000], data: []), .unsupported, "too large"),
    BadFile("negative axis", FITSBytes.primary(bitpix: 8, [-5, 4], data: []), .damaged, "NAXIS1 is not usable (-5)"),
    BadFile(
      "BITPIX", FITSBytes.primary(bitpix: 12, [2, 2], data: [1, 2, 3, 4]), .damaged, "BITPIX is not usable (12)"),
    BadFile("SIMPLE", FITSBytes.header(["SIMPLE  = F", "BITPIX  = 8", "NAXIS   = 0"]), .unsupported, "SIMPLE = F"),
    BadFile("no axes", FITSBytes.header(["SIMPLE  = T", "BITPIX  = 8"]), .damaged, "NAXIS is not usable (missing)"),
    BadFile("text axis", FITSBytes.header(["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 'two'"]), .damaged, "(two)"),
    BadFile("no data", FITSBytes.emptyPrimary, .noImage, "no two-dimensional image (primary without data)"),
    BadFile("line", FITSBytes.primary(bitpix: 8, [5], data: [1, 2, 3, 4, 5]), .noImage, "(primary 5)"),
    BadFile(
      "colour", FITSBytes.primary(bitpix: 8, [2, 2, 3], data: [UInt8](repeating: 0, count: 12)), .unsupported,
      "2 x 2 x 3"
    ),
    BadFile("BSCALE", FITSBytes.primary(bitpix: 8, [2, 1], ["BSCALE  = 'abc'"], data: [1, 2]), .damaged, "BSCALE"),
    BadFile(
      "zero BSCALE", FITSBytes.primary(bitpix: 8, [2, 1], ["BSCALE  = 0"], data: [1, 2]), .damaged, "BSCALE is zero"),
    BadFile("BLANK", FITSBytes.primary(bitpix: 8, [2, 1], ["BLANK   = 'x'"], data: [1, 2]), .damaged, "BLANK"),
  ]

  @Test(arguments: files)
  func badFilesAreRefusedWithTheReason(_ bad: BadFile) {
    let folder = TemporaryFolder()
    let path = folder.file("bad.fits", bad.bytes)
    let error = readingError(path)
    #expect(error?.code == bad.code)
    #expect(error?.message.contains(bad.words) == true, "\(error?.message ?? "was read")")
    #expect(error?.file == path)
  }

  @Test func whatIsNoRegularFileIsNotEvenOpened() {
    let folder = TemporaryFolder()
    let fifo = folder.path + "/fifo.fits"
    #expect(mkfifo(fifo, 0o600) == 0)
    #expect(readingError(fifo)?.message == "not a regular file (FIFO)")
    #expect(readingError(folder.path)?.message == "not a regular file (directory)")
    #expect(readingError("/dev/null")?.code == .notRegularFile)
    let missing = readingError(folder.path + "/missing.fits")
    #expect(missing?.code == .cannotOpen && missing?.status == ENOENT)
    symlink("loop.fits", folder.path + "/loop.fits")
    #expect(readingError(folder.path + "/loop.fits")?.code == .cannotOpen)
  }

  /// No byte of a small file, whatever its value, stops the program; each is read or refused.
  @Test func damageAnywhereIsSurvived() throws {
    let folder = TemporaryFolder()
    let sound = FITSBytes.emptyPrimary + FITSBytes.imageExtension(5, name: "SCI")
    var read = 0
    for place in stride(from: 0, to: 2880 + 640, by: 23) {
      for byte: UInt8 in [0, 0x27, 0x39, 0xFF] {
        var bytes = sound
        bytes[place] = byte
        if readingError(folder.file("bad.fits", bytes)) == nil { read += 1 }
      }
    }
    // Most damage falls on padding and comments.
    #expect(read > 300)
  }
}
