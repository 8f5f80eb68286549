import ElnathCore

/// `reduce`: a raw frame in ADU becomes a frame in electrons, with variance and mask.
public struct ReduceStage: Stage {
  public static let name = "reduce"
  public let settings: ReduceSettings
  private let reduction: BiasDarkFlat

  public init(_ settings: ReduceSettings, masters: Masters, readNoiseIncludesDigitisation: Bool) {
    self.settings = settings
    reduction = BiasDarkFlat(
      masters: masters, overscan: Overscan(order: settings.overscanOrder),
      readNoiseIncludesDigitisation: readNoiseIncludesDigitisation)
  }

  public func callAsFunction(_ raw: RawFrame) throws(StageError) -> Frame { try prepared(raw).frame() }

  /// The same without reducing a pixel yet.
  public func prepared(_ raw: RawFrame) throws(StageError) -> FrameReduction {
    let observation = raw.observation
    guard let gain = observation.gain, let readNoise = observation.readNoise, let saturation = observation.saturation
    else {
      throw StageError(.unreadable, "gain, read noise or saturation is unknown")
    }
    let detector = BiasDarkFlat.Detector(
      gain: gain.value, readNoise: readNoise.value, saturation: saturation.value,
      pedestal: observation.pedestal?.value)
    guard let prepared = reduction.prepared(raw, detector: detector) else {
      let size = PixelSize(width: observation.trim.width, height: observation.trim.height)
      let masters = reduction.masters.size.map { ", but the masters have \($0) px" } ?? ""
      throw StageError(.wrongSize, "\(size) px\(masters)")
    }
    return prepared
  }
}
