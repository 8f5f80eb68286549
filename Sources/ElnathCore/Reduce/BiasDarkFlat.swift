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

  /// What the camera must tell of a frame before it can be reduced.
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
  }

  /// A calibration frame without its zero level as far as the overscan knows it, trimmed, in ADU.
  public static func overscanCorrected(_ raw: RawFrame, overscan: Overscan) -> PixelGrid<Float> {
    var trimmed = raw.adu.cropped(to: raw.observation.trim)
    guard let section = raw.observation.overscan, let level = overscan(raw.adu, section: section) else {
      return trimmed
    }
    let trim = raw.observation.trim
    trimmed.pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<trim.height {
        for x in 0..<trim.width {
          pixels[y * trim.width + x] -= level.values[level.alongRows ? y + trim.y : x + trim.x]
        }
      }
    }
    return trimmed
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
    let level = raw.observation.overscan.flatMap { overscan(raw.adu, section: $0) }
    let darkHoldsZero = masters.darksContainBias && dark != nil
    let zeroMeasured = level != nil || masters.bias != nil || darkHoldsZero
    let constantLevel = zeroMeasured ? 0 : Float(detector.pedestal ?? 0)
    let noise = noiseModel(
      detector: detector, dark: dark, pedestalKnown: zeroMeasured || detector.pedestal != nil)

    let row = RowReduction(
      gain: Float(detector.gain), constantVariance: Float(noise.constantVariance),
      saturation: Float(detector.saturation), level: level, constantLevel: constantLevel, trim: trim,
      bias: masters.bias, dark: dark, flat: flat,
      marks: RowReduction.marks(
        [masters.bias?.mask, dark?.master.mask, flat?.response.mask, masters.badPixels].compactMap { $0 }))
    return FrameReduction(raw: raw, noise: noise, row: row)
  }

  private func noiseModel(
    detector: Detector, dark: (master: Master, scale: Double)?, pedestalKnown: Bool
  ) -> NoiseModel {
    let gain = detector.gain
    var masterVariance = masters.bias?.meanVariance ?? 0
    var darkElectrons = 0.0
    if let dark {
      masterVariance += dark.scale * dark.scale * dark.master.meanVariance
      if !masters.darksContainBias { darkElectrons = max(0, dark.master.level * dark.scale * gain) }
    }
    return NoiseModel(
      gain: gain, readNoise: detector.readNoise, dark: darkElectrons, masters: masterVariance * gain * gain,
      digitisation: readNoiseIncludesDigitisation ? 0 : gain * gain / 12, pedestalKnown: pedestalKnown)
  }
}
