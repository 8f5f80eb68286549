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

  var value: UInt32 { UInt32(Self.folded(total)) }

  private static func folded(_ sum: UInt64) -> UInt64 {
    var sum = sum
    while sum >> 32 != 0 { sum = (sum & 0xFFFF_FFFF) + sum >> 32 }
    return sum
  }
}
