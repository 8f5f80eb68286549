/// Turns raw ADU into electrons with variance and mask: zero level, dark, flat, gain.
public struct BiasDarkFlat: Sendable {
  public var masters: Masters
  public var overscan: Overscan
  /// True where the read noise was measured on digitised pixels and so contains the rounding noise.
  public var readNoiseIncludesDigitisation: Bool

  public init(masters: Masters, overscan: Overscan = Overscan(), readNoiseIncludesDigitisation: Bool = false) {
    self.masters = masters
    self.overscan = overscan
    self.readNoiseIncludesDigitisation = readNoiseIncludesDigitisation
  }

  /// What the camera must tell of a frame before it can be reduced. Outputs that the observation names with a gain or a
  /// read noise of their own have those.
  public struct Detector: Sendable, Equatable {
    /// e-/ADU.
    public var gain: Double
    /// Electrons.
    public var readNoise: Double
    /// Raw ADU from which a pixel is saturated.
    public var saturation: Double
    /// Zero level in ADU where only the profile knows it.
    public var pedestal: Double?

    public init(gain: Double, readNoise: Double, saturation: Double, pedestal: Double? = nil) {
      self.gain = gain
      self.readNoise = readNoise
      self.saturation = saturation
      self.pedestal = pedestal
    }

    /// What the observation knows; nil where the gain or the read noise of an output, or the saturation, is unknown.
    public init?(_ observation: Observation) {
      let outputs = observation.outputs
      let gains = outputs.compactMap(\.gain)
      let readNoises = outputs.compactMap(\.readNoise)
      guard gains.count == outputs.count, readNoises.count == outputs.count, let saturation = observation.saturation
      else { return nil }
      self.init(
        gain: observation.gain?.value ?? gains[0], readNoise: observation.readNoise?.value ?? readNoises[0],
        saturation: saturation.value, pedestal: observation.pedestal?.value)
    }
  }

  /// The zero level of each of the observation's `outputs`, in their order; nil for one without a usable overscan.
  public static func zeroLevels(_ raw: RawFrame, overscan: Overscan) -> [Overscan.Level?] {
    let trim = raw.observation.trim
    return raw.observation.outputs.map { output in
      guard let section = output.overscan else { return nil }
      let area = PixelRectangle(
        x: trim.x + output.area.x, y: trim.y + output.area.y, width: output.area.width, height: output.area.height)
      return overscan(raw.adu, section: section, for: area)
    }
  }

  /// A calibration frame without its zero level as far as the overscan knows it, trimmed, in ADU.
  public static func overscanCorrected(_ raw: RawFrame, overscan: Overscan) -> PixelGrid<Float> {
    let trim = raw.observation.trim
    let levels = zeroLevels(raw, overscan: overscan)
    let pixels = [Float](unsafeUninitializedCapacity: trim.width * trim.height) { pixels, written in
      if !raw.observation.outputsTileFrame { raw.adu.copy(trim, to: pixels) }
      for (output, level) in zip(raw.observation.outputs, levels) {
        let area = output.area
        precondition(area.fits(width: trim.width, height: trim.height), "an output lies on the trimmed frame")
        for y in area.y..<(area.y + area.height) {
          let first = (trim.y + y) * raw.adu.width + trim.x + area.x
          let source = raw.adu.pixels.span.extracting(first..<(first + area.width))
          let place = y * trim.width + area.x
          let target = UnsafeMutableBufferPointer(rebasing: pixels[place..<(place + area.width)])
          if let level, !level.alongRows {
            let values = level.values.span.extracting((trim.x + area.x)..<(trim.x + area.x + area.width))
            for x in 0..<target.count { target[x] = source[x] - values[x] }
          } else {
            let value = level?.values[y + trim.y] ?? 0
            for x in 0..<target.count { target[x] = source[x] - value }
          }
        }
      }
      written = trim.width * trim.height
    }
    return PixelGrid(width: trim.width, height: trim.height, pixels: pixels)
  }

  /// The reduced frame; nil where the masters have another size than the trimmed frame.
  ///
  /// Pixels that are saturated, without data or marked in a master keep their value and carry the mask; a pixel without
  /// data is NaN.
  public func callAsFunction(_ raw: RawFrame, detector: Detector) -> Frame? {
    prepared(raw, detector: detector)?.frame()
  }

  /// The same without reducing a pixel yet.
  public func prepared(_ raw: RawFrame, detector: Detector) -> FrameReduction? {
    let trim = raw.observation.trim
    let (width, height) = (trim.width, trim.height)
    precondition(trim.fits(width: raw.adu.width, height: raw.adu.height), "the trimmed frame lies on the raw one")
    let dark = masters.dark(forExposure: raw.observation.exposure)
    let flat = masters.flats[raw.observation.filter]
    for master in [masters.bias, dark?.master, flat?.response].compactMap({ $0 })
    where master.image.width != width || master.image.height != height {
      return nil
    }
    if let bad = masters.badPixels, bad.width != width || bad.height != height { return nil }
    precondition(raw.observation.outputsTileFrame, "the outputs tile the trimmed frame")
    let outputs = zip(raw.observation.outputs, Self.zeroLevels(raw, overscan: overscan)).map { output, level in
      OutputReduction(
        output, level: level, detector: detector, masters: masters, dark: dark,
        readNoiseIncludesDigitisation: readNoiseIncludesDigitisation)
    }
    let row = RowReduction(
      outputs: outputs, trim: trim,
      limits: PixelMarks(
        saturation: Float(detector.saturation), linearLimit: Float(raw.observation.linearLimit ?? .infinity)),
      linearity: Linearity(raw.observation.linearity), bias: masters.bias, dark: dark,
      darkHasShotNoise: !masters.darksContainBias, flat: flat,
      marks: PixelMarks.known(
        [masters.bias?.mask, dark?.master.mask, flat?.response.mask, masters.badPixels].compactMap { $0 }))
    var reduction = FrameReduction(raw: raw, row: row)
    reduction.findBleeding(detector)
    return reduction
  }
}
