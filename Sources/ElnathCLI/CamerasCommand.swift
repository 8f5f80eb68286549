import ArgumentParser
import ElnathPipeline

/// `elnath cameras`: the camera profiles that can be found; with a project what its calibration frames tell of its camera.
struct CamerasCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "cameras", "List the known cameras, or measure the one of a project.",
    examples: [
      Example("elnath cameras", "the profiles"),
      Example("elnath cameras PROJECT.toml", "gain and read noise, measured"),
    ],
    more: """
      Without a project: the camera profiles with gain, read noise and saturation. With one: gain, read noise, dark \
      current, bias level and pattern of each amplifier, measured from its bias, dark and flat frames, beside what header, \
      profile and project say: camera.csv, photon_transfer.csv. It needs no gain.
      """)

  @Argument(help: "The project file.", completion: .file(extensions: ["toml"]))
  var project: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Folder for the products; default: elnath-out beside the project file.", valueName: "dir"))
  var output: String?

  @Option(help: "Frames that are worked on at the same time; default: one for each processor.")
  var jobs: Int?

  @Option(name: .customLong("set"), help: ArgumentHelp("Change one setting.", valueName: "key=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp("Read a value from another keyword, as FILTER=CMMTOBS.", valueName: "key=name"))
  var maps: [String] = []

  @Option(help: ArgumentHelp("Folder with cameras, observatories and stars.", valueName: "dir"))
  var catalogs: String?

  @OptionGroup var talk: TalkOptions

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("-o: give the name of a folder") }
    if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs): give at least 1") }
    if project == nil, talk.json || output != nil || !assignments.isEmpty || !maps.isEmpty {
      throw ValidationError("--json, -o, --set and --map go with a project file")
    }
  }

  func run() async throws {
    guard let project else { return try await list() }
    var arguments = [project] + assignments.flatMap { ["--set", $0] }
    arguments += maps.flatMap { ["--map", $0] }
    if let output { arguments += ["--output", output] }
    if let jobs { arguments += ["--jobs", "\(jobs)"] }
    if let catalogs { arguments += ["--catalogs", catalogs] }
    if talk.quiet { arguments.append("--quiet") }
    let options = try ProjectOptions.parse(arguments)
    try await perform {
      let report = try await options.open().measureCamera()
      if Report.shared.isJSON {
        Report.shared.note(result: report.tree)
      } else {
        Console.tell(report.lines)
      }
      return .done
    }
  }

  private func list() async throws {
    let chosen = catalogs
    try await perform {
      try CatalogLocator.check(chosen: chosen, option: "--catalogs")
      let locator = CatalogLocator("catalogs", chosen: chosen, project: ProjectFolder("."))
      let cameras = try ProfileCatalog(locator: locator, project: ProjectFolder(".")).cameras()
      Console.tell(CameraList(cameras).lines)
      return .done
    }
  }
}
