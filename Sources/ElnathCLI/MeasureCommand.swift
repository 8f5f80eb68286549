import ArgumentParser
import ElnathCore
import ElnathPipeline

/// `elnath measure`: measures the stars on every registered frame of a project, or stars of a table on bare frames.
struct MeasureCommand: FramesCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure stars: those of a project on all its frames, or a table's on bare frames.",
    discussion: """
      EXAMPLES
        elnath measure PROJECT.toml                  stars.csv, photometry.csv, growth.csv; after elnath align
        elnath measure *.fits --stars stars.csv --radius 3,5,8 --annulus 12,20 --csv out.csv
                                                     columns x, y (FITS pixels of every frame)
      """)

  @Argument(help: "A project file, or FITS images.", completion: .file(extensions: ["toml", "fits", "fit"]))
  var files: [String]

  @Option(help: ArgumentHelp("Of bare frames: table of stars with columns x, y and star (CSV).", valueName: "csv"))
  var stars: String?

  @Option(
    help: ArgumentHelp("Of bare frames: radii of the apertures, px, joined by commas.", valueName: "list"),
    transform: NumberList.init)
  var radius: NumberList?

  @Option(
    help: ArgumentHelp(
      "Of bare frames: inner and outer radius of the sky annulus, px; default: from 4 FWHM on.", valueName: "list"),
    transform: NumberList.init)
  var annulus: NumberList?

  @Option(help: "Of bare frames: how stars are centred; auto: windowed where bright and alone, else forced.")
  var centroid: MeasurementPlan.Choices.Centroid?

  @Option(help: "Of bare frames: name of the camera's profile, or its path.")
  var camera: String?

  @Option(help: "Of bare frames: e-/ADU.")
  var gain: Double?

  @Option(help: "Of bare frames: electrons.")
  var readNoise: Double?

  @Option(help: "Of bare frames: raw ADU from which a pixel counts as saturated.")
  var saturation: Double?

  @Option(help: ArgumentHelp("Of bare frames: the table to write; default: standard output.", valueName: "path"))
  var csv: String?

  @OptionGroup var folder: OutputOption
  @OptionGroup var work: WorkOptions

  var output: String? { folder.folder }
  var product: String? { csv }

  func validate() throws {
    if files.isEmpty { throw ValidationError("give a project file, or FITS images and --stars") }
    if let mixed = mixedProject { throw ValidationError("\(mixed): give one project file, or FITS files only") }
    if isProject {
      let bare: [(String, Bool)] = [
        ("--stars", stars != nil), ("--radius", radius != nil), ("--annulus", annulus != nil),
        ("--centroid", centroid != nil), ("--camera", camera != nil), ("--gain", gain != nil),
        ("--read-noise", readNoise != nil), ("--saturation", saturation != nil), ("--csv", csv != nil),
      ]
      if let wrong = bare.first(where: \.1) {
        throw ValidationError("\(wrong.0): of a project the project file tells; see [measure] and [input]")
      }
    } else {
      if stars == nil { throw ValidationError("--stars: give a table with columns x and y, or a project file alone") }
      if csv == nil && talk.json { throw ValidationError("--json: name the table by --csv") }
      if radius == nil { throw ValidationError("--radius: give radii in px, such as 3,5,8") }
      try work.checkBare()
      if output != nil { throw ValidationError("-o: needs a project file; the table of bare frames is named by --csv") }
      if let annulus, annulus.values.count != 2 || !(annulus.values[0] < annulus.values[1]) {
        throw ValidationError("--annulus \(annulus.text): give inner and outer radius in px, such as 12,20")
      }
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      try await command.isProject ? command.measureProject() : command.measureFiles()
    }
  }

  private func measureProject() async throws -> ExitStatus {
    let workspace = try await open().withUsedCamera()
    let alignment = try workspace.savedAlignment()
    let masters = try await workspace.masters()
    let table = try await workspace.measure(
      alignment, reduce: workspace.reduceStage(masters), solution: workspace.savedSolution(alignment))
    try workspace.writePhotometry(table)
    try workspace.writeGrowth(table)
    for name in ["stars.csv", "photometry.csv"] { Report.shared.note(file: "\(workspace.output)/\(name)") }
    Report.shared.note(summary: "\(table.stars.count) stars on \(table.measurements.count) frames")
    return .done
  }

  private func measureFiles() async throws -> ExitStatus {
    var measurement = BareMeasurement(
      radii: radius?.values ?? [], jobs: work.jobs.count, log: work.logger, progress: work.progress)
    if let annulus { measurement.annulus = AnnularAperture(inner: annulus.values[0], outer: annulus.values[1]) }
    measurement.centroid = centroid ?? .auto
    measurement.camera = camera
    (measurement.gain, measurement.readNoise, measurement.saturation) = (gain, readNoise, saturation)
    let outcome = try await measurement(files: files, stars: stars ?? "", catalog: work.catalogs.profiles())
    ProgressLine.shared.clear()
    if let csv {
      try AtomicFile.write(outcome.table, to: csv)
      Console.wrote(csv, "(\(outcome.stars.count) stars on \(outcome.frames.count) of \(files.count) frames)")
    } else {
      Console.put(Array(outcome.table))
    }
    return 2 * outcome.leftOut.count > files.count ? .manyRejected : .done
  }
}

/// Numbers joined by commas.
struct NumberList {
  let text: String
  let values: [Double]

  init(_ text: String) throws {
    self.text = text
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard !values.contains(nil), values.allSatisfy({ $0.map { $0 >= 0 && $0.isFinite } ?? false }) else {
      throw ValidationError("'\(text)' is no list of lengths; give, for example, 3,5,8")
    }
    self.values = values.compactMap { $0 }
  }
}

extension MeasurementPlan.Choices.Centroid: ExpressibleByArgument {}
