import Testing

@testable import ElnathFITS

@Suite("binary tables")
struct FITSTableTests {
  private let table = FITSTable(
    name: "T",
    columns: [
      .init("TIME", "d", "Time.", .real([1.5, .nan, -2])), .init("N", "", "", .integer([7, nil, -3])),
      .init("OK", "", "", .logical([true, false, true])), .init("NAME", "", "", .text(["a", "", "it's \u{3B1}\n"])),
    ], cards: [HeaderCard("OBJECT", .text("x"))])

  private func sum(_ unit: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt64 = 0
    for start in stride(from: unit.startIndex, to: unit.endIndex, by: 4) {
      sum += unit[start..<(start + 4)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    while sum >> 32 != 0 { sum = (sum & 0xFFFF_FFFF) + (sum >> 32) }
    return UInt32(sum)
  }

  @Test("values as the standard lays them out, every unit with a true CHECKSUM, the same bytes again")
  func layout() throws {
    let folder = TemporaryFolder()
    for name in ["a.fits", "b.fits"] {
      try FITSWriter.write(table, primary: [HeaderCard("ORIGIN", .text("test"))], to: folder.path + "/" + name)
    }
    let bytes = folder.bytes("a.fits")
    #expect(folder.bytes("b.fits") == bytes)
    #expect(bytes.count == 3 * 2880 || bytes.count == 4 * 2880)
    // A unit whose CHECKSUM is right sums to ones (FITS 4.0, section 4.4.2.7).
    #expect(sum(bytes[..<2880]) == .max)
    #expect(sum(bytes[2880...]) == .max)
    let header = String(decoding: bytes[2880..<(bytes.count - 2880)], as: UTF8.self)
    for card in ["NAXIS1  =                   24", "NAXIS2  =                    3", "TFORM4  = '7A", "TNULL2"] {
      #expect(header.contains(card), "\(card)")
    }
    let rows = Array(bytes[(bytes.count - 2880)...])
    func double(_ row: Int) -> Double {
      Double(bitPattern: rows[(row * 24)..<(row * 24 + 8)].reduce(0) { $0 << 8 | UInt64($1) })
    }
    #expect(double(0) == 1.5 && double(1).isNaN && double(2) == -2)
  }

  @Test("a table without rows is a table")
  func empty() throws {
    let folder = TemporaryFolder()
    let none = FITSTable(name: "T", columns: [.init("A", "", "", .real([])), .init("B", "", "", .text([]))])
    try FITSWriter.write(none, to: folder.path + "/a.fits")
    let bytes = folder.bytes("a.fits")
    #expect(sum(bytes[2880...]) == .max)
    #expect(throws: FITSError.self) { try FITSWriter.write(none, to: folder.path + "/none/a.fits") }
  }
}
