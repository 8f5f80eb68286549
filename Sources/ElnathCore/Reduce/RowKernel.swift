/// Electrons and mask of some pixels of a row that is not asked for variances, in one pass over its planes: eight pixels at
/// a time, written out, for rows too short to be worth a loop for each step. The same bits as `RowReduction` gives.
struct RowKernel {
  /// All of one length, a value for each pixel.
  let adu: UnsafeBufferPointer<Float>
  let electrons: UnsafeMutableBufferPointer<Float>
  let inverseFlat: UnsafeMutableBufferPointer<Float>
  let mask: UnsafeMutableBufferPointer<PixelMask>

  /// Writes electrons, 1/flat and mask; only as long as `hasFiniteVariances`. False where a pixel holds more than
  /// `RowReduction.brightest` or less than its negative.
  func reduce(_ y: Int, columns: Range<Int>, by row: RowReduction, _ planes: StarBoxes.Planes) -> Bool {
    precondition(
      adu.count == columns.count && electrons.count == adu.count && inverseFlat.count == adu.count
        && mask.count == adu.count, "rows must have one length")
    precondition(columns.lowerBound >= 0 && columns.upperBound <= row.trim.width && y >= 0 && y < row.trim.height)
    var isUsual = true
    for k in row.outputs.indices {
      let area = row.outputs[k].area
      guard area.y <= y && y < area.y + area.height else { continue }
      let part = columns.clamped(to: area.x..<(area.x + area.width))
      if part.isEmpty { continue }
      let terms = Terms(
        bias: planes.bias.row(y), dark: planes.dark.row(y), inverse: planes.inverse.row(y), scale: row.darkScale,
        gain: row.outputs[k].gain, limit: row.limits.limit)
      if let level = row.outputs[k].level, !level.alongRows {
        let first = row.trim.x
        level.values.withUnsafeBufferPointer { values in
          precondition(first + part.upperBound <= values.count, "a level for each column")
          let values = values.baseAddress! + first
          let ordinary = run(part, from: columns.lowerBound, terms) {
            Self.load(values + $0)
          } one: {
            values[$0]
          }
          isUsual = ordinary && isUsual
        }
      } else {
        let level = row.outputs[k].level?.values[y + row.trim.y] ?? row.outputs[k].constantLevel
        let ordinary = run(part, from: columns.lowerBound, terms) { _ in
          SIMD8(repeating: level)
        } one: { _ in
          level
        }
        isUsual = ordinary && isUsual
      }
    }
    if let marks = planes.marks {
      let first = y * row.trim.width + columns.lowerBound
      _ = mask.update(fromContentsOf: marks[first..<(first + columns.count)])
    } else {
      mask.update(repeating: [])
    }
    return isUsual || markFaults(row.limits)
  }

  /// What the electrons of a row come from, by column of the trimmed frame.
  private struct Terms {
    let bias: UnsafePointer<Float>
    let dark: UnsafePointer<Float>
    let inverse: UnsafePointer<Float>
    let scale: Float
    let gain: Float
    /// ADU from which a pixel is not ordinary.
    let limit: Float
  }

  /// True where all pixels are ordinary: below the limit, finite, and not too bright.
  @inline(__always)
  private func run(
    _ columns: Range<Int>, from origin: Int, _ terms: Terms, level: (Int) -> SIMD8<Float>, one: (Int) -> Float
  ) -> Bool {
    let (a, e, q) = (adu.baseAddress! - origin, electrons.baseAddress! - origin, inverseFlat.baseAddress! - origin)
    let scale = SIMD8<Float>(repeating: terms.scale)
    let gain = SIMD8<Float>(repeating: terms.gain)
    let limit = SIMD8<Float>(repeating: terms.limit)
    let brightest = Int32(bitPattern: RowReduction.brightest.bitPattern)
    var x = columns.lowerBound
    guard columns.count >= 8 else {
      var fault = false
      while x < columns.upperBound {
        let inverse = terms.inverse[x]
        let value = RowReduction.flat(
          RowReduction.above(a[x], one(x), terms.bias[x]), terms.dark[x], terms.scale, terms.gain, inverse)
        e[x] = value
        q[x] = inverse
        fault = fault || a[x] >= terms.limit || Int32(bitPattern: value.bitPattern & 0x7FFF_FFFF) >= brightest
        x += 1
      }
      return !fault
    }
    let bright = SIMD8<Int32>(repeating: brightest - 1)
    let positive = SIMD8<Int32>(repeating: 0x7FFF_FFFF)
    // Where a raw value is NaN so is what comes of it, and the bits of NaN are above those of any number.
    var highest = SIMD8<Float>(repeating: -.infinity)
    var largest = SIMD8<Int32>.zero
    while true {
      let raw = Self.load(a + x)
      let inverse = Self.load(terms.inverse + x)
      let above = raw - level(x) - Self.load(terms.bias + x)
      let value = (above - scale * Self.load(terms.dark + x)) * gain * inverse
      Self.store(value, e + x)
      Self.store(inverse, q + x)
      let size = unsafeBitCast(value, to: SIMD8<Int32>.self) & positive
      highest.replace(with: raw, where: raw .> highest)
      largest.replace(with: size, where: size .> largest)
      if x + 8 == columns.upperBound { break }
      // The last eight once more where they are no whole eight.
      x = min(x + 8, columns.upperBound - 8)
    }
    return all(highest .< limit) && !any(largest .> bright)
  }

  @inline(__always)
  private static func load(_ place: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD8<Float>, _ place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: value, as: SIMD8<Float>.self)
  }

  /// False where a pixel is too bright.
  private func markFaults(_ limits: PixelMarks) -> Bool {
    for x in 0..<mask.count {
      if adu[x] >= limits.saturation { mask[x].insert(.saturated) }
      if adu[x] >= limits.linearLimit { mask[x].insert(.nonlinear) }
      if !electrons[x].isFinite {
        mask[x].insert(.noData)
        electrons[x] = .nan
      } else if abs(electrons[x]) >= RowReduction.brightest {
        return false
      }
    }
    return true
  }
}
