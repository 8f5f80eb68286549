import ElnathCore
import ElnathFITS
import Logging

/// Registers frames as they are, without a project: one table with a row for each of them.
///
/// Raw frames count in pixels of their trimmed part. Levels of the sky stay empty, since nothing tells the zero level.
public struct BareAlign: Sendable {
  public var settings = AlignSettings()
  public var jobs: Int
  public var log: Logger
  public var progress: @Sendable (Workspace.Progress) -> Void

  public init(jobs: Int, log: Logger, progress: @escaping @Sendable (Workspace.Progress) -> Void = { _ in }) {
    self.jobs = jobs
    self.log = log
    self.progress = progress
  }

  /// - Parameters:
  ///   - settings.reference: one of the files; nil for the best.
  ///   - path: of the table, whose columns are those of frames.csv.
  /// - Returns: the rows as they are written.
  public func callAsFunction(
    files: [String], catalog: ProfileCatalog, to path: String
  ) async throws -> [FrameSummary] {
    _ = try OutputFolder.holding(path)
    let scanned = Self.inOrder(try BareFiles(files, catalog: catalog).scanned)
    let reference = try settings.reference.map { try number(of: $0, in: scanned) }
    let stage = try AlignStage(settings, reference: reference)
    let runner = SeriesRunner(jobs: jobs)
    let progress = progress
    let total = scanned.count
    let told: @Sendable (Int) -> Void = { progress(Workspace.Progress(step: "detecting", done: $0, total: total)) }
    let series = try await runner.map(Array(scanned.enumerated()), finished: told) { k, file in
      Self.frame(file, number: k + 1, stage: stage)
    }
    var rows: [FrameSummary]
    do throws(StageError) {
      rows = try await register(series, scanned, stage: stage, runner: runner)
    } catch {
      rows = series.map { frame in
        var row = frame.summary
        if row.status != .rejected { row.reject(error.flags, error.reason) }
        return row
      }
      try write(rows, to: path)
      throw PipelineError(.badData, "", "\(error.reason); see \(path)")
    }
    for k in rows.indices { rows[k].sky = .nan }
    try write(rows, to: path)
    return rows
  }

  private func register(
    _ series: [SeriesFrame], _ scanned: [ScannedFile], stage: AlignStage, runner: SeriesRunner
  ) async throws(StageError) -> [FrameSummary] {
    let registered = try stage.registered(series)
    let complete: RegisteredSeries
    do {
      complete = try await CorrelationRung(runner: runner)(registered) { try? Self.image(scanned[$0]) }
    } catch {
      throw StageError(.notRegistered, "stopped")
    }
    return try stage.alignment(complete).frames
  }

  private func write(_ rows: [FrameSummary], to path: String) throws(PipelineError) {
    try AtomicFile.write(CSVFormat.bytes(of: rows, columns: FrameColumns.all), to: ProjectFolder(".").absolute(path))
  }

  /// By time, then name, those without a time last.
  private static func inOrder(_ files: [ScannedFile]) -> [ScannedFile] {
    func time(_ file: ScannedFile) -> Double { file.observation.jdUTC.isFinite ? file.observation.jdUTC : .infinity }
    return files.sorted { (time($0), $0.observation.file) < (time($1), $1.observation.file) }
  }

  private func number(of file: String, in scanned: [ScannedFile]) throws -> Int {
    let wanted = ProjectFolder(".").absolute(file)
    guard let index = scanned.firstIndex(where: { $0.path == wanted }) else {
      throw PipelineError(.usage, file, "is the reference, but not among the files; name it there too")
    }
    return index + 1
  }

  private static func frame(_ file: ScannedFile, number: Int, stage: AlignStage) -> SeriesFrame {
    let observation = file.observation
    let summary = FrameSummary(
      frame: number, file: observation.file, filter: observation.filter, night: observation.night,
      jdUTC: observation.jdUTC.roundedTime, exposure: observation.exposure)
    do throws(StageError) {
      return SeriesFrame(summary: summary, sources: stage.detect(try image(file), of: observation))
    } catch {
      var rejected = summary
      rejected.reject(error.flags, error.reason)
      return SeriesFrame(summary: rejected, sources: nil)
    }
  }

  private static func image(_ file: ScannedFile) throws(StageError) -> MaskedImage {
    let observation = file.observation
    guard observation.width > 0, observation.height > 0 else {
      throw StageError(.unreadable, file.error ?? "has no image")
    }
    let raw = try PixelReader.read(observation, path: file.path)
    let trim = raw.observation.trim
    guard trim.fits(width: raw.adu.width, height: raw.adu.height) else {
      throw StageError(.wrongSize, "the part that saw the sky lies outside the image")
    }
    return MaskedImage(bare: raw.adu.cropped(to: trim), observation: raw.observation)
  }
}
