/// Sorts many short columns at once: Batcher's merge exchange (Knuth, TAOCP 3, 5.2.2 M) for any number of rows, each
/// comparison made on whole rows, so that it runs one column per vector lane.
public struct SortingNetwork: Sendable {
  public let count: Int
  private let pairs: [(low: Int, high: Int)]

  public init(count: Int) {
    precondition(count > 0, "nothing to sort")
    self.count = count
    var pairs: [(Int, Int)] = []
    var t = 0
    while (1 << t) < count { t += 1 }
    var p = t > 0 ? 1 << (t - 1) : 0
    while p > 0 {
      var q = 1 << (t - 1)
      var r = 0
      var d = p
      while true {
        for i in 0..<max(0, count - d) where i & p == r { pairs.append((i, i + d)) }
        if q == p { break }
        d = q - p
        q >>= 1
        r = p
      }
      p >>= 1
    }
    self.pairs = pairs
  }

  /// `rows` holds `count` rows of `width` values; afterwards every column ascends. No value may be NaN.
  public func sort(_ rows: inout [Float], width: Int) {
    precondition(rows.count >= count * width, "every row must be full")
    rows.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { sort(base, width: width) }
    }
  }

  /// The same for rows in memory that holds them all.
  func sort(_ rows: UnsafeMutablePointer<Float>, width: Int) {
    for (low, high) in pairs {
      Self.order(
        UnsafeMutableBufferPointer(start: rows + low * width, count: width),
        UnsafeMutableBufferPointer(start: rows + high * width, count: width))
    }
  }

  /// The same for 16-bit integers.
  func sort(_ rows: UnsafeMutablePointer<Int16>, width: Int) {
    for (low, high) in pairs {
      Self.order(
        UnsafeMutableBufferPointer(start: rows + low * width, count: width),
        UnsafeMutableBufferPointer(start: rows + high * width, count: width))
    }
  }

  @inline(__always)
  private static func order(_ a: UnsafeMutableBufferPointer<Int16>, _ b: UnsafeMutableBufferPointer<Int16>) {
    for i in 0..<a.count {
      let x = a[i]
      let y = b[i]
      let keep: Int16 = x < y ? ~0 : 0
      a[i] = (x & keep) | (y & ~keep)
      b[i] = (y & keep) | (x & ~keep)
    }
  }

  /// Bit masks instead of a conditional: a conditional store would not vectorise.
  @inline(__always)
  private static func order(_ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeMutableBufferPointer<Float>) {
    for i in 0..<a.count {
      let u = a[i]
      let v = b[i]
      let keep: UInt32 = u < v ? ~0 : 0
      let x = u.bitPattern
      let y = v.bitPattern
      a[i] = Float(bitPattern: (x & keep) | (y & ~keep))
      b[i] = Float(bitPattern: (y & keep) | (x & ~keep))
    }
  }
}
