/// The arithmetic of the reduction on pixels of one row; all spans have one length.
struct RowReduction {
  let gain: Float
  let constantVariance: Float
  let saturation: Float
  let level: Overscan.Level?
  let constantLevel: Float
  let trim: PixelRectangle
  let bias: Master?
  let dark: (master: Master, scale: Double)?
  let flat: FlatField?
  /// What the masters and the user know of bad pixels.
  let marks: Marks?

  typealias Marks = (PixelGrid<PixelMask>, PixelGrid<PixelMask>, PixelGrid<PixelMask>, PixelGrid<PixelMask>)

  /// Writes every pixel of `electrons`, `variance` and `mask`, which stand for `columns` of row `y` of the trimmed frame.
  func callAsFunction(
    _ y: Int, columns: Range<Int>, adu: Span<Float>, electrons: inout MutableSpan<Float>,
    variance: inout MutableSpan<Float>, mask: inout MutableSpan<PixelMask>
  ) {
    let row = (y * trim.width + columns.lowerBound)..<(y * trim.width + columns.upperBound)
    if let level, !level.alongRows {
      let raw = (trim.x + columns.lowerBound)..<(trim.x + columns.upperBound)
      Self.subtract(level.values.span.extracting(raw), from: adu, into: &electrons)
    } else {
      Self.subtract(level?.values[y + trim.y] ?? constantLevel, from: adu, into: &electrons)
    }
    if let bias, let dark {
      Self.subtract(
        bias.image.pixels.span.extracting(row), and: dark.master.image.pixels.span.extracting(row),
        scale: Float(dark.scale), from: &electrons)
    } else if let bias {
      Self.subtract(bias.image.pixels.span.extracting(row), scale: 1, from: &electrons)
    } else if let dark {
      Self.subtract(dark.master.image.pixels.span.extracting(row), scale: Float(dark.scale), from: &electrons)
    }
    if let flat {
      Self.flatten(
        &electrons, variance: &variance, gain: gain, constantVariance: constantVariance,
        inverse: flat.inverse.pixels.span.extracting(row),
        relativeVariance: flat.relativeVariance.pixels.span.extracting(row))
    } else {
      Self.scale(&electrons, variance: &variance, gain: gain, constantVariance: constantVariance)
    }
    Self.mark(saturatedFrom: saturation, in: adu, missingIn: electrons.span, mask: &mask)
    if let marks {
      Self.mark(
        marks.0.pixels.span.extracting(row), marks.1.pixels.span.extracting(row), marks.2.pixels.span.extracting(row),
        marks.3.pixels.span.extracting(row), in: &mask)
    }
  }

  /// Four for one loop over all of them, the first again where there are fewer; nil for none.
  static func marks(_ known: [PixelGrid<PixelMask>]) -> Marks? {
    precondition(known.count <= 4, "bias, dark, flat and the user know bad pixels")
    guard let first = known.first else { return nil }
    return (first, known.count > 1 ? known[1] : first, known.count > 2 ? known[2] : first, known.last ?? first)
  }

  private static func subtract(_ level: Float, from adu: Span<Float>, into e: inout MutableSpan<Float>) {
    precondition(adu.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = adu[x] - level }
  }

  private static func subtract(_ values: Span<Float>, scale: Float, from e: inout MutableSpan<Float>) {
    precondition(values.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] -= scale * values[x] }
  }

  private static func subtract(
    _ values: Span<Float>, and others: Span<Float>, scale: Float, from e: inout MutableSpan<Float>
  ) {
    precondition(values.count == e.count && others.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = e[x] - values[x] - scale * others[x] }
  }

  private static func subtract(_ values: Span<Float>, from adu: Span<Float>, into e: inout MutableSpan<Float>) {
    precondition(values.count == e.count && adu.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = adu[x] - values[x] }
  }

  private static func mark(
    _ a: Span<PixelMask>, _ b: Span<PixelMask>, _ c: Span<PixelMask>, _ d: Span<PixelMask>,
    in mask: inout MutableSpan<PixelMask>
  ) {
    precondition(a.count == mask.count && b.count == mask.count && c.count == mask.count && d.count == mask.count)
    for x in 0..<mask.count {
      mask[x] = PixelMask(rawValue: mask[x].rawValue | a[x].rawValue | b[x].rawValue | c[x].rawValue | d[x].rawValue)
    }
  }

  /// ADU to electrons without a flat.
  private static func scale(
    _ e: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, gain: Float, constantVariance: Float
  ) {
    precondition(variance.count == e.count, "rows must have one length")
    for x in 0..<e.count {
      let value = e[x] * gain
      e[x] = value
      variance[x] = NoiseModel.variance(
        electrons: value, inverseFlat: 1, relativeFlatVariance: 0, constantVariance: constantVariance)
    }
  }

  /// ADU to electrons, divided by the flat.
  private static func flatten(
    _ e: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, gain: Float, constantVariance: Float,
    inverse: Span<Float>, relativeVariance: Span<Float>
  ) {
    precondition(variance.count == e.count && inverse.count == e.count && relativeVariance.count == e.count)
    for x in 0..<e.count {
      let value = e[x] * gain * inverse[x]
      e[x] = value
      variance[x] = NoiseModel.variance(
        electrons: value, inverseFlat: inverse[x], relativeFlatVariance: relativeVariance[x],
        constantVariance: constantVariance)
    }
  }

  private static func mark(
    saturatedFrom limit: Float, in adu: Span<Float>, missingIn electrons: Span<Float>,
    mask: inout MutableSpan<PixelMask>
  ) {
    precondition(adu.count == mask.count && electrons.count == mask.count, "rows must have one length")
    for x in 0..<mask.count {
      let full: UInt8 = adu[x] >= limit ? PixelMask.saturated.rawValue : 0
      let missing: UInt8 = electrons[x].isNaN ? PixelMask.noData.rawValue : 0
      mask[x] = PixelMask(rawValue: full | missing)
    }
  }
}
