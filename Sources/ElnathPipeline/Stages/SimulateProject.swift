import ElnathCore
import ElnathFITS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A simulated night as a project on disk: raw frames in `lights/`, `bias/`, `dark/` and `flat/`, the truth about them in
/// `truth/`, and a PROJECT.toml that runs.
public struct SimulatedProject: Sendable {
  public let preset: SimulationPreset
  public let simulation: Simulation
  /// Every frame, in the order in which the camera took them.
  public let files: [SimulatedFile]

  /// `lights` light frames (nil: as many as the preset says).
  public init(preset: SimulationPreset, lights: Int? = nil, seed: UInt64 = 1) {
    self.init(preset.simulation(lights: lights, seed: seed), preset: preset)
  }

  /// A night of one's own; `preset` is only named in the project file.
  init(_ simulation: Simulation, preset: SimulationPreset) {
    self.preset = preset
    self.simulation = simulation
    files = SimulatedFile.all(of: simulation)
  }

  /// Writes the project into `directory`, which is created where it is missing. The bytes depend neither on `jobs` nor
  /// on what was there; a project of the same settings is written over, anything else in the way is refused.
  ///
  /// `progress` is called after each frame.
  public func write(
    to directory: String, jobs: Int, progress: @escaping @Sendable (Workspace.Progress) -> Void = { _ in }
  ) async throws {
    try checkRoom(in: directory)
    for folder in [directory] + Self.folders.map({ directory + "/" + $0 }) { try OutputFolder.create(folder) }
    // First, so that an interrupted simulation can be taken up again.
    try AtomicFile.write(projectFile, to: directory + "/PROJECT.toml")
    let (simulation, count) = (simulation, files.count)
    _ = try await SeriesRunner(jobs: jobs).map(files) {
      progress(Workspace.Progress(step: "simulate", done: $0, total: count))
    } _: { file in
      try Self.write(file.unit(of: simulation), to: directory + "/" + file.path)
    }
    let truth = SimulatedTruth(simulation, files: files)
    try AtomicFile.write(truth.catalogTable, to: directory + "/catalog.csv")
    try AtomicFile.write(truth.framesTable, to: directory + "/truth/frames.csv")
    try AtomicFile.write(truth.starsTable, to: directory + "/truth/stars.csv")
    try AtomicFile.write(truth.lightCurvesTable, to: directory + "/truth/lightcurves.csv")
    try AtomicFile.write(truth.amplifiersTable, to: directory + "/truth/amplifiers.csv")
    if let rays = SimulatedTruth.cosmicRaysTable(simulation, files: files) {
      try AtomicFile.write(rays, to: directory + "/truth/cosmic_rays.csv")
    }
    for (name, unit) in truth.images { try Self.write(unit, to: directory + "/truth/" + name) }
    try AtomicFile.write(SimulatedTruth.readme, to: directory + "/truth/README.md")
  }

  private static let folders = ["lights", "bias", "dark", "flat", "truth"]

  /// The text of PROJECT.toml.
  public var projectFile: String {
    let (camera, site) = (simulation.camera, simulation.night.site)
    let truth = SimulatedTruth(simulation, files: files)
    let frame = truth.files[truth.reference].path
    var text = """
      # A simulated night over the HL Tau field. Nothing here was observed; truth/ tells what is behind every frame.
      # Made by: elnath simulate --preset \(preset.rawValue) --frames \(simulation.night.lights) --seed \(simulation.seed)
      version = 1

      [input]
      lights = ["lights/*.fits"]
      biases = ["bias/*.fits"]
      darks = ["dark/*.fits"]
      flats = ["flat/*.fits"]
      camera = "hdi"
      gain = \(camera.gain)               # e-/ADU
      read_noise = \(camera.readNoise)         # electrons
      saturation = \(camera.saturation)     # ADU: this camera is straight up to its full wells
      observatory = "kpno"
      aperture_m = \(site.aperture)         # gives the scintillation
      \(camera.linearity.isEmpty ? "" : "linearity = \(camera.linearity)\n")
      """
    for amplifier in camera.amplifiers where camera.outputs.count > 1 {
      let area = amplifier.area
      let data = PixelRectangle(
        x: camera.trim.x + area.x, y: camera.trim.y + area.y, width: area.width, height: area.height)
      text += """

        [[input.amplifier]]
        name = "\(amplifier.name)"
        data = "\(data.section)"
        \(amplifier.overscan.map { "overscan = \"\($0.section)\"\n" } ?? "")\
        gain = \(amplifier.gain ?? camera.gain)
        read_noise = \(amplifier.readNoise ?? camera.readNoise)

        """
    }
    text += """

      [solve]
      catalog = "catalog.csv"   # the field's stars, as a survey of the sky would list them

      """
    let band = simulation.night.passband
    if let line = simulation.night.otherPassbands.first(where: { $0.width < band.width }) {
      text += """

        [lightcurve]
        line = "\(line.name)"
        continuum = "\(band.name)"
        widths = { \(line.name) = \(line.width), \(band.name) = \(band.width) }   # nm

        """
    }
    for image in truth.stars {
      let star = simulation.sky.stars[image.star]
      guard let role = star.role, image.place.lies(inWidth: camera.width, height: camera.height) else { continue }
      text += """

        [[star]]
        name = "\(star.name)"
        role = "\(role.rawValue)"
        ra = \(star.rightAscension)
        dec = \(star.declination)
        x = \(hundredths(image.place.fits.x))
        y = \(hundredths(image.place.fits.y))
        frame = "\(frame)"
        \(star.isExtended ? "extended = true\n" : "")
        """
    }
    return text
  }

  private func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

  /// Refuses a folder with frames or a project that this simulation would not write.
  private func checkRoom(in directory: String) throws(PipelineError) {
    let project = directory + "/PROJECT.toml"
    if access(project, F_OK) == 0 {
      guard try FileBytes.text(of: project) != projectFile else { return }
      throw PipelineError(
        .cannotCreate, project, "holds another project; choose an empty folder with -o, or remove this one")
    }
    for folder in Self.folders where !Self.isEmptyOrMissing(directory + "/" + folder) {
      throw PipelineError(
        .cannotCreate, directory + "/" + folder, "holds files already; choose an empty folder with -o")
    }
  }

  private static func isEmptyOrMissing(_ path: String) -> Bool {
    guard let folder = opendir(path) else { return access(path, F_OK) != 0 }
    defer { closedir(folder) }
    var entries = 0
    while readdir(folder) != nil { entries += 1 }
    return entries <= 2
  }

  private static func write(_ unit: FITSHDU, to path: String) throws(PipelineError) {
    do {
      try FITSWriter.write([unit], to: path)
    } catch {
      let code: PipelineError.Code =
        switch error.code {
        case .permission: .permission
        case .diskFull: .inputOutput
        default: .cannotCreate
        }
      throw PipelineError(code, path, error.message, underlying: error)
    }
  }
}
