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

  /// The reduced frame; nil where the masters have another size than the trimmed frame.
  ///
  /// Pixels that are saturated, without data or marked in a master keep their value and carry the mask; a pixel without
  /// data is NaN.
  public func callAsFunction(_ raw: RawFrame, detector: Detector) -> Frame? {
    prepared(raw, detector: detector)?.frame()
  }

  /// The same without reducing a pixel yet.
  public func prepared(_ raw: RawFrame, detector: Detector) -> FrameReduction? {
    precondition(
      raw.observation.trim.fits(width: raw.adu.width, height: raw.adu.height), "the trimmed frame lies on the raw one")
    guard fits(raw.observation),
      let row = row(raw.observation, levels: Self.zeroLevels(raw, overscan: overscan), detector: detector)
    else { return nil }
    var reduction = FrameReduction(raw: raw, row: row)
    reduction.findBleeding(detector)
    return reduction
  }

  /// The same of a frame as its file stores it.
  public func prepared(_ frame: StoredFrame, detector: Detector) -> FrameReduction? {
    precondition(
      frame.observation.trim.fits(width: frame.width, height: frame.height), "the trimmed frame lies on the raw one")
    guard fits(frame.observation),
      let row = row(frame.observation, levels: frame.zeroLevels(overscan: overscan), detector: detector)
    else { return nil }
    var reduction = FrameReduction(stored: frame, row: row)
    reduction.findBleeding(detector)
    return reduction
  }

  /// The same of a frame that was looked at before.
  public func prepared(_ frame: StoredFrame, look: FrameLook, detector: Detector) -> FrameReduction? {
    precondition(
      frame.observation.trim.fits(width: frame.width, height: frame.height), "the trimmed frame lies on the raw one")
    return row(frame.observation, levels: look.levels, detector: detector).map {
      FrameReduction(stored: frame, row: $0, bleeding: look.bleeding)
    }
  }

  /// True where all masters have the size of the trimmed frame.
  private func fits(_ observation: Observation) -> Bool {
    let (width, height) = (observation.trim.width, observation.trim.height)
    let dark = masters.dark(forExposure: observation.exposure)?.master
    let used = [masters.bias?.image, dark?.image, masters.flats[observation.filter]?.inverse].compactMap { $0 }
    guard used.allSatisfy({ $0.width == width && $0.height == height }) else { return false }
    return masters.badPixels.map { $0.width == width && $0.height == height } ?? true
  }

  /// The arithmetic of a frame with these zero levels of its outputs.
  private func row(_ observation: Observation, levels: [Overscan.Level?], detector: Detector) -> RowReduction? {
    guard fits(observation) else { return nil }
    let dark = masters.dark(forExposure: observation.exposure)
    let flat = masters.flats[observation.filter]
    precondition(observation.outputsTileFrame, "the outputs tile the trimmed frame")
    let outputs = zip(observation.outputs, levels).map { output, level in
      OutputReduction(
        output, level: level, detector: detector, masters: masters, dark: dark,
        readNoiseIncludesDigitisation: readNoiseIncludesDigitisation)
    }
    return RowReduction(
      outputs: outputs, trim: observation.trim,
      limits: PixelMarks(
        saturation: Float(detector.saturation), linearLimit: Float(observation.linearLimit ?? .infinity)),
      linearity: Linearity(observation.linearity), bias: masters.bias, dark: dark,
      darkHasShotNoise: !masters.darksContainBias, flat: flat,
      marks: masters.marks(of: observation))
  }
}
