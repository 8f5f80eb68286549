import CCFITSIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FITSOutput {
  /// A primary without data, before a table.
  mutating func appendEmptyPrimary(_ cards: [HeaderCard]) {
    let fits = fits
    run { status in
      ffcrimll(fits, BYTE_IMG, 0, nil, &status)
      Self.removeComments(fits, status)
      for card in cards where !StructuralKeyword.describesData(card.key) { Self.write(card, to: fits, &status) }
      Self.reserveSums(fits, &status)
      Self.writeSums(fits, &status)
    }
  }

  /// Adds a table behind the units that are there.
  mutating func append(_ table: FITSTable) {
    let fits = fits
    run { status in
      ffcrtb(fits, BINARY_TBL, 0, 0, nil, nil, nil, table.name, &status)
      for (index, column) in table.columns.enumerated() {
        let number = Int32(index + 1)
        Self.insert(column, number, into: fits, &status)
        if !column.unit.isEmpty { Self.write(HeaderCard("TUNIT\(number)", .text(column.unit)), to: fits, &status) }
        if !column.sentence.isEmpty {
          Self.write(HeaderCard("TCOMM\(number)", .text(column.sentence)), to: fits, &status)
        }
        if case .integer(let values) = column.values, values.contains(where: { $0 == nil }) {
          Self.write(HeaderCard("TNULL\(number)", .integer(Int(FITSTable.nullInteger))), to: fits, &status)
        }
      }
      for card in table.cards where !StructuralKeyword.describesData(card.key) {
        Self.write(card, to: fits, &status)
      }
      Self.reserveSums(fits, &status)
      for (index, column) in table.columns.enumerated() where table.rows > 0 {
        column.values.write(to: fits, column: Int32(index + 1), &status)
      }
      // NAXIS2 is written late, behind the sums otherwise.
      ffrdef(fits, &status)
      Self.writeSums(fits, &status)
    }
  }
}

extension FITSOutput {
  /// cfitsio takes names it may write to, though it does not.
  private static func insert(
    _ column: FITSTable.Column, _ number: Int32, into fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32
  ) {
    var name = Array(column.name.utf8CString)
    var format = Array(column.values.format.utf8CString)
    fficol(fits, number, &name, &format, &status)
  }
}

extension FITSTable.Values {
  /// TFORM.
  fileprivate var format: String {
    switch self {
    case .real: "1D"
    case .integer: "1K"
    case .logical: "1L"
    case .text(let values): "\(max(1, values.map { HeaderRecords.printable($0).utf8.count }.max() ?? 0))A"
    }
  }

  fileprivate func write(to fits: UnsafeMutablePointer<fitsfile>?, column: Int32, _ status: inout Int32) {
    switch self {
    case .real(let values): Self.write(values, TDOUBLE, to: fits, column, &status)
    case .integer(let values):
      Self.write(values.map { $0.map(Int64.init) ?? FITSTable.nullInteger }, TLONGLONG, to: fits, column, &status)
    case .logical(let values): Self.write(values.map { CChar($0 ? 1 : 0) }, TLOGICAL, to: fits, column, &status)
    case .text(let values):
      var strings: [UnsafeMutablePointer<CChar>?] = values.map { strdup(HeaderRecords.printable($0)) }
      defer { for string in strings { free(string) } }
      ffpcls(fits, column, 1, 1, LONGLONG(strings.count), &strings, &status)
    }
  }

  private static func write<Value>(
    _ values: [Value], _ type: Int32, to fits: UnsafeMutablePointer<fitsfile>?, _ column: Int32, _ status: inout Int32
  ) {
    values.withUnsafeBytes { bytes in
      // Only read, though cfitsio does not say so.
      let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
      ffpcl(fits, type, column, 1, 1, LONGLONG(values.count), start, &status)
    }
  }
}
