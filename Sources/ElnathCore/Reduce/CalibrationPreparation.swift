/// What is done to the pixels of a calibration frame before it is combined with others: zero level, straightening, dark,
/// equal scale for all outputs, and the division by its own level.
public struct CalibrationPreparation: Sendable {
  /// By what the frame is divided at last, ADU; 1 for no division.
  public var level: Float = 1
  /// Raw ADU from which a value is dropped (NaN): one that is saturated says nothing of the response.
  public var dropsFrom: Float = .infinity

  let trim: PixelRectangle
  private let outputs: [Amplifier]
  private let zeroLevels: [Overscan.Level?]
  private let bias: Master?
  private let dark: (master: Master, scale: Double)?
  private let linearity: Linearity?
  /// Of each output, beside the division by the level.
  private let factors: [Float]

  /// - Parameters:
  ///   - bias: subtracted where given.
  ///   - dark: likewise, times its scale.
  ///   - zeroLevelKnown: false for frames that keep it: then nothing can be straightened.
  ///   - equalised: true for flats: every output in the mean of all gains.
  public init<Raw: RawPixels>(
    _ raw: Raw, overscan: Overscan, bias: Master?, dark: (master: Master, scale: Double)? = nil,
    zeroLevelKnown: Bool = true, equalised: Bool = false
  ) throws(Raw.Failure) {
    let observation = raw.observation
    trim = observation.trim
    precondition(trim.fits(width: raw.width, height: raw.height), "the trimmed frame lies on the raw one")
    precondition(observation.outputsTileFrame, "the outputs tile the trimmed frame")
    for master in [bias, dark?.master].compactMap({ $0 }) {
      precondition(
        master.image.width == trim.width && master.image.height == trim.height, "masters have the size of the frame")
    }
    outputs = observation.outputs
    zeroLevels = try raw.zeroLevels(overscan: overscan)
    self.bias = bias
    self.dark = dark
    linearity = zeroLevelKnown ? Linearity(observation.linearity) : nil
    factors = equalised ? BiasDarkFlat.equalisingFactors(observation) : outputs.map { _ in 1 }
  }

  /// True where nothing is done to the values.
  public var keepsValues: Bool {
    bias == nil && dark == nil && linearity == nil && level == 1 && zeroLevels.allSatisfy { $0 == nil }
      && factors.allSatisfy { $0 == 1 }
  }

  public var width: Int { trim.width }
  public var height: Int { trim.height }
  /// Rows of the raw frame that are needed, and in their order those of the trimmed frame.
  public func rawRows(_ rows: Range<Int>) -> Range<Int> {
    (rows.lowerBound + trim.y)..<(rows.upperBound + trim.y)
  }

  /// Prepares row `y` of the trimmed frame from the whole row of the raw frame.
  public func prepare(_ raw: UnsafeBufferPointer<Float>, row y: Int, into out: UnsafeMutableBufferPointer<Float>) {
    precondition(y >= 0 && y < trim.height && raw.count >= trim.x + trim.width && out.count == trim.width)
    let first = y * trim.width
    for (k, output) in outputs.enumerated() where y >= output.area.y && y < output.area.y + output.area.height {
      let columns = output.area.x..<(output.area.x + output.area.width)
      let source = UnsafeBufferPointer(rebasing: raw[(trim.x + columns.lowerBound)..<(trim.x + columns.upperBound)])
      let target = UnsafeMutableBufferPointer(rebasing: out[columns])
      let place = (first + columns.lowerBound)..<(first + columns.upperBound)
      subtractZero(zeroLevels[k], row: y, columns: columns, place: place, from: source, into: target)
      if let linearity {
        var span = target.mutableSpan
        linearity.straighten(&span)
      }
      let factor = factors[k] / level
      if let dark {
        Self.subtract(dark.master.image.pixels, place, scale: Float(dark.scale), from: target, times: factor)
      } else if factor != 1 {
        for x in 0..<target.count { target[x] *= factor }
      }
      if dropsFrom < .infinity {
        // A mask instead of a conditional store, so that the loop runs on vectors.
        for x in 0..<target.count {
          let drop: UInt32 = source[x] >= dropsFrom ? ~0 : 0
          target[x] = Float(bitPattern: (target[x].bitPattern & ~drop) | (Float.nan.bitPattern & drop))
        }
      }
    }
  }

  private func subtractZero(
    _ level: Overscan.Level?, row y: Int, columns: Range<Int>, place: Range<Int>,
    from source: UnsafeBufferPointer<Float>,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let first = trim.x + columns.lowerBound
    guard let bias else {
      if let level {
        level.subtract(row: y + trim.y, from: first, source, into: target)
      } else {
        for x in 0..<target.count { target[x] = source[x] }
      }
      return
    }
    if let level, !level.alongRows {
      level.subtract(row: y + trim.y, from: first, source, into: target)
      Self.subtract(bias.image.pixels, place, scale: 1, from: target, times: 1)
    } else {
      Self.subtract(level?.values[y + trim.y] ?? 0, bias.image.pixels, place, from: source, into: target)
    }
  }

  /// A level and a bias in one go.
  private static func subtract(
    _ level: Float, _ pixels: [Float], _ place: Range<Int>, from source: UnsafeBufferPointer<Float>,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == target.count && place.count == target.count, "rows must have one length")
    pixels.withUnsafeBufferPointer { pixels in
      let other = UnsafeBufferPointer(rebasing: pixels[place])
      for x in 0..<target.count { target[x] = source[x] - level - other[x] }
    }
  }

  private static func subtract(
    _ pixels: [Float], _ place: Range<Int>, scale: Float, from target: UnsafeMutableBufferPointer<Float>,
    times factor: Float
  ) {
    precondition(place.count == target.count, "rows must have one length")
    pixels.withUnsafeBufferPointer { pixels in
      let other = UnsafeBufferPointer(rebasing: pixels[place])
      for x in 0..<target.count { target[x] = (target[x] - scale * other[x]) * factor }
    }
  }
}
