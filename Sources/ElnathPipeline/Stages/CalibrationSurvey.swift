import ElnathCore

/// A first look at the frames of a group: what is subtracted from each, and whether it can be trusted.
struct CalibrationSurvey: Sendable {
  let settings: ReduceSettings
  let group: CalibrationGroup
  let calibration: MasterBuilder.Calibration
  let outputs: [Amplifier]
  private let sampling: CalibrationSampling?

  /// A frame that was read and prepared.
  struct Frame: Sendable {
    var observation: Observation
    var preparation: CalibrationPreparation
    var rows: FrameRows
    var sample: CalibrationSample
    /// Variance per pixel of the masters that were subtracted, ADU^2.
    var subtractedVariance: Double

    var file: String { observation.file }

    /// Hands out prepared rows of the trimmed frame.
    func read(
      rows: Range<Int>, _ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void
    ) throws(PipelineError) {
      let prepared = UnsafeMutableBufferPointer<Float>.allocate(capacity: preparation.width)
      defer { prepared.deallocate() }
      let raw = preparation.rawRows(rows)
      try self.rows.read(rows: raw) { row, values in
        let y = row - raw.lowerBound + rows.lowerBound
        preparation.prepare(values, row: y, into: prepared)
        body(y, UnsafeBufferPointer(prepared))
      }
    }
  }

  init(_ settings: ReduceSettings, group: CalibrationGroup, calibration: MasterBuilder.Calibration) {
    self.settings = settings
    self.group = group
    self.calibration = calibration
    let usable = group.files.map(\.observation).first { Self.fault(of: $0, in: group) == nil }
    outputs = usable?.outputs ?? []
    sampling = usable.map { CalibrationSampling($0) }
  }

  private static func fault(of observation: Observation, in group: CalibrationGroup) -> StageError? {
    let size = group.readout.size
    if observation.trim.width != size.width || observation.trim.height != size.height {
      return StageError(
        .wrongSize, "\(observation.trim.width)x\(observation.trim.height) px where the others have \(size)")
    }
    guard observation.outputsTileFrame else {
      return StageError(.unreadable, "its amplifiers do not cover the frame, or overlap; check the camera profile")
    }
    return nil
  }

  /// Every frame, or why it cannot be used, in the order of the group.
  func frames(
    _ runner: SeriesRunner, memory: Int, scratch: String, _ ledger: InputLedger
  ) async throws -> [Swift.Result<Frame, StageError>] {
    let bytes = group.files.reduce(0) { $0 + $1.observation.width * $1.observation.height * MemoryLayout<Float>.size }
    let held = bytes <= memory / 4
    return try await runner.map(group.files) { file -> Swift.Result<Frame, StageError> in
      if let fault = Self.fault(of: file.observation, in: group) { return .failure(fault) }
      guard let sampling else { return .failure(StageError(.unreadable, "its layout is unknown")) }
      do {
        // Frames that stay in memory are read as a whole, of the others only what is looked at.
        let raw =
          held
          ? try PixelReader.held(file.observation, path: file.path, ledger)
          : try PixelReader.open(file.observation, path: file.path, ledger)
        return .success(try frame(raw, path: file.path, at: sampling, held: held, scratch: scratch))
      } catch let error as StageError {
        return .failure(error)
      }
    }
  }

  private func frame<Raw: RawPixels>(
    _ raw: Raw, path: String, at sampling: CalibrationSampling, held: Bool, scratch: String
  ) throws -> Frame {
    let dark = group.kind == .flat ? calibration.darks[raw.observation.exposure] : nil
    var preparation = try CalibrationPreparation(
      raw, overscan: settings.overscanRule, bias: group.kind == .bias ? nil : calibration.bias,
      dark: dark, zeroLevelKnown: group.kind != .bias && calibration.isZeroLevelKnown,
      equalised: group.kind == .flat)
    let saturation = Float(raw.observation.saturation?.value ?? .infinity)
    let sample = try CalibrationSample(raw, preparation, at: sampling, saturation: saturation)
    if group.kind == .flat { preparation.dropsFrom = saturation }
    let variance =
      (calibration.bias?.meanVariance ?? 0) + (dark.map { $0.scale * $0.scale * $0.master.meanVariance } ?? 0)
    return Frame(
      observation: raw.observation, preparation: preparation,
      rows: try FrameRows(raw, path: path, held: held, folder: scratch), sample: sample, subtractedVariance: variance)
  }

  /// Mean of the outputs, e-/ADU; NaN where one is unknown.
  var meanGain: Double {
    let gains = outputs.compactMap(\.gain)
    return gains.count == outputs.count && !gains.isEmpty ? gains.reduce(0, +) / Double(gains.count) : .nan
  }

  /// Nil without frames.
  func review(_ frames: [Frame]) -> CalibrationReview? {
    guard let sampling, !frames.isEmpty else { return nil }
    let kind: CalibrationReview.Kind =
      switch group.kind {
      case .bias: .bias
      case .dark: .dark
      default: .flat
      }
    let mean = meanGain
    let known = calibration.readNoise.flatMap { $0 > 0 ? $0 : nil }
    return CalibrationReview(
      frames.map(\.sample), at: sampling,
      expecting: .init(
        kind: kind,
        readNoise: outputs.map { output in
          known ?? output.readNoise.flatMap { noise in output.gain.map { noise / $0 } } ?? .nan
        },
        gain: outputs.map { kind == .flat ? mean : $0.gain ?? .nan },
        saturation: frames.lazy.compactMap { $0.observation.saturation?.value }.min() ?? .infinity,
        isZeroLevelKnown: calibration.isZeroLevelKnown))
  }

  /// Variance that the masters subtracted from all frames give to their mean. Of a dark it is left out: the light frame
  /// from which the dark is subtracted has lost the same zero level.
  func commonVariance(_ frames: [Frame], weights: [Double]?) -> Double {
    guard group.kind == .flat, let weights else { return 0 }
    let total = weights.reduce(0, +)
    let amplitude = zip(frames, weights).reduce(0) { sum, pair in
      sum + pair.1 / total * pair.0.subtractedVariance.squareRoot() / Double(pair.0.preparation.level)
    }
    return amplitude * amplitude
  }

  /// What people should know of the frames that are used.
  func note(_ frames: [Frame], _ review: CalibrationReview, in record: inout MasterRecord) {
    let noise = review.readNoise
    if group.kind == .bias, frames.count >= 2 {
      record.readNoise = (noise.reduce(0) { $0 + $1 * $1 } / Double(max(noise.count, 1))).squareRoot()
    }
    if frames.count == 1 {
      record.remarks.append("\(record.fileName): made of a single frame: its cosmic rays cannot be told from the rest")
    }
    if group.kind != .bias {
      for (output, ratio) in zip(outputs, review.noiseRatios) where abs(ratio - 1) > 0.15 {
        let name = output.name.isEmpty ? "" : " of amplifier \(output.name)"
        record.remarks.append(
          "\(record.fileName): the frames\(name) scatter \(Self.rounded(ratio, 100)) times as much as gain and read noise "
            + "say; the scatter is believed")
      }
    }
    if group.kind == .flat, let worst = review.used.map({ review.structures[$0] }).max(), worst > 0.01 {
      record.remarks.append(
        "\(record.fileName): the illumination differs from frame to frame by up to \(Self.rounded(100 * worst, 10)) % "
          + "(rms): gradients of the sky?")
    }
    let temperatures = frames.map(\.observation.temperature).filter { !$0.isNaN }
    if group.kind == .dark, let low = temperatures.min(), let high = temperatures.max(), high - low > 1 {
      record.remarks.append("\(record.fileName): dark frames between \(low) and \(high) C are combined")
    }
  }

  private static func rounded(_ value: Double, _ steps: Double) -> String { "\((value * steps).rounded() / steps)" }
}
