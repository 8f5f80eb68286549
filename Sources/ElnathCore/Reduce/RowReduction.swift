/// The arithmetic of the reduction on pixels of one row; all spans have one length.
struct RowReduction {
  /// Their areas tile the trimmed frame.
  let outputs: [OutputReduction]
  let trim: PixelRectangle
  let limits: PixelMarks
  let linearity: Linearity?
  let bias: Master?
  let dark: (master: Master, scale: Double)?
  /// False where the dark still holds the zero level, so that it does not count electrons.
  let darkHasShotNoise: Bool
  let flat: FlatField?
  /// What the masters and the user know of bad pixels.
  let marks: PixelMarks.Known?

  /// Writes every pixel of `electrons`, `variance` and `mask`, which stand for `columns` of row `y` of the trimmed frame.
  /// The variance depends on the `LightVariance.reach` neighbours to each side: so near to an end of `columns` that is
  /// not one of the frame it is not that of the whole row.
  func callAsFunction(
    _ y: Int, columns: Range<Int>, adu: Span<Float>, electrons: UnsafeMutableBufferPointer<Float>,
    variance: UnsafeMutableBufferPointer<Float>, mask: UnsafeMutableBufferPointer<PixelMask>
  ) {
    for output in outputs where output.area.y <= y && y < output.area.y + output.area.height {
      let first = max(columns.lowerBound, output.area.x)
      let last = min(columns.upperBound, output.area.x + output.area.width)
      guard first < last else { continue }
      let part = (first - columns.lowerBound)..<(last - columns.lowerBound)
      var e = UnsafeMutableBufferPointer(rebasing: electrons[part]).mutableSpan
      var v = UnsafeMutableBufferPointer(rebasing: variance[part]).mutableSpan
      reduce(y, columns: first..<last, adu: adu.extracting(part), by: output, electrons: &e, variance: &v)
    }
    let row = pixels(y, columns)
    if let flat {
      LightVariance.add(
        electrons: electrons.span, inverseFlat: flat.inverse.pixels.span.extracting(row),
        relativeFlatVariance: flat.relativeVariance.pixels.span.extracting(row), to: variance)
    } else {
      LightVariance.add(electrons: electrons.span, to: variance)
    }
    var e = electrons.mutableSpan
    var v = variance.mutableSpan
    var m = mask.mutableSpan
    limits.mark(adu, electrons: &e, variance: &v, mask: &m)
    if let marks { PixelMarks.mark(marks, row, in: &m) }
  }

  /// Indices of these pixels in planes of the trimmed frame.
  private func pixels(_ y: Int, _ columns: Range<Int>) -> Range<Int> {
    (y * trim.width + columns.lowerBound)..<(y * trim.width + columns.upperBound)
  }

  /// Electrons, and the variance that they have without light, of pixels that were read through one output.
  private func reduce(
    _ y: Int, columns: Range<Int>, adu: Span<Float>, by output: OutputReduction, electrons e: inout MutableSpan<Float>,
    variance v: inout MutableSpan<Float>
  ) {
    let row = pixels(y, columns)
    if let level = output.level, !level.alongRows {
      let raw = (trim.x + columns.lowerBound)..<(trim.x + columns.upperBound)
      Self.subtract(level.values.span.extracting(raw), from: adu, into: &e)
    } else {
      Self.subtract(output.level?.values[y + trim.y] ?? output.constantLevel, from: adu, into: &e)
    }
    if let bias { Self.subtract(bias.image.pixels.span.extracting(row), from: &e) }
    if let linearity {
      linearity.straighten(&e, squaredSlopes: &v)
      Self.scale(&v, by: output.readVariance)
    } else if dark != nil {
      Self.fill(&v, with: output.readVariance)
    }
    if let dark {
      let scale = Float(dark.scale)
      Self.subtract(
        dark.master.image.pixels.span.extracting(row), scale: scale, from: &e,
        shotNoise: darkHasShotNoise ? scale * output.gain : 0, noise: dark.master.variance.pixels.span.extracting(row),
        noiseScale: scale * scale * output.gain * output.gain, variance: &v)
    }
    let inverse = flat?.inverse.pixels.span.extracting(row)
    switch (inverse, dark != nil || linearity != nil) {
    case (nil, false):
      Self.scale(&e, by: output.gain)
      Self.fill(&v, with: output.readVariance)
    case (nil, true): Self.scale(&e, by: output.gain)
    case (let inverse?, false):
      Self.flatten(&e, &v, gain: output.gain, inverse: inverse, constantVariance: output.readVariance)
    case (let inverse?, true): Self.flatten(&e, &v, gain: output.gain, inverse: inverse)
    }
  }
}

extension RowReduction {
  private static func subtract(_ level: Float, from adu: Span<Float>, into e: inout MutableSpan<Float>) {
    precondition(adu.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = adu[x] - level }
  }

  private static func subtract(_ values: Span<Float>, from adu: Span<Float>, into e: inout MutableSpan<Float>) {
    precondition(values.count == e.count && adu.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = adu[x] - values[x] }
  }

  private static func subtract(_ values: Span<Float>, from e: inout MutableSpan<Float>) {
    precondition(values.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] -= values[x] }
  }

  /// The dark goes, the shot noise of its electrons and the noise of the master stay.
  private static func subtract(
    _ dark: Span<Float>, scale: Float, from e: inout MutableSpan<Float>, shotNoise: Float, noise: Span<Float>,
    noiseScale: Float, variance v: inout MutableSpan<Float>
  ) {
    precondition(dark.count == e.count && noise.count == e.count && v.count == e.count, "rows must have one length")
    for x in 0..<e.count {
      e[x] -= scale * dark[x]
      v[x] += shotNoise * max(dark[x], 0) + noiseScale * noise[x]
    }
  }

  private static func fill(_ values: inout MutableSpan<Float>, with value: Float) {
    for x in 0..<values.count { values[x] = value }
  }

  private static func scale(_ values: inout MutableSpan<Float>, by factor: Float) {
    for x in 0..<values.count { values[x] *= factor }
  }

  /// ADU to electrons, divided by the flat.
  private static func flatten(
    _ e: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, gain: Float, inverse: Span<Float>
  ) {
    precondition(v.count == e.count && inverse.count == e.count, "rows must have one length")
    for x in 0..<e.count {
      e[x] = e[x] * gain * inverse[x]
      v[x] *= inverse[x] * inverse[x]
    }
  }

  private static func flatten(
    _ e: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, gain: Float, inverse: Span<Float>,
    constantVariance: Float
  ) {
    precondition(v.count == e.count && inverse.count == e.count, "rows must have one length")
    for x in 0..<e.count {
      e[x] = e[x] * gain * inverse[x]
      v[x] = inverse[x] * inverse[x] * constantVariance
    }
  }
}
