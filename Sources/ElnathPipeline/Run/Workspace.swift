import ElnathCore
import ElnathFITS
import Logging

/// A project on which work can begin: settings checked, headers decoded, and everything refused that can be refused
/// before the first pixel.
public struct Workspace: Sendable {
  public let project: Project
  public internal(set) var scan: Scan
  /// The stars of the project file and of the table that it names, those with a name alone at their catalogue's places.
  public let stars: [StarSettings]
  /// The tables of `catalogs/stars/`.
  public let starCatalog: StarCatalog
  /// Absolute path of the folder for the products, which exists.
  public let output: String
  public let runner: SeriesRunner
  public let log: Logger
  /// Told how far each step has come.
  public let progress: @Sendable (Progress) -> Void
  private let lock: OutputLock?
  let inputLedger = InputLedger()
  /// Bytes that the user allows; nil for no limit.
  let memory: Int?
  /// Bytes for masters that are kept in memory.
  let masterMemory: Int
  /// Where cameras, observatories and stars are found.
  let catalogs: CatalogLocator
  /// Where the scripts of the plots are found.
  let plotScripts: CatalogLocator

  /// What the alignment saw in the light frames.
  let looks = LightLooks()

  /// How far a step has come.
  public struct Progress: Sendable {
    public var step: String
    public var done: Int
    public var total: Int

    public init(step: String, done: Int, total: Int) {
      self.step = step
      self.done = done
      self.total = total
    }
  }

  /// What a user chooses beside the project file.
  public struct Options: Sendable {
    /// Folder for the products; nil for `elnath-out` beside the project file.
    public var output: String?
    public var jobs: Int
    /// Bytes that the frames being worked on may take together; nil for no limit.
    public var memory: Int?
    /// Folder that stands for `catalogs/`.
    public var catalogs: String?
    /// Folder that stands for `plots/`.
    public var plots: String?
    /// False to look at the project only: then no folder is made, and nothing must be written.
    public var writes: Bool

    public init(
      output: String? = nil, jobs: Int = 1, memory: Int? = nil, catalogs: String? = nil, plots: String? = nil,
      writes: Bool = true
    ) {
      self.writes = writes
      self.memory = memory
      self.output = output
      self.jobs = jobs
      self.catalogs = catalogs
      self.plots = plots
    }
  }

  public init(
    _ project: Project, options: Options, log: Logger, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) throws(PipelineError) {
    try CatalogLocator.check(chosen: options.catalogs, option: "--catalogs")
    try CatalogLocator.check(chosen: options.plots, option: "--plots")
    let folder = ProjectFolder(project.folder)
    let locator = CatalogLocator("catalogs", chosen: options.catalogs, project: folder)
    let catalog = ProfileCatalog(locator: locator, project: folder)
    let scan = try ScanStage(project.configuration.input, catalog: catalog)()
    self.project = project
    self.scan = scan
    catalogs = locator
    starCatalog = try StarCatalog(locator)
    stars = try Self.named(Self.stars(of: project, scan), in: starCatalog, file: project.file ?? "")
    plotScripts = CatalogLocator("plots", chosen: options.plots, project: folder)
    self.log = log
    self.progress = progress
    memory = options.memory
    masterMemory = options.memory.map { $0 / 4 } ?? Self.usualMasterMemory
    runner = SeriesRunner(jobs: Self.jobs(options, largest: scan.lights.map(\.observation)))
    output = options.output.map { ProjectFolder($0).path } ?? folder.absolute(ScanInputs.products)
    guard options.writes else {
      lock = nil
      return
    }
    try OutputFolder.make(output)
    lock = try OutputLock(folder: output)
    AtomicFile.removeLeftovers(in: output)
  }

  public var configuration: Configuration { project.configuration }

  /// True where every star of the field is to be measured.
  var measuresAllStars: Bool { configuration.input.stars == "all" }

  private static func stars(of project: Project, _ scan: Scan) throws(PipelineError) -> [StarSettings] {
    let own = project.configuration.star
    guard let table = project.configuration.input.stars, table != "all" else { return own }
    let folder = ProjectFolder(project.folder)
    let reference = project.configuration.align.reference.flatMap { file in
      scan.lights.first { $0.path == folder.absolute(file) || $0.observation.file == file }
    }
    let stars = own + (try StarTable.read(folder.absolute(table), height: reference?.observation.trim.height))
    do throws(SettingsProblem) {
      try StarSettings.check(stars)
    } catch {
      throw PipelineError(.configuration, table, error.description)
    }
    return stars
  }

  /// What a frame loop calls after each frame.
  func telling(_ step: String, total: Int) -> @Sendable (Int) -> Void {
    let progress = progress
    return { progress(Progress(step: step, done: $0, total: total)) }
  }

  /// As many frames at a time as jobs and memory allow, at least one.
  private static func jobs(_ options: Options, largest observations: [Observation]) -> Int {
    guard let memory = options.memory, let pixels = observations.map({ $0.width * $0.height }).max(), pixels > 0 else {
      return options.jobs
    }
    return max(1, min(options.jobs, (memory - memory / 4) / (pixels * bytesPerPixel)))
  }

  /// Bias, dark and the flats of four filters of a camera of 17 million pixels, or nine such sets of one of four.
  private static let usualMasterMemory = 3 << 29

  /// File, ADU, electrons and variance as Float, the mask, and what detection needs beside them.
  private static let bytesPerPixel = 4 * 4 + 1 + 8

  /// The lights in the order of the series.
  public var lights: [ScannedFile] { scan.lights }

  /// Where the telescope stands, as the first light tells.
  public var site: Site? { scan.site }

  /// Says what the headers left open: in short, since observations.csv has it all.
  public func reportScan() {
    for problem in scan.problems { log.warning("\(problem)") }
    let doubtful = scan.observations.count { !$0.observation.problems.isEmpty }
    if doubtful > 0 {
      log.warning(
        "\(doubtful) of \(scan.observations.count) files have problems in their headers; see observations.csv")
    }
    guard let light = lights.first(where: { $0.error == nil })?.observation else { return }
    for (name, value) in [("gain", light.gain), ("read noise", light.readNoise), ("saturation", light.saturation)] {
      guard let value, value.origin == .estimated else { continue }
      log.warning("the \(name) of \(value.value) is estimated; measure it, or give it under [input]")
    }
    if site == nil {
      log.warning("the site is unknown: no airmass, no barycentric times; give observatory under [input]")
    }
  }

  /// Refuses what the light frames need and nothing tells: gain, read noise, saturation.
  ///
  /// - Parameter proposal: what calibration frames tell of gain and read noise, and what to do with it; empty for nothing.
  public func checkDetector(proposal: String = "") throws(PipelineError) {
    for light in lights where light.error == nil && light.observation.reduction == nil {
      let observation = light.observation
      for (name, key, value) in [
        ("gain (e-/ADU)", "gain", observation.gain), ("read noise (e-)", "read_noise", observation.readNoise),
        ("saturation level (ADU)", "saturation", observation.saturation),
      ] where value == nil {
        let ways = "give \(key) = ... under [input] of the project file, or name the camera's profile there"
        throw PipelineError(
          .configuration, observation.file,
          "the \(name) is unknown: neither the header nor the camera profile tells it; "
            + (proposal.isEmpty || key == "saturation" ? ways : proposal))
      }
    }
  }
}
