import CCFITSIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file being written by cfitsio. After its first failure nothing more is done; `close` tells of it.
struct FITSOutput: ~Copyable {
  private let path: String
  private(set) var fits: UnsafeMutablePointer<fitsfile>?
  private var status: Int32 = 0
  /// The system's error number at the first failure; 0 where it was not the system's.
  private var systemFailure: Int32 = 0

  /// `temporary`, where nothing may be yet, is what is written; errors name `path`.
  init(temporary: String, path: String) {
    self.path = path
    var fits: UnsafeMutablePointer<fitsfile>?
    // Literally: no brackets, prefixes or endings in which cfitsio otherwise sees commands.
    run { ffdkinit(&fits, temporary, &$0) }
    self.fits = fits
  }

  deinit {
    var status: Int32 = 0
    if fits != nil { ffclos(fits, &status) }
  }

  /// Runs calls of cfitsio, which do nothing where the status is an error already.
  mutating func run(_ calls: (inout Int32) -> Void) {
    guard status == 0 else { return }
    errno = 0
    calls(&status)
    noteSystemFailure()
  }

  private mutating func noteSystemFailure() {
    // Anything else leaves a number of long ago.
    if [FILE_NOT_CREATED, WRITE_ERROR, READ_ERROR, SEEK_ERROR, FILE_NOT_CLOSED].contains(status) {
      systemFailure = errno
    }
  }

  private static let noChecksum = String(repeating: "0", count: 16)

  /// Adds a unit: the first is the primary.
  mutating func append(_ hdu: FITSHDU) {
    let fits = fits
    run { status in
      var axes = [LONGLONG(hdu.width), LONGLONG(hdu.height)]
      ffcrimll(fits, hdu.pixels.imageType, 2, &axes, &status)
      // Two lines that say what FITS is, at the head of a primary: they would add up when headers are passed on.
      Self.removeComments(fits, status)
      if !hdu.name.isEmpty { Self.write(HeaderCard("EXTNAME", .text(hdu.name)), to: fits, &status) }
      for card in hdu.cards where !StructuralKeyword.describesData(card.key) {
        Self.write(card, to: fits, &status)
      }
      Self.reserveSums(fits, &status)
      hdu.pixels.write(to: fits, &status)
      Self.writeSums(fits, data: hdu.pixels.dataSum, &status)
    }
  }

  static func removeComments(_ fits: UnsafeMutablePointer<fitsfile>?, _ status: Int32) {
    var missing = status
    while missing == 0 { ffdkey(fits, "COMMENT", &missing) }
  }

  /// Holds the place of the sums: a record that comes after the data may have to move them.
  static func reserveSums(_ fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) {
    ffpkys(fits, "CHECKSUM", noChecksum, nil, &status)
    ffpkys(fits, "DATASUM", "", nil, &status)
  }

  static func writeSums(_ fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) {
    var (dataSum, unitSum) = (UInt(0), UInt(0))
    ffgcks(fits, &dataSum, &unitSum, &status)
    // Not by ffpcks, which writes the time of day beside it: equal input gives equal bytes.
    ffmkys(fits, "DATASUM", "\(dataSum)", nil, &status)
    // With DATASUM in its place, and sixteen zeros for itself (FITS 4.0, appendix J).
    ffgcks(fits, &dataSum, &unitSum, &status)
    var text = [CChar](repeating: 0, count: 17)
    ffesum(unitSum, 1, &text)
    ffmkys(fits, "CHECKSUM", text, nil, &status)
  }

  /// The same where the sum of the data is known: cfitsio would read them back from the file, twice.
  private static func writeSums(_ fits: UnsafeMutablePointer<fitsfile>?, data: DataSum, _ status: inout Int32) {
    ffmkys(fits, "DATASUM", "\(data.value)", nil, &status)
    guard let header = header(of: fits, &status) else { return }
    var sum = data
    header.withUnsafeBytes { sum.add($0) }
    var text = [CChar](repeating: 0, count: 17)
    ffesum(UInt(sum.value), 1, &text)
    ffmkys(fits, "CHECKSUM", text, nil, &status)
  }

  /// The records of the header of this unit and the blanks behind them; nil after a failure.
  private static func header(of fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) -> [UInt8]? {
    var (start, data, end) = (LONGLONG(0), LONGLONG(0), LONGLONG(0))
    ffghadll(fits, &start, &data, &end, &status)
    var text: UnsafeMutablePointer<CChar>?
    var count: Int32 = 0
    ffhdr2str(fits, 0, nil, 0, &text, &count, &status)
    defer { if let text { fffree(text, &status) } }
    guard status == 0, let text else { return nil }
    let records = UnsafeRawBufferPointer(start: text, count: strlen(text))
    precondition(records.count <= Int(data - start), "the header lies before its data")
    return Array(records) + [UInt8](repeating: UInt8(ascii: " "), count: Int(data - start) - records.count)
  }

  static func write(_ card: HeaderCard, to fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) {
    let bytes = HeaderRecords.records(card)
    for start in stride(from: 0, to: bytes.count, by: HeaderCard.recordLength) {
      let record = bytes[start..<(start + HeaderCard.recordLength)].map { CChar(bitPattern: $0) } + [0]
      ffprec(fits, record, &status)
    }
  }

  /// Closes the file; throws what went wrong since it was begun.
  consuming func close() throws(FITSError) {
    let fits = fits
    self.fits = nil
    // Also after a failure, which must not hide another.
    var closing = status
    errno = 0
    if fits != nil { ffclos(fits, &closing) }
    if status == 0 {
      status = closing
      noteSystemFailure()
    }
    guard status != 0 else { return }
    guard systemFailure == 0 else { throw .writing(path, systemFailure) }
    throw FITSError(.writeFailed, file: path, "cannot be written (\(FITSLibrary.message(status)))", status: status)
  }
}

extension FITSPixels {
  /// As cfitsio calls it: BITPIX, but for unsigned integers.
  fileprivate var imageType: Int32 {
    switch self {
    case .float: FLOAT_IMG
    case .uint16: USHORT_IMG
    case .int16: SHORT_IMG
    case .uint8: BYTE_IMG
    }
  }

  fileprivate func write(to fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) {
    switch self {
    case .float(let pixels): Self.write(pixels, to: fits, &status)
    case .uint16(let pixels): Self.write(pixels, TUSHORT, to: fits, &status)
    case .int16(let pixels): Self.write(pixels, TSHORT, to: fits, &status)
    case .uint8(let pixels): Self.write(pixels, TBYTE, to: fits, &status)
    }
  }

  /// Of the bytes as they stand in the file; the zeros behind them add nothing.
  fileprivate var dataSum: DataSum {
    var sum = DataSum()
    switch self {
    case .float(let pixels):
      pixels.withUnsafeBytes { bytes in if let base = bytes.baseAddress { sum.add(words: base, pixels.count) } }
    case .uint16(let pixels): sum.add(halves: pixels) { UInt16(truncatingIfNeeded: Int($0) - 32768) }
    case .int16(let pixels): sum.add(halves: pixels) { UInt16(bitPattern: $0) }
    case .uint8(let pixels): pixels.withUnsafeBytes { sum.add($0) }
    }
    return sum
  }

  /// Reals as they stand in the file, in large pieces: cfitsio would hand them to the system by four kilobytes.
  private static func write(_ pixels: [Float], to fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32) {
    let piece = 1 << 18
    let stored = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: min(piece, pixels.count))
    defer { stored.deallocate() }
    for start in stride(from: 0, to: pixels.count, by: piece) {
      let part = pixels.span.extracting(start..<min(start + piece, pixels.count))
      for i in 0..<part.count { stored[i] = part[i].bitPattern.bigEndian }
      ffpextn(fits, LONGLONG(4 * start), LONGLONG(4 * part.count), stored.baseAddress, &status)
    }
  }

  private static func write<Pixel>(
    _ pixels: [Pixel], _ type: Int32, to fits: UnsafeMutablePointer<fitsfile>?, _ status: inout Int32
  ) {
    guard !pixels.isEmpty else { return }
    pixels.withUnsafeBytes { bytes in
      // Only read, though cfitsio does not say so.
      let values = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
      ffppr(fits, type, 1, LONGLONG(pixels.count), values, &status)
    }
  }
}
