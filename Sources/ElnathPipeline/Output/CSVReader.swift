import CLibCSV

#if canImport(Glibc)
  import Glibc
#endif

/// A column of a table that is being read.
public struct CSVColumn: Sendable {
  public let name: String
  let index: Int
}

/// Reads a table with a header row through libcsv, strictly: what is not understood is refused with file, line and
/// column, never skipped.
///
/// Takes LF and CRLF, a byte-order mark, empty lines, and comment lines that begin with `#`; separators are commas,
/// or semicolons or tabs where the header has more of those.
public final class CSVReader {
  public let file: String
  /// Names in the order of the header.
  public private(set) var names: [String] = []

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private let record = CSVRecord()
  private var parser = csv_parser()
  /// Where the next line begins, and its number, from 1.
  private var offset = 0
  private var line = 1
  /// The same for the record that is being read: quoted cells may hold line ends.
  private var recordOffset = 0
  private var recordLine = 1

  /// Longer cells are taken for a quote that was never closed.
  static let longestCell = 65536

  public convenience init(path: String) throws(PipelineError) {
    try self.init(FileBytes.read(path), file: path)
  }

  /// Reads the header row.
  public init(_ bytes: [UInt8], file: String) throws(PipelineError) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    delimiter = Self.delimiter(of: bytes[offset...].prefix { $0 != UInt8(ascii: "\n") })
    csv_init(&parser, UInt8(CSV_STRICT | CSV_STRICT_FINI))
    csv_set_delim(&parser, delimiter)
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw PipelineError(.badData, file, "text in UTF-16; save it as UTF-8")
    }
    guard try readRecord() else { throw PipelineError(.badData, file, "no header row") }
    let row = CSVRow(reader: self, record: record)
    for index in 0..<record.count {
      let name = try row.text(CSVColumn(name: "header", index: index))
      if let twin = names.firstIndex(where: { $0.lowercased() == name.lowercased() }), !name.isEmpty {
        throw fault(at: index, "column '\(name)' stands in the header twice, first in place \(twin + 1)")
      }
      names.append(name)
    }
  }

  deinit { csv_free(&parser) }

  /// The column of this name, capitals and small letters being the same.
  public func column(_ name: String) throws(PipelineError) -> CSVColumn {
    if let found = optionalColumn(name) { return found }
    throw PipelineError(.badData, "\(file):1", "no column '\(name)'; it has \(names.joined(separator: ", "))")
  }

  /// The first of these columns that the table has.
  public func optionalColumn(_ wanted: String...) -> CSVColumn? {
    for name in wanted {
      if let index = names.firstIndex(where: { $0.lowercased() == name.lowercased() }) {
        return CSVColumn(name: name, index: index)
      }
    }
    return nil
  }

  /// Hands over the remaining rows one by one, in order.
  public func forEachRow(_ body: (CSVRow) throws(PipelineError) -> Void) throws(PipelineError) {
    while try readRecord() {
      guard record.count == names.count else {
        throw fault(at: nil, "the row has \(record.count) cells, the header \(names.count)")
      }
      try body(CSVRow(reader: self, record: record))
    }
  }

  /// Reads on to the end of the next record; false at the end of the file.
  private func readRecord() throws(PipelineError) -> Bool {
    record.removeAll()
    var begun = false
    while offset < bytes.count {
      if !begun {
        recordOffset = offset
        recordLine = line
      }
      let end = endOfLine(from: offset)
      let isComment = !begun && bytes[offset] == UInt8(ascii: "#")
      if !isComment { try parse(offset..<end) }
      offset = end
      line += 1
      if record.isComplete { return try checked() }
      begun = begun || (!isComment && !isBlank(recordOffset..<end))
    }
    guard begun else { return false }
    let context = Unmanaged.passUnretained(record).toOpaque()
    guard csv_fini(&parser, appendCell, endRecord, context) == 0 else {
      throw fault(at: nil, "a quoted cell that begins here is never closed")
    }
    return record.isComplete ? try checked() : false
  }

  private func checked() throws(PipelineError) -> Bool {
    if let index = record.tooLong { throw fault(at: index, "a cell of more than \(Self.longestCell) bytes") }
    if let index = record.withNUL { throw fault(at: index, "a NUL byte; the file is damaged or not text") }
    return true
  }

  /// The place after the next LF, CRLF or CR.
  private func endOfLine(from start: Int) -> Int {
    bytes.withUnsafeBytes { all in
      let rest = UnsafeRawBufferPointer(rebasing: all[start...])
      guard let base = rest.baseAddress else { return start }
      func place(of byte: UInt8, within count: Int) -> Int? {
        memchr(base, Int32(byte), count).map { UnsafeRawPointer($0) - base }
      }
      let count = place(of: UInt8(ascii: "\n"), within: rest.count).map { $0 + 1 } ?? rest.count
      guard let carriage = place(of: UInt8(ascii: "\r"), within: count), carriage + 2 != count else {
        return start + count
      }
      return start + carriage + 1
    }
  }

  private func isBlank(_ range: Range<Int>) -> Bool {
    bytes[range].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
  }

  private func parse(_ range: Range<Int>) throws(PipelineError) {
    let context = Unmanaged.passUnretained(record).toOpaque()
    let done = bytes.withUnsafeBytes {
      csv_parse(
        &parser, $0.baseAddress?.advanced(by: range.lowerBound), range.count, appendCell, endRecord, context)
    }
    guard done != range.count else { return }
    guard csv_error(&parser) == CSV_EPARSE else { throw PipelineError(.inputOutput, file, "out of memory") }
    throw PipelineError(
      .badData, "\(file):\(line):\(done + 1)", "a quote out of place; quote the whole cell and double quotes within it")
  }

  /// An error at a cell of the current record, or at its beginning.
  func fault(at index: Int?, _ message: String) -> PipelineError {
    var line = recordLine
    var column = 1
    var cell = 0
    var isQuoted = false
    for byte in bytes[recordOffset...] where cell < index ?? 0 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == delimiter && !isQuoted { cell += 1 }
      column += 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      }
    }
    return PipelineError(.badData, "\(file):\(line):\(column)", message)
  }

  private static func delimiter(of header: ArraySlice<UInt8>) -> UInt8 {
    let comma = UInt8(ascii: ",")
    let candidates = [comma, UInt8(ascii: ";"), UInt8(ascii: "\t")]
    let counts = candidates.map { mark in header.count { $0 == mark } }
    // Commas win where none is more frequent.
    return zip(candidates, counts).max { $0.1 < $1.1 || ($0.1 == $1.1 && $1.0 == comma) }?.0 ?? comma
  }
}

/// The cells of one record, one after the other, each followed by a NUL; libcsv fills it.
final class CSVRecord {
  private(set) var text: [UInt8] = []
  /// Where each cell ends in `text`.
  private(set) var ends: [Int] = []
  private(set) var isComplete = false
  private(set) var tooLong: Int?
  private(set) var withNUL: Int?

  var count: Int { ends.count }

  func removeAll() {
    text.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    isComplete = false
    tooLong = nil
    withNUL = nil
  }

  func append(_ cell: UnsafeRawBufferPointer) {
    if cell.count > CSVReader.longestCell { tooLong = tooLong ?? count }
    if let start = cell.baseAddress, memchr(start, 0, cell.count) != nil { withNUL = withNUL ?? count }
    text.append(contentsOf: cell)
    ends.append(text.count)
    text.append(0)
  }

  func complete() { isComplete = true }

  func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1] + 1)..<ends[index] }
}

private let appendCell: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
  cell, count, context in
  guard let context else { return }
  Unmanaged<CSVRecord>.fromOpaque(context).takeUnretainedValue().append(.init(start: cell, count: count))
}

private let endRecord: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = { _, context in
  guard let context else { return }
  Unmanaged<CSVRecord>.fromOpaque(context).takeUnretainedValue().complete()
}
