import ElnathCore

/// Makes the master of one group of calibration frames.
///
/// Every frame is looked at once, to be judged. What passes is combined band by band of rows: from memory where
/// all frames fit, else from their files, so that memory does not grow with the number of frames. The result depends
/// neither on the bands nor on the number of jobs.
public struct MasterBuilder: Sendable {
  public let settings: ReduceSettings
  public let runner: SeriesRunner
  /// Bytes that may be used beside the masters themselves and the frames being read.
  public let memory: Int
  /// Folder for copies of frames that are not stored row by row and do not fit into memory.
  public let scratch: String
  /// Of the project's files.
  var ledger = InputLedger()

  public init(_ settings: ReduceSettings, runner: SeriesRunner, memory: Int = 1 << 30, scratch: String = "/tmp") {
    self.settings = settings
    self.runner = runner
    self.memory = memory
    self.scratch = scratch
  }

  /// What serves the frames of a group before they are combined.
  public struct Calibration: Sendable {
    /// Of the same readout; nil for bias frames themselves and where there are none.
    public var bias: Master?
    /// For flat frames: the dark for each of their exposures, and the factor to scale it by.
    public var darks: [Double: (master: Master, scale: Double)]
    /// True where the overscan or `bias` takes the zero level away.
    public var isZeroLevelKnown: Bool
    /// Of one frame and pixel, ADU, from bias frames; nil where there are none.
    public var readNoise: Double?

    public init(
      bias: Master? = nil, darks: [Double: (master: Master, scale: Double)] = [:], isZeroLevelKnown: Bool,
      readNoise: Double? = nil
    ) {
      self.bias = bias
      self.darks = darks
      self.isZeroLevelKnown = isZeroLevelKnown
      self.readNoise = readNoise
    }
  }

  /// - Returns: the master, nil where no frame was usable; and how it came about, in either case.
  public func callAsFunction(
    _ group: CalibrationGroup, calibration: Calibration
  ) async throws -> (master: Master?, record: MasterRecord) {
    var record = MasterRecord(group)
    record.method = settings.combine
    record.limit = settings.rejectLimit
    if group.kind == .flat && !calibration.isZeroLevelKnown {
      record.remarks.append("not used: without bias frames or an overscan the zero level of the flats is unknown")
      return (nil, record)
    }
    let survey = CalibrationSurvey(settings, group: group, calibration: calibration)
    let outcomes = try await survey.frames(runner, memory: memory, scratch: scratch, ledger)
    var frames: [CalibrationSurvey.Frame] = []
    for (file, outcome) in zip(group.files, outcomes) {
      switch outcome {
      case .success(let frame): frames.append(frame)
      case .failure(let error): record.leaveOut(file.observation.file, error.reason)
      }
    }
    guard let review = survey.review(frames) else { return (nil, record) }
    for (frame, fault) in zip(frames, review.faults) {
      if let fault { record.leaveOut(frame.file, fault.description) }
    }
    guard !review.used.isEmpty else { return (nil, record) }
    frames = review.used.map { frames[$0] }
    survey.note(frames, review, in: &record)
    if group.kind == .flat {
      for (place, k) in review.used.enumerated() { frames[place].preparation.level = Float(review.levels[k]) }
    }
    var rule = MasterCombination(settings.combine, limit: settings.rejectLimit)
    // Stars that drift over a sky flat are no fault of its pixels.
    rule.marksUnstable = group.kind != .flat
    let combination = FrameCombination(
      frames: frames, outputs: survey.outputs, rule: rule,
      noise: survey.outputs.indices.map { review.noise(ofOutput: $0) }, weights: review.weights,
      typical: review.typicalValue,
      bytesPerBand: max(1 << 20, min(24 << 20, memory / (16 * runner.jobs))))
    let planes = try await combination.planes(runner, stars: group.kind == .flat)
    var master = planes.master(
      frames: frames.count, exposure: group.exposure,
      commonVariance: survey.commonVariance(frames, weights: review.weights))
    markBadPixels(in: &master, group: group, frames: frames, review)
    record.gain = survey.meanGain
    record.files = frames.map(\.file)
    record.describe(master)
    return (master, record)
  }

  private func markBadPixels(
    in master: inout Master, group: CalibrationGroup, frames: [CalibrationSurvey.Frame], _ review: CalibrationReview
  ) {
    let gain = frames[0].observation.outputs.compactMap(\.gain).max() ?? .nan
    let readNoise = review.readNoise.filter { !$0.isNaN }.max() ?? 0
    switch group.kind {
    case .flat: BadPixels.mark(inFlat: &master)
    case .dark where gain > 0: BadPixels.mark(inDark: &master, gain: gain, readNoise: readNoise * gain)
    case .bias: BadPixels.mark(inBias: &master, gain: gain, readNoise: gain > 0 ? readNoise * gain : readNoise)
    default: break
    }
  }
}
