import Glibc
import Testing

@testable import ElnathFITS

/// Every file out of the tests of other FITS libraries, where they are present beside the project, against what astropy
/// makes of it (version and script: Tests/Fixtures/fits_corpus).
@Suite(.enabled(if: RealFiles.arePresent, "needs ../shared/data beside the package"))
struct CorpusTests {
  struct Found: Sendable {
    let unit: Int
    let width: Int
    let height: Int
    let missing: Int
    let sum: Double
    let least: Double
    let largest: Double
  }

  /// By file: the images, or none.
  static let astropy: [(file: String, images: [Found])] = {
    let text = String(decoding: Fixture.bytes("fits_corpus/astropy.csv"), as: UTF8.self)
    var files: [(file: String, images: [Found])] = []
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if files.last?.file != cells[0] { files.append((cells[0], [])) }
      guard cells[1] == "image" else { continue }
      let numbers = cells[2...].map { Double($0) ?? .nan }
      files[files.count - 1].images.append(
        Found(
          unit: Int(numbers[0]), width: Int(numbers[1]), height: Int(numbers[2]), missing: Int(numbers[3]),
          sum: numbers[4], least: numbers[5], largest: numbers[6]))
    }
    return files
  }()

  /// Images that are refused although astropy reads them, on purpose: cfitsio's decoders of these two are known to write
  /// beyond their memory on hostile input.
  private static let undecoded = ["m13_plio.fits": "PLIO_1", "m13_hcomp.fits": "HCOMPRESS_1"]

  @Test func theCorpusIsWhole() {
    #expect(Self.astropy.count == 109)
    #expect(Self.astropy.count { !$0.images.isEmpty } == 34)
  }

  @Test(arguments: astropy.map(\.file))
  func everyImageIsThatOfAnotherReaderOrRefused(_ file: String) throws {
    let path = RealFiles.folder + "fits_corpus/" + file
    let expected = try #require(Self.astropy.first { $0.file == file }).images
    let headers: [FITSImageHeader]
    let images: [FITSImage]
    do throws(FITSError) {
      headers = try FITSFile.readAllImageHeaders(path: path)
      images = try FITSFile.readImages(path: path, units: headers.map(\.unit))
    } catch {
      #expect(!error.message.isEmpty && !error.message.contains { $0.isNewline }, "one line")
      if let (_, name) = Self.undecoded.first(where: { file.hasSuffix($0.key) }) {
        #expect(error.code == .unsupported && error.message.contains(name))
      } else {
        #expect(expected.isEmpty, "\(error)")
      }
      return
    }
    #expect(headers.map(\.unit) == expected.map(\.unit))
    for ((header, image), found) in zip(zip(headers, images), expected) {
      #expect(image.width == found.width && image.height == found.height)
      #expect(header.width == found.width && header.height == found.height && header.isUnchanged)
      let values = image.pixels.filter { !$0.isNaN }.map(Double.init)
      #expect(image.pixels.count - values.count == found.missing)
      // The same single-precision numbers: extremes are equal, and sums but for the order of summing. Dithered
      // pixels are computed anew by each reader and may differ in their last bit.
      let magnitude = values.reduce(0) { $0 + abs($1) }
      #expect(abs(values.reduce(0, +) - found.sum) <= 1e-9 * magnitude)
      let rounding = file.contains("dither") ? 1e-6 * abs(found.largest) : 0
      #expect(abs((values.min() ?? .nan) - found.least) <= rounding)
      #expect(abs((values.max() ?? .nan) - found.largest) <= rounding)
    }
  }

  /// What makes a frame of each: the image, or why there is none.
  @Test(arguments: astropy.map(\.file))
  func aFrameIsReadOnlyWhereThereIsNoChoice(_ file: String) throws {
    let images = try #require(Self.astropy.first { $0.file == file }).images
    let error = readingError(RealFiles.folder + "fits_corpus/" + file)
    let isPrimary = images.first?.unit == 0
    // Those of accompanying planes are passed over, by name (ZPN, exposure: image, mask, variance).
    let companions = ["ZPN.fits", "exposure-noversion.fits", "exposure-version-1.fits"]
    let isOne = images.count == 1 || isPrimary || companions.contains { file.hasSuffix($0) }
    let isDecoded = !Self.undecoded.keys.contains { file.hasSuffix($0) }
    #expect((error == nil) == (isOne && isDecoded), "\(error?.message ?? "read")")
    if images.count > 1 && !isOne { #expect(error?.message.contains("\(images.count) images") == true) }
  }
}

/// Files of Tests/Fixtures.
enum Fixture {
  static func bytes(_ name: String) -> [UInt8] {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    guard let file = fopen(folder + "/Fixtures/" + name, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let got = fread(&part, 1, part.count, file), got > 0 { bytes += part[..<got] }
    return bytes
  }
}
