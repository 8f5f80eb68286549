import ArgumentParser
import ElnathPipeline

/// `elnath cameras`: the camera profiles that can be found; with a project what its calibration frames tell of its camera.
struct CamerasCommand: WorkCommand {
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

  @OptionGroup var folder: OutputOption
  @OptionGroup var work: WorkOptions

  var projectFile: String? { project }
  var output: String? { folder.folder }

  func validate() throws {
    guard project == nil else { return }
    if output != nil { throw ValidationError("-o: needs a project file") }
    try work.checkBare()
  }

  func run() async throws {
    let command = self
    try await perform { try await command.project == nil ? command.list() : command.measure() }
  }

  private func measure() async throws -> ExitStatus {
    let workspace = try open()
    let report = try await workspace.measureCamera()
    for name in ["camera.csv", "photon_transfer.csv"] { Report.shared.note(file: "\(workspace.output)/\(name)") }
    if Report.shared.isJSON {
      Report.shared.note(result: report.tree)
    } else {
      Console.tell(report.lines)
    }
    return .done
  }

  func lookWithoutProject() throws { _ = try list() }

  private func list() throws -> ExitStatus {
    let cameras = try work.catalogs.profiles().cameras()
    if Report.shared.isJSON {
      Report.shared.note(result: CameraList(cameras).tree, key: "cameras")
    } else {
      Console.tell(CameraList(cameras).lines)
    }
    return .done
  }
}
