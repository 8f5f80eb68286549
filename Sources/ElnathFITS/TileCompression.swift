/// How an image is stored as a table of compressed tiles (FITS 4.0, section 10), checked: nothing that the decoder is
/// told comes from the file unseen.
struct TileCompression {
  let unit: HeaderUnit
  let width: Int
  let height: Int
  let tileWidth: Int
  let tileHeight: Int
  let bitsPerPixel: Int
  /// Nil for tiles that are gzip streams.
  let rice: RiceStreams?
  /// The table: a row a tile, with pointers into the heap of compressed bytes behind it.
  let rowLength: Int
  let rows: Int
  let columns: [TableColumn]
  let heapOffset: Int
  /// What the decoder needs to know, and nothing else.
  let cards: [HeaderCard]

  init(_ unit: HeaderUnit) throws(FITSError) {
    var header = CheckedCards(of: unit)
    guard unit.axes.count == 2, unit.bitsPerPixel == 8 else {
      throw header.damaged("table of NAXIS = \(unit.axes.count), BITPIX = \(unit.bitsPerPixel)")
    }
    self.unit = unit
    rowLength = unit.axes[0]
    rows = unit.axes[1]
    let tableLength = rowLength * rows
    header.keep("XTENSION", .text("BINTABLE"))
    header.keep("BITPIX", .integer(8))
    header.keep("NAXIS", .integer(2))
    header.keep("NAXIS1", .integer(rowLength))
    header.keep("NAXIS2", .integer(rows))
    header.keep("PCOUNT", .integer(unit.dataLength - tableLength))
    header.keep("GCOUNT", .integer(1))
    columns = try header.columns(rowLength: rowLength)
    heapOffset = try header.whole("THEAP", in: tableLength...unit.dataLength, default: tableLength)

    header.keep("ZIMAGE", .logical(true))
    bitsPerPixel = try header.bitsPerPixel()
    rice = try header.algorithm(bitsPerPixel: bitsPerPixel)
    let tiles = try header.tiles()
    guard tiles.count == rows else { throw header.damaged("table of \(rows) rows for \(tiles.count) tiles") }
    tileWidth = tiles.width
    tileHeight = tiles.height
    width = unit.imageAxes[0]
    height = unit.imageAxes[1]
    // No algorithm shrinks by more than deflate can; beyond that the size is not believed.
    guard width * height / GzipInflater.largestRatio <= unit.dataLength else {
      throw header.damaged("absurd size: \(width) x \(height) from \(unit.dataLength) bytes")
    }
    try header.values()
    cards = header.cards
  }

  /// The header of the image as it was before it was compressed.
  static func imageHeader(of unit: HeaderUnit) -> FITSHeader {
    var cards: [HeaderCard] = []
    if let bits = unit.header.integer("ZBITPIX") { cards.append(HeaderCard("BITPIX", .integer(bits))) }
    let axes = unit.imageAxes
    cards.append(HeaderCard("NAXIS", .integer(axes.count)))
    for (index, length) in axes.enumerated() { cards.append(HeaderCard("NAXIS\(index + 1)", .integer(length))) }
    cards += unit.header.cards.filter {
      !StructuralKeyword.describesCompression($0.key) && !($0.key == "EXTNAME" && $0.text == "COMPRESSED_IMAGE")
    }
    return FITSHeader(cards: cards)
  }
}

/// Takes over the cards that a decoder needs, each after a look at its value.
private struct CheckedCards {
  private let unit: HeaderUnit
  private(set) var cards: [HeaderCard] = []

  init(of unit: HeaderUnit) {
    self.unit = unit
  }

  func damaged(_ message: String) -> FITSError {
    FITSError(.damaged, file: unit.file, "compressed image: \(message)")
  }

  mutating func keep(_ key: String, _ value: HeaderValue) {
    cards.append(HeaderCard(key, value))
  }

  @discardableResult
  mutating func whole(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(FITSError) -> Int
  {
    let value = unit.header.contains(key) || fallback == nil ? unit.header.integer(key) : fallback
    guard let value, range.contains(value) else {
      throw damaged("\(key) is not usable (\(unit.header.text(key) ?? "missing"))")
    }
    keep(key, .integer(value))
    return value
  }

  mutating func columns(rowLength: Int) throws(FITSError) -> [TableColumn] {
    var columns: [TableColumn] = []
    for number in 1...(try whole("TFIELDS", in: 1...999)) {
      let format = unit.header.text("TFORM\(number)") ?? ""
      let name = unit.header.text("TTYPE\(number)") ?? ""
      guard let column = TableColumn(name: name, format: format, offset: columns.last?.end ?? 0) else {
        throw damaged("TFORM\(number) is not usable ('\(format)')")
      }
      columns.append(column)
      keep("TTYPE\(number)", .text(name))
      keep("TFORM\(number)", .text(format))
    }
    guard let end = columns.last?.end, end == rowLength else {
      throw damaged("columns fill \(columns.last?.end ?? 0) of the \(rowLength) bytes of a row")
    }
    return columns
  }

  mutating func bitsPerPixel() throws(FITSError) -> Int {
    let bits = try whole("ZBITPIX", in: -64...64)
    guard [8, 16, 32, 64, -32, -64].contains(bits) else { throw damaged("ZBITPIX = \(bits)") }
    return bits
  }

  /// How Rice tiles are coded, nil for gzip tiles. cfitsio's decoders of the other algorithms are known to write beyond
  /// their memory on hostile input.
  mutating func algorithm(bitsPerPixel: Int) throws(FITSError) -> RiceStreams? {
    let name = unit.header.text("ZCMPTYPE") ?? "nothing known"
    guard ["RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2"].contains(name) else {
      throw FITSError(.unsupported, file: unit.file, "compressed by \(name); RICE_1, GZIP_1 and GZIP_2 are read")
    }
    guard !unit.header.contains("ZMASKCMP") else {
      throw FITSError(.unsupported, file: unit.file, "compressed image with a compressed mask of null pixels")
    }
    keep("ZCMPTYPE", .text(name))
    var parameters = ["BLOCKSIZE": 32, "BYTEPIX": 4]
    for number in 1...9 {
      guard let parameter = unit.header.text("ZNAME\(number)") else { break }
      parameters[parameter] = try whole("ZVAL\(number)", in: -1000...1000)
      keep("ZNAME\(number)", .text(parameter))
    }
    guard name.hasPrefix("RICE") else { return nil }
    guard let block = parameters["BLOCKSIZE"], let bytes = parameters["BYTEPIX"],
      let streams = RiceStreams(blockSize: block, bytesPerPixel: bytes), bitsPerPixel <= 8 * bytes,
      bitsPerPixel > 0 || bytes == 4
    else { throw damaged("Rice with \(parameters) for ZBITPIX = \(bitsPerPixel)") }
    return streams
  }

  /// The number of tiles of the image, -1 where it is beyond counting, and the size of a whole one.
  mutating func tiles() throws(FITSError) -> (count: Int, width: Int, height: Int) {
    var count = 1
    var size: [Int] = []
    for axis in 1...(try whole("ZNAXIS", in: 2...6)) {
      let length = try whole("ZNAXIS\(axis)", in: 1...Int(Int32.max))
      // A tile is one row where nothing is said.
      let tile = try whole("ZTILE\(axis)", in: 1...Int(Int32.max), default: axis == 1 ? length : 1)
      let (product, overflow) = count.multipliedReportingOverflow(by: (length + tile - 1) / tile)
      count = overflow ? -1 : product
      size.append(min(tile, length))
    }
    return (count, size[0], size[1])
  }

  /// What turns decoded integers into physical values.
  mutating func values() throws(FITSError) {
    let methods = ["NONE", "NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"]
    if let method = unit.header.text("ZQUANTIZ") {
      guard methods.contains(method) else { throw damaged("ZQUANTIZ = '\(method)'") }
      keep("ZQUANTIZ", .text(method))
    }
    if unit.header.text("ZDITHER0") != nil { try whole("ZDITHER0", in: 1...10_000) }
    for key in ["ZBLANK", "BLANK"] where unit.header.text(key) != nil {
      try whole(key, in: Int(Int32.min)...Int(Int32.max))
    }
    for key in ["ZSCALE", "ZZERO", "BSCALE", "BZERO"] {
      guard let written = unit.header.text(key) else { continue }
      guard let value = unit.header.number(key), value != 0 || !key.hasSuffix("SCALE") else {
        throw damaged("\(key) is not usable (\(written))")
      }
      keep(key, .real(value))
    }
  }
}
