import ArgumentParser
import ElnathPipeline

/// The program begins on the main thread: what concerns the memory of all threads is settled before there is another.
@main
enum Program {
  @MainActor static func main() async {
    FreedMemory.keep()
    await Elnath.main()
  }
}

/// The command `elnath`.
struct Elnath: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elnath",
    abstract: "From nights of FITS images to differential light curves.",
    discussion: CommandConfiguration.discussion(
      [
        Example("elnath simulate -o practice", "a simulated night to practise on"),
        Example("elnath init night1", "writes night1/PROJECT.toml from the headers it finds"),
        Example("elnath run night1/PROJECT.toml", "everything from raw frames to light curves"),
      ], ExitStatus.table),
    version: ElnathVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "The chain",
        subcommands: [
          InitCommand.self, ScanCommand.self, SolveCommand.self, ReduceCommand.self, AlignCommand.self,
          StackCommand.self,
          MeasureCommand.self, FlagCommand.self, LightCurveCommand.self, PlotCommand.self, ReportCommand.self,
          RunCommand.self,
        ]),
      CommandGroup(
        name: "Beside it",
        subcommands: [
          CompareCommand.self, RgbCommand.self, ExportCommand.self, SimulateCommand.self, ConfigCommand.self,
          FlagsCommand.self, CamerasCommand.self, ManualCommand.self,
        ]),
    ])

  static func main() async {
    Console.openStandardStreams()
    Console.end(await status(of: Array(CommandLine.arguments.dropFirst())))
  }

  private static func status(of arguments: [String]) async -> Int32 {
    do {
      let command = try parseAsRoot(arguments)
      begin(command)
      if let command = command as? any WorkCommand, command.work.dryRun {
        try await DryRun.run(command)
      } else if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
      return ExitStatus.done.rawValue
    } catch {
      return status(of: error, arguments)
    }
  }

  /// Tells the console how this command speaks.
  private static func begin(_ command: any ParsableCommand) {
    guard let talking = command as? any TalkingCommand else { return }
    if let chained = command as? any WorkCommand, !chained.work.dryRun, let project = chained.projectFile,
      let next = NextCommand.after(type(of: command)._commandName, project: project, output: chained.output)
    {
      Report.shared.note(next: next)
    }
    let talk = talking.talk
    Report.shared.begin(
      type(of: command)._commandName, json: talk.json, quiet: talk.quiet, verbose: talk.verbose,
      coloured: Console.takesColour && !talk.noColor)
  }

  /// Says what a thrown error means: a status that was said already, help that was asked for, or a fault.
  private static func status(of error: any Error, _ arguments: [String]) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    guard exitCode(for: error) != .success else {
      Console.put(Array((fullMessage(for: error) + "\n").utf8))
      return Console.outputFailed ? ExitStatus.inputOutput.rawValue : ExitStatus.done.rawValue
    }
    let isUsage = exitCode(for: error) == .validationFailure
    let status = isUsage ? ExitStatus.usage : .internalFault
    if arguments.contains("--json") {
      Report.shared.begin(arguments.first ?? "elnath", json: true, quiet: false, verbose: false, coloured: false)
    }
    Console.fail(isUsage ? Usage.message(for: error, arguments: arguments) : "\(error)")
    Report.shared.end(status: status.rawValue)
    return status.rawValue
  }
}
