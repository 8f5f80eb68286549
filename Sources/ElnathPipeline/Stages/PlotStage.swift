import ElnathCore

/// `plot`: gnuplot scripts with their data, and the pictures made from them as PNG and PDF.
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

  /// One plot, ready to be drawn.
  struct Plot {
    /// File name without ending, of script, data and pictures.
    var name: String
    /// The script in `plots/` that draws it.
    var script: String
    /// gnuplot variables, as they stand in the script.
    var variables: [(name: String, value: String)]
    /// Tables: file name and content.
    var tables: [(name: String, bytes: [UInt8])]
    /// Height over width of the picture.
    var aspect: Double
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
      written += ["\(plot.name).png", "\(plot.name).pdf"]
    }
    return written
  }

  /// The script of one plot: complete in itself, so that it can be changed and run again by hand.
  private func text(of plot: Plot) throws(PipelineError) -> String {
    let style = try script("style.gp")
    let body = try script(plot.script)
    let variables = plot.variables.map { "\($0.name) = \($0.value)\n" }.joined()
    let height = (8.4 * plot.aspect * 100).rounded() / 100
    let pixels = Int((1100 * plot.aspect).rounded())
    return """
      # Made by Elnath; change what you like and run it with: gnuplot \(plot.name).gp
      \(style)
      \(variables)
      set terminal pngcairo size 1100,\(pixels) fontscale 1.45
      set output \(Gnuplot.quoted(plot.name + ".png"))
      \(body)
      set output
      reset session
      \(style)
      \(variables)
      set terminal pdfcairo size 8.4cm,\(height)cm font 'Helvetica,8' fontscale 0.55 linewidth 0.7 pointscale 0.4
      set output \(Gnuplot.quoted(plot.name + ".pdf"))
      \(body)
      set output

      """
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
