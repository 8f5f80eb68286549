/// What calibration frames tell of one amplifier.
public struct AmplifierMeasurement: Sendable {
  /// e-/ADU; unknown without pairs of flats and a read noise.
  public var gain: MeasuredValue
  /// Of one pixel read once, ADU, rounding to whole ADU included; from pairs of biases.
  public var readNoise: MeasuredValue
  /// The same from the overscan.
  public var overscanNoise: MeasuredValue
  /// Raw ADU of a bias.
  public var biasLevel: MeasuredValue
  public var structure: BiasStructure
  /// Nil without darks.
  public var dark: DarkCurrent?
  /// All pairs that were looked at, in the order of the flats.
  public var pairs: [Pair]
  /// Of the converter, ADU; 0 for pixels that are no whole numbers.
  public var step: Double

  /// A pair of flats by the places of its frames in what was given, and what it tells.
  public struct Pair: Sendable {
    public var first: Int
    public var second: Int
    /// Nil where too few pixels tell anything.
    public var transfer: PhotonTransferPair?
    public var doubt: PhotonTransferPair.Doubt?
    public var isUsed: Bool
  }

  /// One frame seen by one amplifier.
  public struct Look: Sendable {
    public var sample: AmplifierSample
    /// Of biases.
    public var profile: BiasProfile?
    /// ADU^2, line by line; empty without an overscan.
    public var overscan: [Double]
    public var step: Double

    /// - Parameters:
    ///   - level: the zero level of this amplifier as its overscan tells it; nil for none.
    ///   - section: the overscan of this amplifier on the raw frame.
    ///   - saturation: raw ADU.
    ///   - isBias: biases are also looked at for their pattern.
    public init<Raw: RawPixels>(
      _ raw: Raw, level: Overscan.Level?, boxes: SampleBoxes, section: PixelRectangle?, saturation: Double,
      isBias: Bool
    ) throws(Raw.Failure) {
      sample = try AmplifierSample(boxes, raw: raw, level: level, saturation: saturation)
      profile = isBias ? try BiasProfile(raw, level: level, area: boxes.area, sample: sample) : nil
      step = try DigitisationStep.of(raw)
      overscan = []
      if let section, section.fits(width: raw.width, height: raw.height) {
        overscan = OverscanNoise.variances(of: try raw.pixels(of: section), step: step)
      }
    }

    /// The looks of all the outputs of a frame; nil for those that are too small to tell anything.
    public static func all<Raw: RawPixels>(
      _ raw: Raw, overscan: Overscan, saturation: Double, isBias: Bool
    ) throws(Raw.Failure) -> [Look?] {
      let levels = try raw.zeroLevels(overscan: overscan)
      var looks: [Look?] = []
      for (output, level) in zip(raw.observation.outputs, levels) {
        guard let boxes = SampleBoxes(area: output.area) else {
          looks.append(nil)
          continue
        }
        looks.append(
          try Look(
            raw, level: level, boxes: boxes, section: output.overscan, saturation: saturation, isBias: isBias))
      }
      return looks
    }
  }

  /// - Parameters:
  ///   - boxes: nil for an amplifier that is too small to tell anything.
  ///   - biases: frames that follow each other: first and second, third and fourth are pairs.
  ///   - flats: frames that `pairs` points into.
  ///   - darks: of one exposure (s).
  ///   - saturation: raw ADU.
  public init(
    boxes: SampleBoxes?, biases: [Look], flats: [Look], pairs: [(first: Int, second: Int)], darks: [Look],
    darkExposure: Double, saturation: Double
  ) {
    let all = biases + flats + darks
    step = all.map(\.step).filter { $0 > 0 }.min() ?? 0
    // Light that was read just before an overscan trails into it.
    let quiet = biases.isEmpty ? all : biases
    overscanNoise = OverscanNoise.noise(quiet.map(\.overscan).filter { !$0.isEmpty })
    let transfer = PhotonTransfer(
      boxes: boxes, biases: biases.map(\.sample), overscanNoise: overscanNoise.value, step: step)
    readNoise = transfer.readNoise
    let levels = biases.map(\.sample.rawLevel)
    biasLevel = Self.mean(levels, step: step)
    structure = BiasStructure(biases.compactMap(\.profile))
    // Without biases and overscan there is no zero level, and no signal that could be told from it.
    let zeroKnown = !biases.isEmpty || flats.allSatisfy { !$0.overscan.isEmpty }
    let step = step
    var seen = (zeroKnown ? pairs : []).map { pair in
      let (first, second) = (flats[pair.first].sample, flats[pair.second].sample)
      let result = transfer.pair(first, second)
      // Where all pixels are saturated, none is left to tell so.
      let isFull = max(first.rawLevel, second.rawLevel) > PhotonTransferPair.highest * saturation
      let doubt = isFull ? .saturated : result?.doubt(saturation: saturation, step: step)
      return Pair(first: pair.first, second: pair.second, transfer: result, doubt: doubt, isUsed: false)
    }
    let sound = seen.indices.filter { seen[$0].transfer != nil && seen[$0].doubt == nil }
    let low = sound.filter { seen[$0].transfer?.isHigh(saturation: saturation) == false }
    for index in low.isEmpty ? sound : low { seen[index].isUsed = true }
    self.pairs = seen
    gain = PhotonTransferPair.gain(sound.compactMap { seen[$0].transfer }, saturation: saturation)
    let hasOverscan = all.allSatisfy { !$0.overscan.isEmpty }
    dark =
      biases.isEmpty && !hasOverscan
      ? nil
      : DarkCurrent(
        darks.map(\.sample), exposure: darkExposure, transfer: transfer,
        zeroError: hasOverscan ? 0 : biasLevel.error.isNaN ? 0 : biasLevel.error)
  }

  /// Read noise in electrons; unknown where the gain is.
  public var readNoiseElectrons: MeasuredValue { readNoise.times(gain) }

  /// e-/px/s; unknown where the gain or the dark is.
  public var darkCurrentElectrons: MeasuredValue { dark.map { $0.rate.times(gain) } ?? .unknown }

  /// True where the pairs that tell the gain lie above a third of saturation.
  public func isFromHighPairs(saturation: Double) -> Bool {
    pairs.contains { $0.isUsed && $0.transfer?.isHigh(saturation: saturation) == true }
  }

  /// Mean of the medians of frames, with the error that their scatter tells, but no less than that of numbers rounded to
  /// whole steps.
  private static func mean(_ values: [Double], step: Double) -> MeasuredValue {
    let known = values.filter(\.isFinite)
    guard !known.isEmpty else { return .unknown }
    let n = Double(known.count)
    let mean = known.reduce(0, +) / n
    let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (max(squares / (n - 1), step * step / 12) / n).squareRoot()
    return MeasuredValue(mean, error: n > 1 ? error : .nan, count: known.count)
  }
}
