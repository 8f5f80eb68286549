/// A header-data unit as its header describes it: the cards, and where the data lie in the file.
struct HeaderUnit {
  static let blockLength = 2880
  /// Blocks of the longest header that is read: 36 000 cards.
  private static let mostBlocks = 1000

  let header: FITSHeader
  /// Sum of the bytes of the header.
  let headerSum: DataSum
  let file: String
  /// 0 for the primary.
  let number: Int
  /// `IMAGE`, `BINTABLE` ..., or empty for the primary.
  let kind: String
  let bitsPerPixel: Int
  let axes: [Int]
  let dataOffset: Int
  /// Without the padding to a whole block.
  let dataLength: Int
  /// Where the next unit starts.
  let end: Int

  /// The unit at `offset`; nil where the file has no further one: it ends there, or something else follows.
  init?(at offset: Int, number: Int = 0, in file: FileBytes) throws(FITSError) {
    guard let (cards, dataOffset, sum) = try Self.readCards(at: offset, in: file) else { return nil }
    header = FITSHeader(cards: cards)
    headerSum = sum
    self.number = number
    self.file = file.path
    self.dataOffset = dataOffset
    kind = offset == 0 ? "" : header.text("XTENSION") ?? ""
    if offset == 0, header.logical("SIMPLE") != true {
      throw FITSError(
        .unsupported, file: file.path, "does not claim to follow the standard (SIMPLE = \(header.text("SIMPLE") ?? ""))"
      )
    }
    let header = header
    func whole(_ key: String, default fallback: Int?, in range: ClosedRange<Int>) throws(FITSError) -> Int {
      if let fallback, !header.contains(key) { return fallback }
      guard let value = header.integer(key), range.contains(value) else {
        throw FITSError(.damaged, file: file.path, "\(key) is not usable (\(header.text(key) ?? "missing"))")
      }
      return value
    }
    bitsPerPixel = try whole("BITPIX", default: nil, in: -64...64)
    guard [8, 16, 32, 64, -32, -64].contains(bitsPerPixel) else {
      throw FITSError(.damaged, file: file.path, "BITPIX is not usable (\(bitsPerPixel))")
    }
    var axes: [Int] = []
    let axisCount = try whole("NAXIS", default: nil, in: 0...999)
    for axis in 0..<axisCount { axes.append(try whole("NAXIS\(axis + 1)", default: nil, in: 0...Int.max)) }
    self.axes = axes
    let parameters = try whole("PCOUNT", default: 0, in: 0...Int.max)
    let groups = try whole("GCOUNT", default: 1, in: 0...Int.max)
    // Random groups say so by a first axis of zero.
    let lengths = axes.first == 0 && header.logical("GROUPS") == true ? axes.dropFirst() : axes[...]
    var length = axes.isEmpty ? 0 : 1
    var overflows = false
    func multiply(_ factor: Int) {
      let (product, overflow) = length.multipliedReportingOverflow(by: factor)
      length = product
      overflows = overflows || overflow
    }
    for axis in lengths { multiply(axis) }
    if !axes.isEmpty {
      let (sum, overflow) = length.addingReportingOverflow(parameters)
      length = sum
      overflows = overflows || overflow
    }
    multiply(groups)
    multiply(abs(bitsPerPixel) / 8)
    // Room for the padding and for adding to a place in the file.
    guard !overflows, length < Int.max / 4 else {
      throw FITSError(
        .damaged, file: file.path, "absurd size (\(axes.map(String.init).joined(separator: " x ")) values)")
    }
    dataLength = length
    end = dataOffset + (length + Self.blockLength - 1) / Self.blockLength * Self.blockLength
  }

  /// The cards of the header that starts at `offset`, the place behind its last block, and the sum of its bytes.
  private static func readCards(
    at offset: Int, in file: FileBytes
  ) throws(FITSError) -> ([HeaderCard], Int, DataSum)? {
    var cards: [HeaderCard] = []
    var sum = DataSum()
    var block = [UInt8](repeating: 0, count: blockLength)
    for index in 0..<mostBlocks {
      let place = offset + index * blockLength
      let (got, failure) = block.withUnsafeMutableBytes { buffer -> (Int, FITSError?) in
        do throws(FITSError) { return (try file.read(into: buffer, at: place), nil) } catch { return (0, error) }
      }
      if let failure { throw failure }
      if index == 0 {
        if offset > 0 {
          guard got >= HeaderCard.recordLength, block.starts(with: Array("XTENSION".utf8)) else { return nil }
        } else {
          try requireFITS(block[..<got], file)
        }
      }
      block.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
      for start in stride(from: 0, to: got - got % HeaderCard.recordLength, by: HeaderCard.recordLength) {
        let record = block[start..<(start + HeaderCard.recordLength)]
        if record.starts(with: endRecord) { return (cards, place + blockLength, sum) }
        if record.starts(with: continueRecord), let longer = cards.last?.continued(by: record) {
          cards[cards.count - 1] = longer
        } else {
          cards.append(HeaderCard(record: record))
        }
      }
      if got < blockLength || block.contains(UInt8(ascii: "\n")) {
        if block.contains(UInt8(ascii: "\n")) {
          throw FITSError(.notFITS, file: file.path, "header holds line ends: a text file, or one transferred as text")
        }
        throw FITSError(
          .truncated, file: file.path, "truncated: the header has no END within the file (\(place + got) bytes)")
      }
    }
    throw FITSError(.damaged, file: file.path, "header has no END within \(mostBlocks * blockLength) bytes")
  }

  private static let endRecord = Array("END     ".utf8)
  private static let continueRecord = Array("CONTINUE".utf8)

  private static func requireFITS(_ start: ArraySlice<UInt8>, _ file: FileBytes) throws(FITSError) {
    if start.starts(with: Array("SIMPLE".utf8)) { return }
    let packers: [(magic: [UInt8], name: String)] = [
      ([0x1F, 0x9D], "compress (.Z)"), (Array("BZh".utf8), "bzip2"), (Array("PK\u{3}\u{4}".utf8), "zip"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    ]
    for packer in packers where start.starts(with: packer.magic) {
      throw FITSError(.unsupported, file: file.path, "packed by \(packer.name); unpack it first (gzip is read)")
    }
    guard !start.isEmpty else { throw FITSError(.empty, file: file.path, "empty file (0 bytes inflated)") }
    throw FITSError(.notFITS, file: file.path, "not a FITS file (starts with '\(excerpt(start))')")
  }

  /// The first printable characters; anything else as `\x89`.
  private static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: ">") }
    return line.prefix(20).map { byte in
      if byte >= 0x20 && byte < 0x7F { return String(Unicode.Scalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}
