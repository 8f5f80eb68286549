import ArgumentParser
import ElnathPipeline

/// `elnath run`: everything from raw frames to light curves.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "From raw frames to light curves, tables and plots.",
    discussion: """
      EXAMPLES
        elnath run PROJECT.toml
        elnath run PROJECT.toml -o night1 --jobs 8 --set lightcurve.wanted=20

      \(ExitStatus.table)
      """)

  @OptionGroup var options: ProjectOptions

  @Flag(help: "Print run.json to standard output.")
  var json = false

  @Option(help: ArgumentHelp("Fraction of rejected frames beyond which the exit status is 1.", valueName: "fraction"))
  var maxRejected: Double?

  func run() async throws {
    let options = options
    let json = json
    let maxRejected = maxRejected
    try await perform {
      var named: [(name: String, path: [String], value: SettingsTree)] = []
      if let maxRejected { named.append(("--max-rejected", ["output", "max_rejected"], .real(maxRejected))) }
      let workspace = try options.open(options: named)
      let outcome = try await workspace.run()
      if json { print(outcome.json, terminator: "") }
      if !options.quiet {
        for file in outcome.files { Console.say("wrote \(file)") }
        Console.say(outcome.summary)
      }
      if let problem = outcome.plotProblem {
        Console.say("elnath: error: \(problem)")
        return ExitStatus(problem.code)
      }
      return outcome.rejectedTooMany ? .manyRejected : .done
    }
  }
}
