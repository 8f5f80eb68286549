import ElnathCore

/// `plot`: gnuplot scripts with their data, and the pictures made from them as PNG, PDF and SVG.
public struct PlotStage: Sendable {
  public static let name = "plot"
  /// Where `style.gp` and the other scripts are found.
  let scripts: CatalogLocator
  /// Folder for scripts, data and pictures, which exists.
  let folder: String

  public init(scripts: CatalogLocator, folder: String) {
    self.scripts = scripts
    self.folder = folder
  }

  /// Writes scripts and data of all plots, then draws them. Returns the files written, relative to `folder`.
  ///
  /// Throws `plotterMissing` after scripts and data are written where there is no gnuplot.
  func draw(_ plots: [Plot]) async throws(PipelineError) -> [String] {
    var written: [String] = []
    for plot in plots {
      for table in plot.tables { try AtomicFile.write(table.bytes, to: "\(folder)/\(table.name)") }
      try AtomicFile.write(try text(of: plot), to: "\(folder)/\(plot.name).gp")
    }
    guard let gnuplot = Gnuplot() else {
      throw PipelineError(
        .plotterMissing, "gnuplot",
        "not found; scripts and data are in \(folder), install gnuplot (apt-get install gnuplot-nox) and run elnath plot"
      )
    }
    for plot in plots {
      try await gnuplot.run(script: "\(plot.name).gp", in: folder)
      written += Plot.formats.map { "\(plot.name).\($0)" }
    }
    return written
  }

  /// The script of one plot.
  private func text(of plot: Plot) throws(PipelineError) -> String {
    plot.text(style: try script("style.gp"), body: try script(plot.script))
  }

  private func script(_ name: String) throws(PipelineError) -> String {
    guard let path = scripts.file(name) else {
      throw PipelineError(
        .configuration, "plots/\(name)",
        "not found in \(scripts.folders.joined(separator: ", ")); give --plots DIR or set ELNATH_HOME")
    }
    return try FileBytes.text(of: path)
  }
}
