import ElnathCore

/// `reduce`: a raw frame in ADU becomes a frame in electrons, with variance and mask.
public struct ReduceStage: Stage {
  public static let name = "reduce"
  public let settings: ReduceSettings
  private let readNoiseIncludesDigitisation: Bool
  private let masters: @Sendable (Observation) throws(StageError) -> Masters
  /// The flat by which a file, of this path, that was reduced before was divided; nil where it is no longer there.
  let pastFlat: @Sendable (String) -> FlatField?
  /// Of the project's files.
  var ledger = InputLedger()

  /// - Parameter masters: those for one light frame.
  public init(
    _ settings: ReduceSettings, readNoiseIncludesDigitisation: Bool,
    masters: @escaping @Sendable (Observation) throws(StageError) -> Masters,
    pastFlat: @escaping @Sendable (String) -> FlatField? = { _ in nil }
  ) {
    self.pastFlat = pastFlat
    self.settings = settings
    self.readNoiseIncludesDigitisation = readNoiseIncludesDigitisation
    self.masters = masters
  }

  public func callAsFunction(_ raw: RawFrame) throws(StageError) -> Frame { try prepared(raw).frame() }

  /// The same with cosmic rays and satellite trails marked, for which its stars are looked for first.
  public func marked(_ raw: RawFrame) throws(StageError) -> Frame {
    var reduction = try prepared(raw)
    let sources = SourceDetection()(reduction)
    reduction.add(
      trails: sources.trails, hotPixels: [],
      cosmicRays: settings.cosmicRays.search(fwhm: sources.fwhm, elongation: sources.elongation))
    return reduction.searchedFrame()
  }

  /// The same without reducing a pixel yet.
  public func prepared(_ raw: RawFrame) throws(StageError) -> FrameReduction {
    let (reduction, detector) = try arithmetic(raw.observation)
    guard let prepared = reduction.prepared(raw, detector: detector) else {
      throw Self.wrongSize(raw.observation, reduction.masters)
    }
    return prepared
  }

  /// The same of a frame as its file stores it; `look`, if it was looked at before.
  func prepared(_ frame: StoredFrame, look: FrameLook?) throws(StageError) -> FrameReduction {
    let (reduction, detector) = try arithmetic(frame.observation)
    let prepared =
      if let look { reduction.prepared(frame, look: look, detector: detector) } else {
        reduction.prepared(frame, detector: detector)
      }
    guard let prepared else {
      throw Self.wrongSize(frame.observation, reduction.masters)
    }
    return prepared
  }

  private func arithmetic(
    _ observation: Observation
  ) throws(StageError) -> (reduction: BiasDarkFlat, detector: BiasDarkFlat.Detector) {
    guard let detector = BiasDarkFlat.Detector(observation) else {
      throw StageError(.unreadable, "gain, read noise or saturation is unknown")
    }
    let reduction = BiasDarkFlat(
      masters: try masters(observation), overscan: settings.overscanRule,
      readNoiseIncludesDigitisation: readNoiseIncludesDigitisation)
    return (reduction, detector)
  }

  private static func wrongSize(_ observation: Observation, _ masters: Masters) -> StageError {
    let size = PixelSize(width: observation.trim.width, height: observation.trim.height)
    let others = masters.size.map { ", but the masters have \($0) px" } ?? ""
    return StageError(.wrongSize, "\(size) px\(others)")
  }
}
