import ElnathCore
import ElnathFITS
import Logging

/// Stacks frames as they are, without a project: raw or reduced ones, whole images in their own unit.
public struct BareStack: Sendable {
  /// Whether frames are registered before they are stacked.
  public enum Alignment: String, Sendable, CaseIterable {
    case none, auto
  }

  public var settings = StackSettings.bare
  public var alignment = Alignment.none
  public var jobs: Int
  /// Bytes for everything.
  public var memory: Int
  public var log: Logger
  public var progress: @Sendable (Workspace.Progress) -> Void

  /// 1 GiB unless another cap is given.
  public init(
    jobs: Int, memory: Int? = nil, log: Logger, progress: @escaping @Sendable (Workspace.Progress) -> Void = { _ in }
  ) {
    self.jobs = jobs
    self.memory = memory ?? 1 << 30
    self.log = log
    self.progress = progress
  }

  /// What went in, and what did not.
  public struct Outcome: Sendable {
    public var used: Int
    public var leftOut: [(file: String, reason: String)]
  }

  public func callAsFunction(files: [String], catalog: ProfileCatalog, to path: String) async throws -> Outcome {
    let rule = try settings.rule()
    let scratch = try OutputFolder.holding(path)
    let scanned = try BareFiles(files, catalog: catalog).scanned
    AtomicFile.removeLeftovers(in: scratch)
    let runner = SeriesRunner(jobs: jobs)
    var leftOut: [(file: String, reason: String)] = []
    let size = Self.usualSize(scanned)
    var chosen: [ScannedFile] = []
    for file in scanned {
      let (width, height) = (file.observation.width, file.observation.height)
      if width == 0 || height == 0 {
        leftOut.append((file.observation.file, file.error ?? "has no image"))
      } else if width != size.width || height != size.height {
        leftOut.append((file.observation.file, "\(width)x\(height) px where most have \(size.width)x\(size.height)"))
      } else {
        chosen.append(file)
      }
    }
    let read = try await runner.map(chosen) { file in try Self.input(file, scratch: scratch) }
    var inputs: [StackInput] = []
    for (file, result) in zip(chosen, read) {
      switch result {
      case .success(let input): inputs.append(input)
      case .failure(let error): leftOut.append((file.observation.file, error.reason))
      }
    }
    var level = 0.0
    if alignment == .auto {
      let registered = try await BareAlignment(runner: runner, settings: settings)(
        inputs, width: size.width, height: size.height)
      (inputs, level) = (registered.inputs, registered.level)
      leftOut += registered.leftOut
    }
    for left in leftOut { log.warning("\(left.file): not used: \(left.reason)") }
    guard !inputs.isEmpty else {
      throw PipelineError(
        .badData, "", "none of the \(files.count) files can be stacked; give readable images of one size")
    }
    guard inputs.count <= 65_535 else {
      throw PipelineError(.usage, "", "\(inputs.count) frames are too many for one stack; give at most 65535")
    }
    try noise(of: &inputs, rule, level: level)
    let progress = progress
    let stage = StackStage(rule: rule, kernel: settings.kernel, runner: runner, memory: memory) {
      progress(Workspace.Progress(step: "stacking", done: $0, total: $1))
    }
    let stack = try await stage(inputs, width: size.width, height: size.height, level: level)
    let isResampled = inputs.contains { $0.transform != nil }
    try StackFile.write(
      stack,
      StackFile.Description(
        unit: "adu", rule: rule, kernel: isResampled ? settings.kernel : nil, frames: inputs.map(\.observation),
        weights: inputs.map { rule.combination == .weighted ? $0.frame.weight : 1 }, leftOut: leftOut), to: path)
    return Outcome(used: inputs.count, leftOut: leftOut)
  }

  /// The size that most have; of equally many the larger.
  private static func usualSize(_ files: [ScannedFile]) -> PixelSize {
    var counts: [PixelSize: Int] = [:]
    for file in files where file.observation.width > 0 {
      counts[PixelSize(width: file.observation.width, height: file.observation.height), default: 0] += 1
    }
    let best = counts.max {
      ($0.value, $0.key.width, $0.key.height) < ($1.value, $1.key.width, $1.key.height)
    }
    return best?.key ?? PixelSize(width: 0, height: 0)
  }

  /// Its rows, from the file where that holds them one after another, else from a copy.
  private static func input(
    _ file: ScannedFile, scratch: String
  ) throws -> Swift.Result<StackInput, StageError> {
    var observation = file.observation
    if let reader = try? RowReader(path: file.path), reader.width == observation.width,
      reader.height == observation.height
    {
      return .success(
        StackInput(
          observation: observation, rows: .file(reader), integers: reader.integerZero == nil ? nil : reader))
    }
    do throws(StageError) {
      let raw = try PixelReader.read(observation, path: file.path)
      observation = raw.observation
      return .success(
        StackInput(
          observation: observation, rows: try Self.copied(raw, scratch: scratch)))
    } catch {
      return .failure(error)
    }
  }

  private static func copied(_ raw: RawFrame, scratch: String) throws(StageError) -> FrameRows {
    do throws(PipelineError) {
      return .copy(try FrameCopy(raw.adu, folder: scratch))
    } catch {
      throw StageError(.unreadable, error.description)
    }
  }

  /// Noise and weights, for the rules that need them: the noise of the sky from the differences of neighbouring
  /// pixels, that of more light from the gain.
  private func noise(of inputs: inout [StackInput], _ rule: StackRule, level reference: Double) throws {
    guard rule.rejection == .noise || rule.combination == .weighted else { return }
    for k in inputs.indices {
      let input = inputs[k]
      let sample = try SkySample(input.rows, height: input.observation.height)
      let (level, sigma) = (sample.level, sample.sigma)
      guard sigma > 0 else {
        throw PipelineError(
          .badData, input.observation.file,
          "its noise cannot be measured (its pixels do not differ); give --reject sigma --combine median")
      }
      let variance = sigma * sigma
      inputs[k].frame.weight = 1 / (variance * input.factor * input.factor)
      guard rule.rejection == .noise else { continue }
      guard let gain = input.observation.gain?.value else {
        throw PipelineError(
          .configuration, input.observation.file,
          "the gain (e-/ADU) is unknown, which --reject noise needs; give another --reject, or stack a project")
      }
      // Of (value - sky) factor + level.
      let linear = input.factor / gain
      let zero = alignment == .none ? level : reference
      inputs[k].frame.noise = MasterCombination.Noise(
        constant: max(variance * input.factor * input.factor - linear * zero, 0.01 * variance), linear: linear)
    }
  }
}

extension SkySample {
  /// Of a frame whose rows may lie on disk.
  fileprivate init(_ rows: FrameRows, height: Int) throws(PipelineError) {
    self.init()
    for y in Self.rows(height: height) {
      try rows.read(rows: y..<(y + 1)) { _, row in add(row) }
    }
  }
}
