/// What is wrong with the pixels of a row.
struct PixelMarks {
  /// Raw ADU from which a pixel is saturated.
  let saturation: Float
  /// Raw ADU from which its response is not to be trusted; infinite for none.
  let linearLimit: Float

  /// Raw ADU below which nothing is wrong with a value.
  var limit: Float { min(saturation, linearLimit) }

  /// Writes the mask of every pixel. Where a value is not finite there was no data, and where only its variance is not a
  /// master knows nothing of the pixel: these become NaN, so that nothing infinite leaves the reduction.
  func mark(
    _ adu: Span<Float>, electrons: inout MutableSpan<Float>, variance: inout MutableSpan<Float>,
    mask: inout MutableSpan<PixelMask>
  ) {
    precondition(
      adu.count == mask.count && electrons.count == mask.count && variance.count == mask.count,
      "rows must have one length")
    for x in 0..<mask.count { mask[x] = [] }
    for start in stride(from: 0, to: mask.count, by: Self.piece) {
      let part = start..<min(start + Self.piece, mask.count)
      let isWrong = hasFault(
        adu.extracting(part), electrons.span.extracting(part), variance.span.extracting(part))
      if isWrong { markFaults(part, adu, electrons: &electrons, variance: &variance, mask: &mask) }
    }
  }

  /// The same of pixels whose variances are finite wherever their values are below `brightest`; false where one is not
  /// below it.
  func mark(
    _ adu: Span<Float>, electrons: inout MutableSpan<Float>, mask: inout MutableSpan<PixelMask>, below brightest: Float
  ) -> Bool {
    precondition(adu.count == mask.count && electrons.count == mask.count, "rows must have one length")
    for x in 0..<mask.count { mask[x] = [] }
    for start in stride(from: 0, to: mask.count, by: Self.piece) {
      let part = start..<min(start + Self.piece, mask.count)
      let isUsual =
        !RowScan.reaches(limit, adu.extracting(part)) && RowScan.isBelow(brightest, electrons.span.extracting(part))
      if isUsual { continue }
      for x in part {
        if adu[x] >= saturation { mask[x].insert(.saturated) }
        if adu[x] >= linearLimit { mask[x].insert(.nonlinear) }
        if !electrons[x].isFinite {
          mask[x].insert(.noData)
          electrons[x] = .nan
        } else if abs(electrons[x]) >= brightest {
          return false
        }
      }
    }
    return true
  }

  /// Pixels that are looked at together: most of the sky is in order.
  private static let piece = 128

  private func hasFault(_ adu: Span<Float>, _ electrons: Span<Float>, _ variance: Span<Float>) -> Bool {
    RowScan.reaches(limit, adu) || !RowScan.isFinite(electrons)
      || !RowScan.isFinite(variance)
  }

  private func markFaults(
    _ part: Range<Int>, _ adu: Span<Float>, electrons: inout MutableSpan<Float>, variance: inout MutableSpan<Float>,
    mask: inout MutableSpan<PixelMask>
  ) {
    for x in part {
      if adu[x] >= saturation { mask[x].insert(.saturated) }
      if adu[x] >= linearLimit { mask[x].insert(.nonlinear) }
      if !electrons[x].isFinite {
        mask[x].insert(.noData)
        electrons[x] = .nan
      } else if !variance[x].isFinite {
        mask[x].insert(.bad)
      }
      if electrons[x].isNaN || !variance[x].isFinite { variance[x] = .nan }
    }
  }

  /// Adds what is known of the pixels.
  static func mark(_ known: Span<PixelMask>, in mask: inout MutableSpan<PixelMask>) {
    precondition(known.count == mask.count, "rows must have one length")
    for x in 0..<mask.count { mask[x] = PixelMask(rawValue: mask[x].rawValue | known[x].rawValue) }
  }
}
