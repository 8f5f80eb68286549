/// What is wrong with the pixels of a row.
struct PixelMarks {
  /// Raw ADU from which a pixel is saturated.
  let saturation: Float
  /// Raw ADU from which its response is not to be trusted; infinite for none.
  let linearLimit: Float

  /// Masks of masters and user.
  typealias Known = (PixelGrid<PixelMask>, PixelGrid<PixelMask>, PixelGrid<PixelMask>, PixelGrid<PixelMask>)

  /// Four for one loop over all of them, the first again where there are fewer; nil for none.
  static func known(_ masks: [PixelGrid<PixelMask>]) -> Known? {
    precondition(masks.count <= 4, "bias, dark, flat and the user know bad pixels")
    guard let first = masks.first else { return nil }
    return (first, masks.count > 1 ? masks[1] : first, masks.count > 2 ? masks[2] : first, masks.last ?? first)
  }

  /// Writes the mask of every pixel. Where a value is not finite there was no data, and where only its variance is not a
  /// master knows nothing of the pixel: these become NaN, so that nothing infinite leaves the reduction.
  func mark(
    _ adu: Span<Float>, electrons: inout MutableSpan<Float>, variance: inout MutableSpan<Float>,
    mask: inout MutableSpan<PixelMask>
  ) {
    precondition(
      adu.count == mask.count && electrons.count == mask.count && variance.count == mask.count,
      "rows must have one length")
    var spoilt: UInt8 = 0
    for x in 0..<mask.count {
      let full: UInt8 = adu[x] >= saturation ? PixelMask.saturated.rawValue : 0
      let bent: UInt8 = adu[x] >= linearLimit ? PixelMask.nonlinear.rawValue : 0
      let missing: UInt8 = abs(electrons[x]) < .infinity ? 0 : PixelMask.noData.rawValue
      let unknown: UInt8 = abs(variance[x]) < .infinity ? 0 : PixelMask.bad.rawValue
      spoilt |= missing | unknown
      mask[x] = PixelMask(rawValue: full | bent | missing | (missing == 0 ? unknown : 0))
    }
    guard spoilt != 0 else { return }
    for x in 0..<mask.count {
      if !electrons[x].isFinite { electrons[x] = .nan }
      if electrons[x].isNaN || !variance[x].isFinite { variance[x] = .nan }
    }
  }

  static func mark(_ known: Known, _ row: Range<Int>, in mask: inout MutableSpan<PixelMask>) {
    mark(
      known.0.pixels.span.extracting(row), known.1.pixels.span.extracting(row), known.2.pixels.span.extracting(row),
      known.3.pixels.span.extracting(row), in: &mask)
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
}
