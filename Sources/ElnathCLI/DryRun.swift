import ElnathPipeline

/// What a command would do: settings and headers are checked, nothing is written.
enum DryRun {
  private static let products = [
    "scan": "observations.csv", "solve": "wcs.fits, sources.csv", "reduce": "masters/, masters.csv",
    "align": "frames.csv, sources.csv", "stack": "stack*.fits, sources.csv", "measure": "stars.csv, photometry.csv",
    "flag": "frames.csv, photometry.csv", "lightcurve": "comparisons.csv, lightcurve_*.csv", "plot": "plots/",
    "report": "report.html", "cameras": "camera.csv, photon_transfer.csv",
    "run": "all tables, masters/, lightcurve_*.csv, plots/, report.html, run.json",
  ]

  /// Steps that need no gain: they only look at headers, or measure the gain.
  private static let needingNoGain: Set = ["scan", "cameras"]

  static func run(_ command: some WorkCommand) async throws {
    let name = type(of: command)._commandName
    try await perform {
      if command.projectFile != nil {
        try look(name, command.open())
      } else {
        try command.lookWithoutProject()
      }
      return .done
    }
  }

  private static func look(_ name: String, _ workspace: Workspace) throws {
    let settings = workspace.configuration.reduce
    Console.tell(ScanSummary(workspace.scan, settings: settings).lines)
    if !needingNoGain.contains(name) && settings.detector == .stated { try workspace.checkDetector() }
    wouldWrite("\(products[name] ?? "its products") into \(workspace.output)")
  }

  /// Says what would be written.
  static func wouldWrite(_ what: String) {
    if !Report.shared.isQuiet { Console.say("would write \(what)") }
  }
}
