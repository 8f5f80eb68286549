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

  func run() async throws {
    let options = options
    let fresh = fresh
    let maxRejected = maxRejected
    try await perform {
      var named: [(name: String, path: [String], value: SettingsTree)] = []
      if let maxRejected { named.append(("--max-rejected", ["output", "max_rejected"], .real(maxRejected))) }
      let workspace = try options.open(options: named)
      let outcome = try await workspace.run(fresh: fresh)
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
