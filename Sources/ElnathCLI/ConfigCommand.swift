import ArgumentParser
import ElnathPipeline

struct ConfigCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "config", "Check a project file and print its settings.",
    examples: [
      Example("elnath config PROJECT.toml", "what it changes, with origins"),
      Example("elnath config PROJECT.toml --effective", "every setting"), Example("elnath config", "the defaults"),
    ],
    more: """
      Prints, as TOML, what the project file and --set change, each value with its origin; with --effective all \
      settings, defaults included. Without a project file the defaults are shown.
      """)

  @Argument(help: "The project file.")
  var project: String?

  @Flag(help: "Print every setting, defaults too.")
  var effective = false

  @OptionGroup var settings: SettingOptions

  @OptionGroup var talk: TalkOptions

  func run() async throws {
    let (file, settings, changedOnly) = (project, settings, project != nil && !effective)
    try await perform {
      let project = try settings.project(file)
      if Report.shared.isJSON {
        Report.shared.note(result: project.layers.tree, key: "settings")
      } else {
        print(project.layers.toml(changedOnly: changedOnly), terminator: "")
      }
      return .done
    }
  }
}
