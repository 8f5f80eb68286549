import Testing

@testable import ElnathFITS

@Suite struct HeaderCardTests {
  private func parse(_ text: String) -> HeaderCard {
    HeaderCard(record: FITSBytes.record(text)[...])
  }

  /// Forms of FITS 4.0, section 4.2, and what cameras make of them.
  static let cards: [(String, String, HeaderValue?, String)] = [
    ("EXPTIME =                 60.5 / seconds", "EXPTIME", .real(60.5), "seconds"),
    ("EXPTIME =60.5/s", "EXPTIME", .real(60.5), "s"),
    ("GAIN    = 1.5D-3", "GAIN", .real(0.0015), ""),
    ("GAIN    = 1.e3", "GAIN", .real(1000), ""),
    ("GAIN    = .5", "GAIN", .real(0.5), ""),
    ("TELALT  = +62.592", "TELALT", .real(62.592), ""),
    ("TELHUM  = 05", "TELHUM", .integer(5), ""),
    ("NEG     = -32768", "NEG", .integer(-32768), ""),
    ("BIG     = 99999999999999999999", "BIG", .real(1e20), ""),
    ("SIMPLE  =                    T / standard", "SIMPLE", .logical(true), "standard"),
    ("FLAG    = F", "FLAG", .logical(false), ""),
    ("OBJECT  = 'HH 30   '           / name", "OBJECT", .text("HH 30"), "name"),
    ("OBSERVER= 'O''Hara / Smith' / who", "OBSERVER", .text("O'Hara / Smith"), "who"),
    ("OBJECT  = ''", "OBJECT", .text(""), ""),
    ("OBJECT  = '  lead'", "OBJECT", .text("  lead"), ""),
    ("OBJECT  = 'no closing quote", "OBJECT", .text("no closing quote"), ""),
    ("FILTER  = V", "FILTER", .text("V"), ""),
    ("DATE-OBS= 2017-12-19T18:33:43 / no quotes", "DATE-OBS", .text("2017-12-19T18:33:43"), "no quotes"),
    ("VALUE   = nan", "VALUE", .text("nan"), ""),
    ("VALUE   = 0x10", "VALUE", .text("0x10"), ""),
    ("VALUE   = 1e999", "VALUE", .text("1e999"), ""),
    ("VALUE   = (1.0, 2.0)", "VALUE", .text("(1.0, 2.0)"), ""),
    ("UNDEF   =                      / nothing", "UNDEF", nil, "nothing"),
    ("COMMENT = this is no value", "COMMENT", nil, "= this is no value"),
    ("HISTORY  flat fielded", "HISTORY", nil, " flat fielded"),
    ("        a blank keyword", "", nil, "a blank keyword"),
    ("HIERARCH ESO DET OUT1 GAIN = 2.4 / e-/ADU", "ESO DET OUT1 GAIN", .real(2.4), "e-/ADU"),
    ("NOVALUE", "NOVALUE", nil, ""),
    ("exptime = 3", "EXPTIME", .integer(3), ""),
    ("", "", nil, ""),
  ]

  @Test(arguments: cards)
  func readsEveryFormOfAValue(_ text: String, _ key: String, _ value: HeaderValue?, _ comment: String) {
    #expect(parse(text) == HeaderCard(key, value, comment))
  }

  @Test func bytesThatAreNotASCIIStayReadable() {
    let latin = Array("OBSERVER= 'Jos".utf8) + [0xE9] + Array("'".utf8)
    #expect(HeaderCard(record: latin[...]).value == .text("José"))
    #expect(parse("OBSERVER= 'José'").value == .text("José"))
    #expect(parse("OBSERVER= 'a\u{1B}[31mb\u{0}'").value == .text("a [31mb"))
  }

  @Test func textGivesNumbersAsTheyWereWritten() {
    let header = FITSHeader(cards: [parse("EXPTIME = 060.00"), parse("A       = T"), HeaderCard("B", .integer(7))])
    #expect(header.text("EXPTIME") == "060.00")
    #expect(header.text("A") == "T")
    #expect(header.text("B") == "7")
  }

  @Test func valuesAreFoundWhateverTheirForm() {
    let header = FITSHeader(cards: [
      HeaderCard("TEXT", .text(" 1.5D1 ")), HeaderCard("WHOLE", .real(4)), HeaderCard("HALF", .real(4.5)),
      HeaderCard("YES", .text("T")), HeaderCard("NONE", nil), HeaderCard("WORD", .text("12 s")),
      HeaderCard("NONE", .integer(2)), HeaderCard("TWICE", .integer(1)), HeaderCard("TWICE", .integer(2)),
    ])
    #expect(header.number("TEXT") == 15)
    #expect(header.integer("TEXT") == 15)
    #expect(header.integer("WHOLE") == 4)
    #expect(header.integer("HALF") == nil)
    #expect(header.logical("YES") == true)
    #expect(header.number("WORD") == nil)
    #expect(header.number("ABSENT") == nil)
    // The first card that has a value counts.
    #expect(header.integer("NONE") == 2)
    #expect(header.integer("TWICE") == 1)
    #expect(header.contains("NONE") && !header.contains("ABSENT"))
  }

  /// What is written is read back as the same card.
  @Test(arguments: [
    HeaderCard("OBJECT", .text("O'Hara's star"), "a 'quoted' name"),
    HeaderCard("EXPTIME", .real(60.5), "s"),
    HeaderCard("TINY", .real(-1.2345678901234567e-100), "17 digits"),
    HeaderCard("THIRD", .real(1.0 / 3)),
    HeaderCard("COUNT", .integer(-9_007_199_254_740_993)),
    HeaderCard("FLAG", .logical(false)),
    HeaderCard("UNDEF", nil, "no value"),
    HeaderCard("ESO DET OUT1 GAIN", .real(2.4), "e-/ADU"),
    HeaderCard("LONG", .text(String(repeating: "it's a long text, ", count: 20) + "end"), "on several records"),
    HeaderCard("ESO DET NAME", .text(String(repeating: "it's a long text, ", count: 8) + "end")),
    HeaderCard("QUOTES", .text(String(repeating: "'", count: 120))),
    HeaderCard("AMP", .text("ends with &")),
    HeaderCard("COMMENT", nil, "a remark"),
  ])
  func recordsAreReadBackAsTheSameCard(_ card: HeaderCard) throws {
    let read = try writtenAndRead([card])
    #expect(read.first?.key == card.key && read.first?.value == card.value)
    // The comment of a long text stands on its last record, where there may be no room for all of it.
    if case .text(let text) = card.value, text.count > 60 {
      #expect(card.comment.hasPrefix(read.first?.comment ?? "?"))
    } else {
      #expect(read.first?.comment == card.comment)
    }
    #expect(read.count == 1)
  }

  @Test func valuesThatFITSCannotHoldAreWrittenAsItCan() throws {
    let read = try writtenAndRead([HeaderCard("NAN", .real(.nan), "no number"), HeaderCard("NAME", .text("é\n"))])
    #expect(read == [HeaderCard("NAN", nil, "no number"), HeaderCard("NAME", .text("??"))])
  }

  @Test func commentaryOfAnyLengthIsWritten() throws {
    let long = String(repeating: "bias.fits, ", count: 20)
    let read = try writtenAndRead([
      HeaderCard("HISTORY", nil, long), HeaderCard("COMMENT", nil), HeaderCard("", nil, "blank keyword"),
    ])
    #expect(read.filter { $0.key == "HISTORY" }.map(\.comment).joined() == long.trimmingTrailingBlanks())
    #expect(read.suffix(2) == [HeaderCard("COMMENT", nil), HeaderCard("", nil, "blank keyword")])
  }

  /// What is read of a file that was written with these cards; those that describe the data are left out.
  private func writtenAndRead(_ cards: [HeaderCard]) throws -> [HeaderCard] {
    let folder = TemporaryFolder()
    try FITSWriter.write([FITSHDU(width: 2, height: 1, pixels: .uint8([0, 1]), cards: cards)], to: folder.path + "/a")
    let read = try FITSFile.readHeader(path: folder.path + "/a").header.cards
    return read.filter { !StructuralKeyword.describesData($0.key) }
  }
}
