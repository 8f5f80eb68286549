/// The arithmetic of the reduction on pixels of one row; all spans have one length.
struct RowReduction {
  /// Their areas tile the trimmed frame.
  let outputs: [OutputReduction]
  let trim: PixelRectangle
  let limits: PixelMarks
  let linearity: Linearity?
  let flat: FlatField?
  /// What the masters and the user know of bad pixels.
  let marks: PixelGrid<PixelMask>?
  let bias: MasterRows
  let dark: MasterRows
  let darkVariance: MasterRows
  let darkScale: Float
  private let darkIsOrdinary: Bool
  /// The most that bias and dark take from a pixel, ADU; NaN where one of them has a pixel without a value.
  private let highestMasters: Float
  /// False where the dark still holds the zero level, so that it does not count electrons.
  let darkHasShotNoise: Bool
  let inverseFlat: MasterRows

  init(
    outputs: [OutputReduction], trim: PixelRectangle, limits: PixelMarks, linearity: Linearity?, bias: Master?,
    dark: (master: Master, scale: Double)?, darkHasShotNoise: Bool, flat: FlatField?, marks: PixelGrid<PixelMask>?
  ) {
    self.outputs = outputs
    self.trim = trim
    self.limits = limits
    self.linearity = linearity
    self.flat = flat
    self.marks = marks
    self.bias = MasterRows(bias?.image, otherwise: 0, width: trim.width)
    self.dark = MasterRows(dark?.master.image, otherwise: 0, width: trim.width)
    darkVariance = MasterRows(dark?.master.variance, otherwise: 0, width: trim.width)
    darkScale = Float(dark?.scale ?? 0)
    darkIsOrdinary = dark?.master.isOrdinary ?? true
    highestMasters = (bias?.magnitude ?? 0) + abs(darkScale) * (dark?.master.magnitude ?? 0)
    self.darkHasShotNoise = darkHasShotNoise
    inverseFlat = MasterRows(flat?.inverse, otherwise: 1, width: trim.width)
  }

  /// Writes every pixel of `electrons`, `variance` and `mask`, which stand for `columns` of row `y` of the trimmed frame.
  /// The variance depends on the `LightVariance.reach` neighbours to each side: so near to an end of `columns` that is
  /// not one of the frame it is not that of the whole row.
  func callAsFunction(
    _ y: Int, columns: Range<Int>, adu: Span<Float>, electrons: UnsafeMutableBufferPointer<Float>,
    variance: UnsafeMutableBufferPointer<Float>, mask: UnsafeMutableBufferPointer<PixelMask>
  ) {
    // By their numbers: a copy of each would cost more than the pixels of a short row.
    for k in outputs.indices {
      let area = outputs[k].area
      guard area.y <= y && y < area.y + area.height else { continue }
      let first = max(columns.lowerBound, area.x)
      let last = min(columns.upperBound, area.x + area.width)
      guard first < last else { continue }
      let part = (first - columns.lowerBound)..<(last - columns.lowerBound)
      var e = UnsafeMutableBufferPointer(rebasing: electrons[part]).mutableSpan
      var v = UnsafeMutableBufferPointer(rebasing: variance[part]).mutableSpan
      reduce(y, columns: first..<last, adu: adu.extracting(part), by: k, electrons: &e, variance: &v)
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
    if let marks { PixelMarks.mark(marks.pixels.span.extracting(row), in: &m) }
  }

  /// Electrons and mask of a row that is not asked for its variances, the same bits as with them. Only as long as
  /// `hasFiniteVariances`; even then nothing is finished, and false returned, where a pixel holds more than `brightest`.
  ///
  /// - Parameter isPlain: true where no pixel reaches a limit or can be without a value.
  func light(
    _ y: Int, adu: Span<Float>, isPlain: Bool, electrons: UnsafeMutableBufferPointer<Float>,
    mask: UnsafeMutableBufferPointer<PixelMask>
  ) -> Bool {
    for k in outputs.indices {
      let area = outputs[k].area
      guard area.y <= y && y < area.y + area.height else { continue }
      let columns = area.x..<(area.x + area.width)
      var e = UnsafeMutableBufferPointer(rebasing: electrons[columns]).mutableSpan
      fillLevel(y, columns: columns, by: k, electrons: &e)
      Self.flatten(
        adu.extracting(columns), level: &e, bias: bias.pixels.span.extracting(bias.place(y, columns)),
        dark: dark.pixels.span.extracting(dark.place(y, columns)), scale: darkScale, gain: outputs[k].gain,
        inverse: inverseFlat.pixels.span.extracting(inverseFlat.place(y, columns)))
    }
    var e = electrons.mutableSpan
    var m = mask.mutableSpan
    if isPlain {
      for x in 0..<m.count { m[x] = [] }
    } else if !limits.mark(adu, electrons: &e, mask: &m, below: Self.brightest) {
      return false
    }
    if let marks { PixelMarks.mark(marks.pixels.span.extracting(pixels(y, 0..<trim.width)), in: &m) }
    return true
  }

  /// Electrons up to which no variance overflows.
  static let brightest: Float = 1e15

  /// True where nothing but its own value can keep a pixel from having a finite variance: then only its value decides
  /// what its mask says.
  var hasFiniteVariances: Bool {
    let factors = outputs.allSatisfy { output in
      let gain = abs(output.gain)
      return gain < 1e6 && abs(darkScale) < 1e6 && gain * abs(darkScale) < 1e6 && output.readVariance < 1e12
    }
    return factors && linearity == nil && (flat?.isOrdinary ?? true) && darkIsOrdinary
  }

  /// True where every pixel of up to so many ADU, above 0 or below, has a value, and one below `brightest`.
  func givesValues(upTo adu: Float) -> Bool {
    outputs.allSatisfy { output in
      let level = output.level.map { RowScan.magnitude($0.values.span) } ?? abs(output.constantLevel)
      // Twice: sums are rounded.
      return 2 * (adu + level + highestMasters) * abs(output.gain) * (flat?.highestInverse ?? 1) < Self.brightest
    }
  }

  /// Indices of these pixels in planes of the trimmed frame.
  private func pixels(_ y: Int, _ columns: Range<Int>) -> Range<Int> {
    (y * trim.width + columns.lowerBound)..<(y * trim.width + columns.upperBound)
  }

  /// Electrons, and the variance that they have without light, of pixels that were read through one output:
  /// e = (ADU - level - bias - k dark) gain / flat, and
  /// v = (read noise^2 slope^2 + k gain max(dark, 0) + k^2 gain^2 dark variance) / flat^2,
  /// with the slope of the linearity correction, which stands between bias and dark.
  private func reduce(
    _ y: Int, columns: Range<Int>, adu: Span<Float>, by k: Int, electrons e: inout MutableSpan<Float>,
    variance v: inout MutableSpan<Float>
  ) {
    let (gain, readVariance) = (outputs[k].gain, outputs[k].readVariance)
    fillLevel(y, columns: columns, by: k, electrons: &e)
    let bias = bias.pixels.span.extracting(bias.place(y, columns))
    let dark = dark.pixels.span.extracting(dark.place(y, columns))
    let darkVariance = darkVariance.pixels.span.extracting(darkVariance.place(y, columns))
    let inverse = inverseFlat.pixels.span.extracting(inverseFlat.place(y, columns))
    if let linearity {
      Self.subtract(level: &e, bias: bias, from: adu)
      linearity.straighten(&e, squaredSlopes: &v)
      Self.scale(&v, by: readVariance)
      Self.flatten(&e, dark: dark, scale: darkScale, gain: gain, inverse: inverse)
    } else {
      Self.flatten(adu, level: &e, bias: bias, dark: dark, scale: darkScale, gain: gain, inverse: inverse)
      Self.fill(&v, with: readVariance)
    }
    Self.flatten(
      variance: &v, dark: dark, shotNoise: darkHasShotNoise ? darkScale * gain : 0, darkVariance: darkVariance,
      scale: darkScale * darkScale * gain * gain, inverse: inverse)
  }
}

extension RowReduction {
  /// The zero level of these columns, ADU, in the place of their electrons.
  func fillLevel(
    _ y: Int, columns: Range<Int>, by k: Int, electrons e: inout MutableSpan<Float>
  ) {
    if let level = outputs[k].level, !level.alongRows {
      let raw = (trim.x + columns.lowerBound)..<(trim.x + columns.upperBound)
      Self.copy(level.values.span.extracting(raw), into: &e)
    } else {
      Self.fill(&e, with: outputs[k].level?.values[y + trim.y] ?? outputs[k].constantLevel)
    }
  }
}

/// The pixels of a master plane; one row of a constant that serves every row where there is no such master.
struct MasterRows {
  let pixels: [Float]
  private let width: Int
  private let stands: Bool

  init(_ plane: PixelGrid<Float>?, otherwise constant: Float, width: Int) {
    self.width = width
    stands = plane == nil
    pixels = plane?.pixels ?? [Float](repeating: constant, count: width)
  }

  /// A plane without the array around it, for loops over few pixels.
  struct Plane {
    let pixels: UnsafeBufferPointer<Float>
    let stride: Int

    @inline(__always)
    subscript(x: Int, y: Int) -> Float { pixels[y * stride + x] }

    /// The first pixel of row `y`.
    @inline(__always)
    func row(_ y: Int) -> UnsafePointer<Float> { pixels.baseAddress! + y * stride }
  }

  func withPixels<Result>(_ body: (Plane) -> Result) -> Result {
    pixels.withUnsafeBufferPointer { body(Plane(pixels: $0, stride: stands ? 0 : width)) }
  }

  /// Indices of the pixels for these of the trimmed frame.
  func place(_ y: Int, _ columns: Range<Int>) -> Range<Int> {
    stands ? columns : (y * width + columns.lowerBound)..<(y * width + columns.upperBound)
  }
}

// Loops that write one plane each: with more the compiler gives up proving that the planes are apart, and the vectors.
extension RowReduction {
  private static func copy(_ values: Span<Float>, into e: inout MutableSpan<Float>) {
    precondition(values.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = values[x] }
  }

  static func fill(_ values: inout MutableSpan<Float>, with value: Float) {
    for x in 0..<values.count { values[x] = value }
  }

  private static func scale(_ values: inout MutableSpan<Float>, by factor: Float) {
    for x in 0..<values.count { values[x] *= factor }
  }

  /// `e` holds the zero level and becomes the ADU above level and bias.
  private static func subtract(level e: inout MutableSpan<Float>, bias: Span<Float>, from adu: Span<Float>) {
    precondition(adu.count == e.count && bias.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = above(adu[x], e[x], bias[x]) }
  }

  /// `e` holds the ADU above level and bias and becomes electrons.
  private static func flatten(
    _ e: inout MutableSpan<Float>, dark: Span<Float>, scale: Float, gain: Float, inverse: Span<Float>
  ) {
    precondition(dark.count == e.count && inverse.count == e.count, "rows must have one length")
    for x in 0..<e.count { e[x] = flat(e[x], dark[x], scale, gain, inverse[x]) }
  }

  /// Both in one: `e` holds the zero level and becomes electrons.
  private static func flatten(
    _ adu: Span<Float>, level e: inout MutableSpan<Float>, bias: Span<Float>, dark: Span<Float>, scale: Float,
    gain: Float, inverse: Span<Float>
  ) {
    precondition(
      adu.count == e.count && bias.count == e.count && dark.count == e.count && inverse.count == e.count,
      "rows must have one length")
    for x in 0..<e.count { e[x] = flat(above(adu[x], e[x], bias[x]), dark[x], scale, gain, inverse[x]) }
  }

  /// The dark goes, the shot noise of its electrons and the noise of the master stay.
  static func flatten(
    variance v: inout MutableSpan<Float>, dark: Span<Float>, shotNoise: Float, darkVariance: Span<Float>,
    scale: Float, inverse: Span<Float>
  ) {
    precondition(
      dark.count == v.count && darkVariance.count == v.count && inverse.count == v.count, "rows must have one length")
    for x in 0..<v.count {
      v[x] = constantVariance(v[x], dark[x], shotNoise: shotNoise, darkVariance[x], scale: scale, inverse[x])
    }
  }

  @inline(__always)
  private static func constantVariance(
    _ v: Float, _ dark: Float, shotNoise: Float, _ darkVariance: Float, scale: Float, _ inverse: Float
  ) -> Float {
    (v + (shotNoise * max(dark, 0) + scale * darkVariance)) * (inverse * inverse)
  }

  @inline(__always)
  static func above(_ adu: Float, _ level: Float, _ bias: Float) -> Float { adu - level - bias }

  @inline(__always)
  static func flat(_ adu: Float, _ dark: Float, _ scale: Float, _ gain: Float, _ inverse: Float) -> Float {
    (adu - scale * dark) * gain * inverse
  }
}
