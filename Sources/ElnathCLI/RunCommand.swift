import ArgumentParser
import ElnathPipeline

/// `elnath run`: everything from raw frames to light curves.
struct RunCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    "run", "From raw frames to light curves, tables and plots.",
    examples: [
      Example("elnath run PROJECT.toml"),
      Example("elnath run PROJECT.toml -o night1 --jobs 8 --set lightcurve.wanted=20"),
      Example("elnath run PROJECT.toml --dry-run", "what would be done"),
      Example("elnath run PROJECT.toml --json -q > result.json", "for scripts: counts, files, settings"),
    ],
    more: "Run again, it redoes only what changed: settings, frames, or products that were edited.\n\n"
      + ExitStatus.table)

  @OptionGroup var options: ProjectOptions

  @Flag(help: "Make every step anew, whatever an earlier run left in the folder.")
  var fresh = false

  @Option(help: ArgumentHelp("Fraction of rejected frames beyond which the exit status is 1.", valueName: "fraction"))
  var maxRejected: Double?

  var named: [NamedSetting] {
    maxRejected.map { [("--max-rejected", ["output", "max_rejected"], .real($0))] } ?? []
  }

  func validate() throws {
    if let maxRejected, !(0...1).contains(maxRejected) {
      throw ValidationError("--max-rejected \(maxRejected): give 0 to 1")
    }
  }

  func run() async throws {
    let command = self
    try await perform {
      let workspace = try command.open()
      let outcome = try await workspace.run(fresh: command.fresh)
      Report.shared.note(result: outcome.provenance)
      for file in outcome.files { Console.wrote(file) }
      if let curve = outcome.files.first(where: { $0.contains("/lightcurve_") && $0.hasSuffix(".csv") }) {
        Report.shared.note(next: "elnath export --format ecsv \(NextCommand.shellQuoted(curve))")
      }
      Report.shared.note(summary: outcome.summary)
      if let problem = outcome.plotProblem {
        Console.fail("\(problem)")
        return ExitStatus(problem.code)
      }
      return outcome.rejectedTooMany ? .manyRejected : .done
    }
  }
}
