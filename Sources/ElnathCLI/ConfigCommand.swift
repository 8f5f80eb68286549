import ArgumentParser
import ElnathPipeline

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Check a project file and print its settings.",
    discussion: """
      Prints, as TOML, what the project file and --set change, each value with its origin; with --effective all \
      settings, defaults included. Without a project file the defaults are shown.
      """)

  @Argument(help: "The project file.")
  var project: String?

  @Flag(help: "Print every setting, defaults too.")
  var effective = false

  @Option(name: .customLong("set"), help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key=value"))
  var assignments: [String] = []

  func run() async throws {
    let (file, assignments, changedOnly) = (project, assignments, project != nil && !effective)
    try await perform {
      let project = try Project(file: file, assignments: assignments)
      print(project.layers.toml(changedOnly: changedOnly), terminator: "")
      return .done
    }
  }
}
