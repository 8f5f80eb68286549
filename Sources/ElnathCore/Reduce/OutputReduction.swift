/// What the reduction needs to know of one output of the detector.
struct OutputReduction {
  /// Of the trimmed frame.
  let area: PixelRectangle
  let level: Overscan.Level?
  /// ADU to subtract where no level was measured.
  let constantLevel: Float
  /// e-/ADU.
  let gain: Float
  /// Variance of what is added behind the response of the pixel, e-^2: read noise, rounding, and the zero level's own.
  let readVariance: Float
  let noise: NoiseModel

  init(
    _ output: Amplifier, level: Overscan.Level?, detector: BiasDarkFlat.Detector, masters: Masters,
    dark: (master: Master, scale: Double)?, readNoiseIncludesDigitisation: Bool
  ) {
    let gain = output.gain ?? detector.gain
    let darkHoldsZero = masters.darksContainBias && dark != nil
    let zeroMeasured = level != nil || masters.bias != nil || darkHoldsZero
    // The bias master was taken from the dark too, so that some of its error goes again with the dark.
    let biasShare = dark.map { 1 - $0.scale } ?? 1
    let zeroVariance = (level?.variance ?? 0) + biasShare * biasShare * (masters.bias?.meanVariance ?? 0)
    var noise = NoiseModel(
      gain: gain, readNoise: output.readNoise ?? detector.readNoise, masters: zeroVariance * gain * gain,
      digitisation: readNoiseIncludesDigitisation ? 0 : gain * gain / 12,
      pedestalKnown: zeroMeasured || detector.pedestal != nil)
    readVariance = Float(noise.constantVariance)
    if let dark {
      noise.masters += dark.scale * dark.scale * dark.master.meanVariance * gain * gain
      // A level that holds the bias is no count of electrons.
      if !masters.darksContainBias { noise.dark = max(0, dark.master.level * dark.scale * gain) }
    }
    area = output.area
    self.level = level
    constantLevel = zeroMeasured ? 0 : Float(detector.pedestal ?? 0)
    self.gain = Float(gain)
    self.noise = noise
  }
}

extension RowReduction {
  /// The noise of each output; empty for one.
  var amplifierNoise: [AmplifierNoise] {
    outputs.count > 1 ? outputs.map { AmplifierNoise(area: $0.area, model: $0.noise) } : []
  }

  /// The noise of the frame; the mean of its outputs where there are several.
  var noise: NoiseModel { NoiseModel.mean(outputs.map { ($0.noise, Double($0.area.width * $0.area.height)) }) }
}
