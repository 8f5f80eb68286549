import ElnathPipeline

/// What a command on a project would do: settings and headers are checked, nothing is written.
enum DryRun {
  private static let products = [
    "scan": "observations.csv", "reduce": "masters/, masters.csv", "align": "frames.csv, sources.csv",
    "measure": "stars.csv, photometry.csv", "flag": "frames.csv, photometry.csv",
    "lightcurve": "comparisons.csv, lightcurve_*.csv", "plot": "plots/", "report": "report.html",
    "run": "all tables, masters/, lightcurve_*.csv, plots/, report.html, run.json",
  ]

  static func run(_ command: some ProjectCommand) async throws {
    let options = command.options
    let name = type(of: command)._commandName
    try await perform {
      try look(name, options.open())
    }
  }

  static func look(_ name: String, _ workspace: Workspace) throws -> ExitStatus {
    Console.tell(ScanSummary(workspace.scan, settings: workspace.configuration.reduce).lines)
    if name != "scan" && workspace.configuration.reduce.detector == .stated { try workspace.checkDetector() }
    Console.say("would write \(products[name] ?? "its products") into \(workspace.output)")
    return .done
  }
}
