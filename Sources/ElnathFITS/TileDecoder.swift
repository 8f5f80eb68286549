/// Decodes the tiles of a compressed image, all by cfitsio.
///
/// Integers in Rice tiles, the usual form of compressed camera frames, are decoded tile by tile where they lie: so a
/// broken stream is noticed without harm, and each is decoded once. Of everything else each stream is checked first;
/// then cfitsio reads the image as a whole, and undoes quantisation and dithering.
struct TileDecoder {
  private let tiles: TileCompression

  init(_ tiles: TileCompression) {
    self.tiles = tiles
  }

  /// The pixels in physical values, NaN where there are none.
  func decode(from file: FileBytes) throws(FITSError) -> [Float] {
    let length = tiles.unit.dataLength
    try file.requireData(length, at: tiles.unit.dataOffset)
    let memory = MemoryFile(cards: tiles.cards, isExtension: true, dataLength: length)
    let got = try file.read(into: memory.data, at: tiles.unit.dataOffset)
    guard got == length else { throw .truncatedData(file.path, promised: length, found: got) }
    let table = UnsafeRawBufferPointer(memory.data)
    try verifyChecksum(table)
    if let rice = tiles.rice, tiles.bitsPerPixel > 0, tiles.columns.map(\.name) == ["COMPRESSED_DATA"] {
      return try decodeIntegers(table, rice)
    }
    try checkStreams(table)
    return try decodeByLibrary(memory)
  }

  private func verifyChecksum(_ table: UnsafeRawBufferPointer) throws(FITSError) {
    guard tiles.unit.promisedDataSum != nil else { return }
    var sum = DataSum()
    sum.add(table)
    try tiles.unit.verify(sum)
  }

  private func decodeIntegers(_ table: UnsafeRawBufferPointer, _ rice: RiceStreams) throws(FITSError) -> [Float] {
    let blankKey = tiles.unit.header.contains("ZBLANK") ? "ZBLANK" : "BLANK"
    let scaling = try PixelScaling(tiles.unit, bitsPerPixel: tiles.bitsPerPixel, blankKey: blankKey)
    let count = tiles.width * tiles.height
    var failure: FITSError?
    let pixels = [Float](unsafeUninitializedCapacity: count) { pixels, initialized in
      adviseLargePages(pixels)
      let stored = scratch()
      defer { stored.deallocate() }
      do throws(FITSError) {
        for row in 0..<tiles.rows {
          let tile = tiles.rectangle(ofTile: row)
          guard let stream = try stream(row, tiles.columns[0], in: table),
            rice.decode(stream, tile.width * tile.height, into: stored)
          else { throw tiles.damaged(tile: row) }
          for y in 0..<tile.height {
            let out = pixels.baseAddress! + (tile.y + y) * tiles.width + tile.x
            let line = stored + y * tile.width * rice.bytesPerPixel
            scaling.convert(line, ofBytes: rice.bytesPerPixel, tile.width, into: out)
          }
        }
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return pixels
  }

  /// Memory for the integers of the largest tile.
  private func scratch() -> UnsafeMutableRawPointer {
    .allocate(byteCount: tiles.tileWidth * tiles.tileHeight * MemoryLayout<Int32>.size, alignment: 16)
  }

  /// The compressed bytes that a row points to; nil when it points to none.
  private func stream(
    _ row: Int, _ column: TableColumn, in table: UnsafeRawBufferPointer
  ) throws(FITSError) -> UnsafeRawBufferPointer? {
    guard let pointer = column.pointer else { return nil }
    let (count, place) = pointer.read(from: table, at: row * tiles.rowLength + column.offset)
    guard count >= 0, place >= 0, count <= table.count, place <= table.count,
      tiles.heapOffset + place + count * pointer.elementLength <= table.count
    else { throw tiles.damaged(tile: row) }
    guard count > 0 else { return nil }
    let start = tiles.heapOffset + place
    return UnsafeRawBufferPointer(rebasing: table[start..<(start + count * pointer.elementLength)])
  }

  /// Every tile has a stream and every stream can be decoded: cfitsio 4.2 reads beyond the end of a broken Rice stream,
  /// asks for memory without end for a broken gzip stream, and looks for a tile without a stream in a column that is not
  /// there.
  private func checkStreams(_ table: UnsafeRawBufferPointer) throws(FITSError) {
    let stored = scratch()
    defer { stored.deallocate() }
    for row in 0..<tiles.rows {
      let tile = tiles.rectangle(ofTile: row)
      let count = tile.width * tile.height
      var streams = 0
      for column in tiles.columns {
        guard let stream = try stream(row, column, in: table) else { continue }
        let isSound =
          switch (column.name, tiles.rice) {
          case ("COMPRESSED_DATA", let rice?): rice.decode(stream, count, into: stored)
          case ("COMPRESSED_DATA", nil), ("GZIP_COMPRESSED_DATA", _):
            GzipInflater.canInflate(stream, toAtMost: 8 * count)
          default: false
          }
        guard isSound else { throw tiles.damaged(tile: row) }
        streams += 1
      }
      guard streams == 1 else { throw tiles.damaged(tile: row) }
    }
  }

  private func decodeByLibrary(_ memory: MemoryFile) throws(FITSError) -> [Float] {
    var status: Int32 = 0
    let count = tiles.width * tiles.height
    let pixels = [Float](unsafeUninitializedCapacity: count) { pixels, initialized in
      adviseLargePages(pixels)
      status = memory.readPixels(into: UnsafeMutableBufferPointer(rebasing: pixels[..<count]), missing: .nan)
      initialized = status == 0 ? count : 0
    }
    guard status == 0 else {
      throw FITSError(
        .damaged, file: tiles.unit.file, "compressed image cannot be decoded (\(FITSLibrary.message(status)))",
        status: status)
    }
    return pixels
  }
}

extension TileCompression {
  /// Where the tile of a row lies in the image; tiles at the far edges may be smaller.
  fileprivate func rectangle(ofTile row: Int) -> (x: Int, y: Int, width: Int, height: Int) {
    let across = (width + tileWidth - 1) / tileWidth
    let x = row % across * tileWidth
    let y = row / across * tileHeight
    return (x, y, min(tileWidth, width - x), min(tileHeight, height - y))
  }

  fileprivate func damaged(tile row: Int) -> FITSError {
    FITSError(.damaged, file: unit.file, "compressed image: tile \(row + 1) of \(rows) is damaged")
  }
}
