#if canImport(Glibc)
  import Glibc
#endif

/// XXH64 of bytes that arrive in pieces: 64 bits that tell whether a file has changed, at some gigabytes a second.
/// No protection against forgery. (Y. Collet, xxHash specification, "XXH64 algorithm"; the tool `xxhsum -H1` gives the
/// same.)
public struct ContentHash: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lane1 = prime1 &+ prime2
  private var lane2 = prime2
  private var lane3: UInt64 = 0
  private var lane4: UInt64 = 0 &- prime1
  private var total: UInt64 = 0
  /// Fewer bytes than a stripe of 32 that wait for the next piece.
  private var waiting: [UInt8] = []

  public init() {}

  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    total &+= UInt64(bytes.count)
    var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
    if !waiting.isEmpty {
      let taken = min(32 - waiting.count, rest.count)
      waiting.append(contentsOf: rest[..<taken])
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard waiting.count == 32 else { return }
      let stripe = waiting
      stripe.withUnsafeBytes { addStripes($0) }
      waiting.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / 32 * 32
    addStripes(UnsafeRawBufferPointer(rebasing: rest[..<whole]))
    waiting.append(contentsOf: rest[whole...])
  }

  /// A line of text.
  mutating func add(line text: String) {
    var line = Array((text + "\n").utf8)
    line.withUnsafeMutableBytes { add(UnsafeRawBufferPointer($0)) }
  }

  private mutating func addStripes(_ bytes: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (lane1, lane2, lane3, lane4)
    for place in stride(from: 0, to: bytes.count, by: 32) {
      a = Self.round(a, Self.word(bytes, place))
      b = Self.round(b, Self.word(bytes, place + 8))
      c = Self.round(c, Self.word(bytes, place + 16))
      d = Self.round(d, Self.word(bytes, place + 24))
    }
    (lane1, lane2, lane3, lane4) = (a, b, c, d)
  }

  /// The hash of all bytes so far.
  public var value: UInt64 {
    var hash = Self.prime5
    if total >= 32 {
      hash = Self.turned(lane1, 1) &+ Self.turned(lane2, 7) &+ Self.turned(lane3, 12) &+ Self.turned(lane4, 18)
      for lane in [lane1, lane2, lane3, lane4] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    }
    hash &+= total
    waiting.withUnsafeBytes { bytes in
      var place = 0
      while place + 8 <= bytes.count {
        hash = Self.turned(hash ^ Self.round(0, Self.word(bytes, place)), 27) &* Self.prime1 &+ Self.prime4
        place += 8
      }
      if place + 4 <= bytes.count {
        let half = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        hash = Self.turned(hash ^ (half &* Self.prime1), 23) &* Self.prime2 &+ Self.prime3
        place += 4
      }
      for byte in bytes[place...] {
        hash = Self.turned(hash ^ (UInt64(byte) &* Self.prime5), 11) &* Self.prime1
      }
    }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  /// `value` in 16 hexadecimal digits.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  private static func turned(_ value: UInt64, _ bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }

  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    turned(lane &+ word &* prime2, 31) &* prime1
  }
}

extension ContentHash {
  /// The hash of a regular file, read in pieces.
  public init(path: String) throws(PipelineError) {
    let descriptor = try FileBytes.open(path)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let got = read(descriptor, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileFault.reading(path) }
      if got == 0 { return }
      buffer.withUnsafeBytes { add(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
    }
  }
}
