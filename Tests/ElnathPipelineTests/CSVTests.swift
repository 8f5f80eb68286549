import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite struct CSVNumberTests {
  private func text(_ value: Double) -> String {
    var csv = CSVBytes()
    csv.append(real: value)
    return String(decoding: csv.bytes, as: UTF8.self)
  }

  private func read(_ text: String) throws -> Double {
    var value = Double.nan
    let reader = try CSVReader(Array("v\n\(text)\n".utf8), file: "t.csv")
    let column = try reader.column("v")
    try reader.forEachRow { row throws(PipelineError) in value = try row.real(column) }
    return value
  }

  /// The standard library writes the shortest digits that read back (and is tested to); only its layout differs.
  private func shortest(_ value: Double) -> String {
    var text = value == 0 ? "0.0" : value.description
    if let exponent = text.firstIndex(of: "e") {
      let power = Int(text[text.index(after: exponent)...]) ?? 0
      text = text[..<exponent] + "e\(power)"
    } else if text.hasSuffix(".0") {
      text.removeLast(2)
    }
    return text
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-12.0, "-12"), (0.5, "0.5"), (-0.25, "-0.25"),
    (0.1 + 0.2, "0.30000000000000004"),
    (1e6, "1000000"), (1e9, "1000000000"), (1e15, "1000000000000000"), (1e16, "1e16"), (1.5e-7, "1.5e-7"),
    (0.0001, "0.0001"), (0.00001, "1e-5"), (2458107.71123456, "2458107.71123456"), (1.0 / 3, "0.3333333333333333"),
    (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e308"),
    (123456.789012345, "123456.789012345"),
  ])
  func knownTexts(value: Double, expected: String) throws {
    #expect(text(value) == expected)
    #expect(try read(expected) == value)
  }

  @Test func whatIsNotFiniteIsEmpty() {
    for value in [Double.nan, .infinity, -.infinity, .signalingNaN] { #expect(text(value).isEmpty) }
  }

  @Test func everyNumberIsTheShortestTextAndReadsBack() throws {
    var generator = SeededGenerator(seed: 20)
    var wrong = 0
    for round in 0..<60_000 {
      let value: Double =
        switch round % 6 {
        case 0: Double(bitPattern: generator.next())
        case 1: Double(Int.random(in: -1_000_000...1_000_000, using: &generator)) / DecimalRounding.powers[round % 10]
        case 2: Double.random(in: -1e5...1e5, using: &generator)
        case 3: Double(Int.random(in: 0...(1 << 53), using: &generator))
        case 4: Double(Int.random(in: 0...(1 << 53), using: &generator)) / DecimalRounding.powers[round % 12]
        // Neighbours of short decimals must not be taken for them.
        default: (Double(Int.random(in: 1...99_999_999, using: &generator)) / 1e4).nextUp
        }
      guard value.isFinite else { continue }
      let written = text(value)
      if written != shortest(value) || Double(written) != value { wrong += 1 }
      if round % 20 < 6, try read(written) != value { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test func timesAreRoundedOnce() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<2000 {
      let time = Double.random(in: 2_400_000...2_500_000, using: &generator)
      let rounded = DecimalRounding.decimals(time, 8)
      // Half a unit of the last decimal, and the spacing of doubles there (4.7e-10).
      #expect(abs(rounded - time) <= 5e-9 + 4.7e-10)
      #expect(DecimalRounding.decimals(rounded, 8) == rounded)
      let decimals = text(rounded).split(separator: ".").last?.count ?? 0
      #expect(decimals <= 8)
    }
    #expect(DecimalRounding.decimals(Double.nan, 8).isNaN)
    #expect(DecimalRounding.decimals(1e300, 8) == 1e300)
    #expect(DecimalRounding.decimals((-1.234567891), 8) == -1.23456789)
  }

  @Test(arguments: ["nan", "inf", "0x10", "1e", "--1", "1.2.3", "1 2", "e5", ".", "-", "1e400", "1,5x"])
  func whatIsNotANumberIsRefused(text: String) {
    #expect(throws: PipelineError.self) { _ = try read(text.contains(",") ? "\"\(text)\"" : text) }
  }
}

@Suite struct CSVWriterTests {
  private struct Row { var text = "" }
  private let columns = [
    Column<Row>("a", "", "A text.") { .text($0.text) }, Column<Row>("b", "", "A path.") { .path($0.text) },
  ]

  private func line(_ text: String) -> String {
    let bytes = CSVFormat.bytes(of: [Row(text: text)], columns: columns)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "plain,plain"), ("", ","), ("a,b", "\"a,b\",\"a,b\""),
    ("say \"x\"", "\"say \"\"x\"\"\",\"say \"\"x\"\"\""),
    (" outer ", "\" outer \",\" outer \""), ("#1", "\"#1\",\"#1\""), ("=1+1", "'=1+1,./=1+1"), ("+x", "'+x,./+x"),
    ("@x", "'@x,./@x"), ("-x", "'-x,./-x"), ("-", "-,./-"), ("-1.5 2e-3", "-1.5 2e-3,./-1.5 2e-3"),
    ("a\tb\r\nc", "a b  c,a b  c"),
    ("\u{1B}[31mred\u{7F}\u{85}", "[31mred,[31mred"),
    ("H\u{3B1} \u{2605}", "H\u{3B1} \u{2605},H\u{3B1} \u{2605}"), ("../a=b", "../a=b,../a=b"),
  ])
  func textCells(text: String, expected: String) {
    #expect(line(text) == "a,b\n\(expected)\n")
  }
}

@Suite struct CSVReaderTests {
  private func rows(_ text: String) throws(PipelineError) -> [[String]] { try rows(Array(text.utf8)) }

  private func rows(_ bytes: [UInt8]) throws(PipelineError) -> [[String]] {
    let reader = try CSVReader(bytes, file: "t.csv")
    var columns: [CSVColumn] = []
    for name in reader.names { columns.append(try reader.column(name)) }
    var result = [reader.names]
    try reader.forEachRow { row throws(PipelineError) in
      var cells: [String] = []
      for column in columns { cells.append(try row.text(column)) }
      result.append(cells)
    }
    return result
  }

  private func failure(_ bytes: [UInt8]) -> String {
    do {
      return "\(try rows(bytes))"
    } catch { return error.description }
  }

  @Test(arguments: [
    "a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\r\n", "\u{FEFF}a,b\n1,2\n", "# remark, here\na,b\n\n1,2\n\n", "a;b\n1;2\n",
    "a\tb\n1\t2\n", "\"a\",\"b\"\n\"1\",\"2\"\n", " a , b \n 1 , 2 \n", "a,b\r1,2\r", "a,b\n#1,2\n1,2\n  \n",
  ])
  func formsOfTheSameTable(text: String) throws {
    #expect(try rows(text) == [["a", "b"], ["1", "2"]])
  }

  @Test func quotedCells() throws {
    #expect(try rows("a,b\n\"x, \"\"y\"\"\n#z\",\"\"\n") == [["a", "b"], ["x, \"y\"\n#z", ""]])
    #expect(try rows("a\n\"#1\"\n") == [["a"], ["#1"]])
    #expect(try rows("a,b\n\" x \",\n") == [["a", "b"], [" x ", ""]])
  }

  @Test(arguments: [
    ("", "t.csv: no header row"), ("\n\n# x\n", "t.csv: no header row"),
    ("a,b\n1,2\n\n1,2,3\n", "t.csv:4:1: the row has 3 cells, the header 2"),
    ("a,b\n1\n", "t.csv:2:1: the row has 1 cells, the header 2"),
    ("a,A\n1,2\n", "t.csv:1:3: column 'A' stands in the header twice, first in place 1"),
    ("a,b\n1,2\n1,x\"y\n", "t.csv:3:4: a quote out of place; quote the whole cell and double quotes within it"),
    ("a,b\n\"1\"x,2\n", "t.csv:2:4: a quote out of place; quote the whole cell and double quotes within it"),
    ("a,b\n1,2\n1,\"x\ny\n", "t.csv:3:1: a quoted cell that begins here is never closed"),
    ("a,b\n1,\u{0}2\n", "t.csv:2:3: a NUL byte; the file is damaged or not text"),
  ])
  func faultsAreFoundWithTheirPlace(text: String, message: String) {
    #expect(failure(Array(text.utf8)) == message)
  }

  @Test func otherEncodingsAreRefused() {
    #expect(failure([0xFF, 0xFE, 0x61, 0]) == "t.csv: text in UTF-16; save it as UTF-8")
    #expect(
      failure(Array("a,b\nx,".utf8) + [0xE9, 0x0A])
        == "t.csv:2:3: not UTF-8 text; save the file with that encoding")
  }

  @Test func overlongCellsAreRefused() {
    let long = String(repeating: "x", count: CSVReader.longestCell)
    #expect(failure(Array("a\n\(long)\n".utf8)).hasPrefix("[["))
    #expect(failure(Array("a\n\(long)x\n".utf8)) == "t.csv:2:1: a cell of more than 65536 bytes")
  }

  @Test func cellsOfTheWrongKindAreNamed() throws {
    func failure(_ cell: String, _ read: (CSVRow, CSVColumn) throws(PipelineError) -> Void) -> String {
      do {
        let reader = try CSVReader(Array("x,b\n\"a\nb\",\(cell)\n".utf8), file: "t.csv")
        let column = try reader.column("B")
        try reader.forEachRow { row throws(PipelineError) in try read(row, column) }
        return "no error"
      } catch { return "\(error)" }
    }
    func real(_ row: CSVRow, _ column: CSVColumn) throws(PipelineError) { _ = try row.real(column) }
    func integer(_ row: CSVRow, _ column: CSVColumn) throws(PipelineError) { _ = try row.integer(column) }
    func boolean(_ row: CSVRow, _ column: CSVColumn) throws(PipelineError) { _ = try row.boolean(column) }
    func role(_ row: CSVRow, _ column: CSVColumn) throws(PipelineError) { _ = try row.word(column, as: Star.Role.self) }
    #expect(failure("abc", real) == "t.csv:3:4: B: expected a number, found 'abc'")
    #expect(failure("", integer) == "t.csv:3:4: B: expected a whole number, found nothing")
    #expect(failure("1.5", integer) == "t.csv:3:4: B: expected a whole number, found '1.5'")
    #expect(failure("-17", integer) == "no error")
    #expect(failure("12345678901234567890", integer).hasSuffix("expected a whole number, found '12345678901234567890'"))
    #expect(failure("2", boolean) == "t.csv:3:4: B: expected 1 or 0, found '2'")
    #expect(failure("x", role) == "t.csv:3:4: B: expected one of target, comparison, check, measure, avoid, found 'x'")
    #expect(failure("", real) == "no error")
  }

  @Test func missingColumnsAreNamed() throws {
    let reader = try CSVReader(Array("a,b\n".utf8), file: "t.csv")
    #expect(reader.optionalColumn("c", "b")?.name == "b")
    do {
      _ = try reader.column("c")
      Issue.record("found")
    } catch { #expect(error.description == "t.csv:1: no column 'c'; it has a, b") }
  }
}
