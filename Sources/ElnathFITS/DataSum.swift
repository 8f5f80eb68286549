/// The 32-bit ones' complement sum of big-endian words (FITS 4.0, appendix J), of which DATASUM is the decimal text.
struct DataSum: Equatable {
  private var total: UInt64 = 0

  /// Adds bytes; a part before the last must be a multiple of four long. The last is taken as padded with zeros.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var sum: UInt64 = 0
    let words = bytes.count / 4
    if let start = bytes.baseAddress {
      for i in 0..<words {
        sum &+= UInt64(UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
      }
    }
    var shift: UInt64 = 24
    for i in (4 * words)..<bytes.count {
      sum &+= UInt64(bytes[i]) << shift
      shift -= 8
    }
    total = Self.folded(total + Self.folded(sum))
  }

  /// Adds words that are already in the machine's byte order.
  mutating func add(words: UnsafeRawPointer, _ count: Int) {
    total = Self.folded(total + Self.folded(Self.sum(words, count)))
  }

  /// Adds words of which each half, but not the whole, is in the machine's byte order.
  mutating func add(halves: UnsafeRawPointer, _ count: Int) {
    let sum = Self.folded(Self.sum(halves, count))
    #if _endian(little)
      // The halves of all words are exchanged, which turns each, and so their sum, by 16 bits.
      total = Self.folded(total + ((sum << 16 | sum >> 16) & 0xFFFF_FFFF))
    #else
      total = Self.folded(total + sum)
    #endif
  }

  /// Adds all the values of an image of 16 bits, which are stored as `stored` says.
  mutating func add<Pixel>(halves pixels: [Pixel], stored: (Pixel) -> UInt16) {
    var (first, second) = (UInt64(0), UInt64(0))
    for i in stride(from: 0, to: pixels.count, by: 2) {
      first &+= UInt64(stored(pixels[i]))
      if i + 1 < pixels.count { second &+= UInt64(stored(pixels[i + 1])) }
    }
    total = Self.folded(total + Self.folded(Self.folded(first) << 16) + Self.folded(second))
  }

  /// Two sums of 32 bits, which the processor does four or more at a time, in the place of one of 64: that of the words
  /// without its carries, and that of their upper halves, which 65 536 words cannot overflow.
  private static func sum(_ words: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var total: UInt64 = 0
    for start in stride(from: 0, to: count, by: 1 << 16) {
      let part = (words + 4 * start).assumingMemoryBound(to: UInt32.self)
      var whole: UInt32 = 0
      var upper: UInt32 = 0
      for i in 0..<min(count - start, 1 << 16) {
        whole &+= part[i]
        upper &+= part[i] >> 16
      }
      let lower = whole &- upper << 16
      total += UInt64(upper) << 16 + UInt64(lower)
    }
    return total
  }

  var value: UInt32 { UInt32(Self.folded(total)) }

  private static func folded(_ sum: UInt64) -> UInt64 {
    var sum = sum
    while sum >> 32 != 0 { sum = (sum & 0xFFFF_FFFF) + sum >> 32 }
    return sum
  }
}

extension HeaderUnit {
  /// What DATASUM promises; nil without it.
  var promisedDataSum: UInt32? { header.text("DATASUM").flatMap { UInt32($0.trimmingBlanks()) } }

  /// Refuses data whose sum is not that of DATASUM.
  func verify(_ sum: DataSum) throws(FITSError) {
    // Ones' complement knows two zeros.
    guard let promised = promisedDataSum, sum.value % .max != promised % .max else { return }
    throw FITSError(.damaged, file: file, "data do not agree with their checksum (DATASUM = \(promised))")
  }

  /// False where CHECKSUM, the complement of the sum of the whole unit, does not agree with header and DATASUM together.
  var isUnchanged: Bool {
    guard let data = promisedDataSum, let text = header.text("CHECKSUM"), text.utf8.count == 16,
      text != String(repeating: "0", count: 16)
    else { return true }
    let sum = UInt64(headerSum.value) + UInt64(data)
    return sum % UInt64(UInt32.max) == 0
  }
}
