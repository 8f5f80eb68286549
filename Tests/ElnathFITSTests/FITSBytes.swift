import Glibc

@testable import ElnathFITS

/// FITS files made byte by byte, independently of the writer under test.
enum FITSBytes {
  static func record(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(80))
    return bytes + [UInt8](repeating: 0x20, count: 80 - bytes.count)
  }

  /// Cards as they would be typed, with END and padding.
  static func header(_ cards: [String]) -> [UInt8] {
    var bytes = cards.flatMap(record) + record("END")
    bytes += [UInt8](repeating: 0x20, count: (2880 - bytes.count % 2880) % 2880)
    return bytes
  }

  static func padded(_ data: [UInt8]) -> [UInt8] {
    data + [UInt8](repeating: 0, count: (2880 - data.count % 2880) % 2880)
  }

  static func bigEndian<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  }

  static func primary(bitpix: Int, _ axes: [Int], _ more: [String] = [], data: [UInt8]) -> [UInt8] {
    var cards = ["SIMPLE  = T", "BITPIX  = \(bitpix)", "NAXIS   = \(axes.count)"]
    cards += axes.enumerated().map { "NAXIS\($0.offset + 1)  = \($0.element)" }
    return header(cards + more) + padded(data)
  }

  static let emptyPrimary = header(["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "ORIGIN  = 'primary'", "GAIN    = 9"])

  /// 2 x 2 pixels of 16 bits with the given first value.
  static func imageExtension(_ first: Int16, name: String = "", _ more: [String] = []) -> [UInt8] {
    header(
      ["XTENSION= 'IMAGE'", "BITPIX  = 16", "NAXIS   = 2", "NAXIS1  = 2", "NAXIS2  = 2", "PCOUNT  = 0", "GCOUNT  = 1"]
        + (name.isEmpty ? [] : ["EXTNAME = '\(name)'"]) + more)
      + padded(bigEndian([first, first + 1, first + 2, first + 3]))
  }

  /// A gzip member that stores `bytes` without compressing them.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let count = min(65535, bytes.count - start)
      out.append(start + count == bytes.count ? 1 : 0)
      out += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8((~count >> 8) & 255)]
      out += bytes[start..<(start + count)]
      start += count
    } while start < bytes.count
    for word in [crc(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
      out += (0..<4).map { UInt8(word >> (8 * $0) & 255) }
    }
    return out
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~crc
  }
}

/// A folder of its own for a test, removed with all it holds.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/elnath-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit {
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }

  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) -> String {
    let path = path + "/" + name
    guard let file = fopen(path, "wb") else { return path }
    _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
    return path
  }

  func bytes(_ name: String) -> [UInt8] {
    guard let file = fopen(path + "/" + name, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let got = fread(&part, 1, part.count, file), got > 0 { bytes += part[..<got] }
    return bytes
  }
}

/// The error of reading a file; nil when it was read.
func readingError(_ path: String) -> FITSError? {
  do throws(FITSError) {
    _ = try FITSFile.readImage(path: path)
    return nil
  } catch {
    return error
  }
}
