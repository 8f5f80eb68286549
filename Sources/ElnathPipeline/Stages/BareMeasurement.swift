import ElnathCore
import ElnathFITS
import Logging

/// Measures stars on frames as they are, without a project: whole images, raw or in electrons, each on its own.
public struct BareMeasurement: Sendable {
  /// px.
  public var radii: [Double]
  /// px; nil: the usual one.
  public var annulus: AnnularAperture?
  public var centroid = MeasurementPlan.Choices.Centroid.auto
  /// Name of a camera profile; nil: the one that recognises the headers.
  public var camera: String?
  /// e-/ADU, electrons, ADU; nil: what header or profile say.
  public var gain: Double?
  public var readNoise: Double?
  public var saturation: Double?
  public var jobs: Int
  public var log: Logger
  public var progress: @Sendable (Workspace.Progress) -> Void

  public init(
    radii: [Double], jobs: Int, log: Logger, progress: @escaping @Sendable (Workspace.Progress) -> Void = { _ in }
  ) {
    self.radii = radii
    self.jobs = jobs
    self.log = log
    self.progress = progress
  }

  /// What was measured, and which files were not.
  public struct Outcome: Sendable {
    /// Measured frames in the order given, numbered from 1 by their place among all files.
    public var frames: [(file: String, measurements: FrameMeasurements)] = []
    public var stars: [Star] = []
    public var leftOut: [(file: String, reason: String)] = []

    /// As CSV.
    public var table: [UInt8] {
      let rows = frames.flatMap { frame in
        PhotometryRow.rows(of: frame.measurements.asWritten, stars: stars).map { BareRow(file: frame.file, row: $0) }
      }
      return CSVFormat.bytes(of: rows, columns: BareColumns.all)
    }
  }

  public func callAsFunction(files: [String], stars path: String, catalog: ProfileCatalog) async throws -> Outcome {
    let choices = try checkedChoices()
    let stars = try BareStars(path: path)
    let bare = try BareFiles(files, catalog: catalog, camera: camera, stated: try stated())
    let reduce = ReduceStage(
      ReduceSettings(), readNoiseIncludesDigitisation: bare.profile.readNoiseIncludesDigitisation,
      masters: { _ throws(StageError) in Masters() })
    let frames = zip(bare.scanned, bare.headers).enumerated().map { number, file in
      BareFrame(number: number + 1, scanned: file.0, inElectrons: file.1.isInElectrons && file.1.planes == nil)
    }
    for frame in frames { try frame.check() }
    let progress = progress
    let count = frames.count
    let finished: @Sendable (Int) -> Void = {
      progress(Workspace.Progress(step: "measuring", done: $0, total: count))
    }
    let results = try await SeriesRunner(jobs: jobs).map(frames, finished: finished) {
      frame -> Result<FrameMeasurements, StageError> in
      do throws(StageError) {
        return .success(try frame.measured(stars, choices, reduce))
      } catch {
        return .failure(error)
      }
    }
    var outcome = Outcome(stars: stars.stars)
    for (frame, result) in zip(frames, results) {
      switch result {
      case .success(let measured): outcome.frames.append((frame.file, measured))
      case .failure(let error): outcome.leftOut.append((frame.file, error.reason))
      }
    }
    for left in outcome.leftOut { log.warning("\(left.file): not measured: \(left.reason)") }
    guard !outcome.frames.isEmpty else {
      throw PipelineError(.badData, "", "none of the \(files.count) files can be measured; give readable images")
    }
    return outcome
  }

  private func checkedChoices() throws(PipelineError) -> MeasurementPlan.Choices {
    var settings = MeasureSettings()
    settings.radii = radii
    settings.centroid = centroid
    if let annulus { settings.sky = ApertureSettings(inner: annulus.inner, outer: annulus.outer) }
    return try settings.choices()
  }

  private func stated() throws(PipelineError) -> InputSettings {
    var input = InputSettings()
    (input.gain, input.readNoise, input.saturation) = (gain, readNoise, saturation)
    try input.check()
    return input
  }
}

extension ReadHeader {
  var isInElectrons: Bool { header.map(ReducedFile.isInElectrons) ?? false }
}

/// One frame that is measured on its own.
private struct BareFrame: Sendable {
  let number: Int
  let scanned: ScannedFile
  /// True for an image in electrons of which no more is known.
  let inElectrons: Bool

  var file: String { scanned.observation.file }

  /// Refuses a frame whose noise cannot be known.
  func check() throws(PipelineError) {
    let seen = scanned.observation
    guard scanned.error == nil, seen.reduction == nil, !inElectrons else { return }
    var missing: [(name: String, option: String)] = []
    if !seen.outputs.allSatisfy({ $0.gain != nil }) { missing.append(("gain", "--gain")) }
    if !seen.outputs.allSatisfy({ $0.readNoise != nil }) { missing.append(("read noise", "--read-noise")) }
    if seen.saturation == nil { missing.append(("saturation", "--saturation")) }
    guard !missing.isEmpty else { return }
    throw PipelineError(
      .configuration, file,
      "\(missing.map(\.name).joined(separator: ", ")) unknown: neither header nor camera profile tell; "
        + "give \(missing.map(\.option).joined(separator: " ")), or --camera")
  }

  func measured(
    _ table: BareStars, _ choices: MeasurementPlan.Choices, _ reduce: ReduceStage
  ) throws(StageError) -> FrameMeasurements {
    if let error = scanned.error { throw StageError(.unreadable, error) }
    let stars = try table.placed(on: scanned.observation)
    let frame = try reduced(reduce)
    let sources = SourceDetection()(frame.image, of: frame.observation)
    var row = FrameSummary(
      frame: number, file: file, filter: frame.observation.filter, night: "", jdUTC: frame.observation.jdUTC,
      exposure: frame.observation.exposure)
    // Without a star that tells, a small aperture is taken to be one FWHM wide.
    row.fwhm = sources.fwhm > 0 ? sources.fwhm : max(choices.radii?.min() ?? 3, 1)
    row.sky = sources.sky
    // There is no transform whose error would matter.
    row.registration = Registration(transform: .identity, method: .reference, matched: 0, residual: .nan)
    let alignment = Alignment(
      frames: [row], reference: number, width: frame.width, height: frame.height,
      sources: sources.sources.enumerated().map {
        CatalogSource(name: "\($0)", position: $1.position, flux: $1.flux, fwhm: $1.fwhm)
      })
    let plan = MeasurementPlan.make(
      stars: stars, alignment: alignment, readNoise: frame.noise.readNoise, choices: choices)
    return AperturePhotometry(plan: plan)(
      frame,
      registration: row.registration ?? Registration(transform: .identity, method: .none, matched: 0, residual: .nan),
      number: number, airmass: .nan, fwhm: row.fwhm)
  }

  private func reduced(_ reduce: ReduceStage) throws(StageError) -> Frame {
    var light = scanned
    if light.observation.reduction == nil {
      // Places are counted on the whole image, and its zero level is unknown.
      let (width, height) = (light.observation.width, light.observation.height)
      light.observation.trim = PixelRectangle(x: 0, y: 0, width: width, height: height)
      light.observation.overscan = nil
      light.observation.amplifiers = []
    }
    guard inElectrons else { return try reduce.prepared(light).frame() }
    let raw = try PixelReader.read(light.observation, path: light.path)
    return Frame(electrons: raw)
  }
}
