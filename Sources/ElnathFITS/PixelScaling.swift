/// From stored to physical values: BZERO + BSCALE x stored (FITS 4.0, 4.4.2.5).
struct PixelScaling {
  let zero: Double
  let scale: Double
  /// The stored integer that means "no value".
  let blank: Int?

  /// `blankKey` names the keyword of `blank`, which only integers have.
  init(_ unit: HeaderUnit, bitsPerPixel: Int, blankKey: String = "BLANK") throws(FITSError) {
    let header = unit.header
    func real(_ key: String, default fallback: Double) throws(FITSError) -> Double {
      guard let written = header.text(key) else { return fallback }
      guard let value = header.number(key) else {
        throw FITSError(.damaged, file: unit.file, "\(key) is not a number ('\(written)')")
      }
      return value
    }
    zero = try real("BZERO", default: 0)
    scale = try real("BSCALE", default: 1)
    guard scale != 0 else { throw FITSError(.damaged, file: unit.file, "BSCALE is zero") }
    guard bitsPerPixel > 0, let written = header.text(blankKey) else {
      blank = nil
      return
    }
    guard let value = header.integer(blankKey) else {
      throw FITSError(.damaged, file: unit.file, "\(blankKey) is not a whole number ('\(written)')")
    }
    blank = value
  }

  var isIdentity: Bool { scale == 1 && zero == 0 }

  /// Converts `count` integers of 1 (unsigned), 2 or 4 bytes in the machine's byte order; `blank` becomes NaN.
  func convert(
    _ stored: UnsafeRawPointer, ofBytes length: Int, _ count: Int, into pixels: UnsafeMutablePointer<Float>
  ) {
    switch length {
    case 1: convert(stored.assumingMemoryBound(to: UInt8.self), count, into: pixels)
    case 2: convert(stored.assumingMemoryBound(to: Int16.self), count, into: pixels)
    default: convert(stored.assumingMemoryBound(to: Int32.self), count, into: pixels)
    }
  }

  /// Integers of up to 16 bits with a whole BZERO, which all cameras write, are exact in single precision.
  private func convert<Stored: FixedWidthInteger>(
    _ stored: UnsafePointer<Stored>, _ count: Int, into pixels: UnsafeMutablePointer<Float>
  ) {
    let blank = blank.flatMap { Stored(exactly: $0) }
    if Stored.bitWidth <= 16, scale == 1, zero == zero.rounded(), abs(zero) < 4_194_304 {
      let zero = Float(zero)
      if let blank {
        for i in 0..<count { pixels[i] = stored[i] == blank ? .nan : Float(stored[i]) + zero }
      } else {
        for i in 0..<count { pixels[i] = Float(stored[i]) + zero }
      }
    } else {
      let (zero, scale) = (zero, scale)
      for i in 0..<count { pixels[i] = stored[i] == blank ? .nan : Float(Double(stored[i]) * scale + zero) }
    }
  }
}
