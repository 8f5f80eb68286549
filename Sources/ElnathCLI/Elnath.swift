import ArgumentParser
import ElnathPipeline

/// The command `elnath`.
@main
struct Elnath: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elnath",
    abstract: "From nights of FITS images to differential light curves.",
    discussion: """
      EXAMPLES
        elnath simulate -o practice        a simulated night to practise on
        elnath init night1                 writes night1/PROJECT.toml from the headers it finds
        elnath run night1/PROJECT.toml     everything from raw frames to light curves
      """,
    version: ElnathVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "The chain",
        subcommands: [
          InitCommand.self, ScanCommand.self, ReduceCommand.self, AlignCommand.self, StackCommand.self,
          MeasureCommand.self, FlagCommand.self, LightCurveCommand.self, PlotCommand.self, RunCommand.self,
        ]),
      CommandGroup(
        name: "Beside it",
        subcommands: [SimulateCommand.self, ConfigCommand.self, FlagsCommand.self, CamerasCommand.self]),
    ])
}
