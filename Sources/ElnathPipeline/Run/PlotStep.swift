import ElnathCore

extension Workspace {
  /// Draws all plots into `plots/`; returns the pictures' names. Throws `plotterMissing` where there is no gnuplot:
  /// scripts and data are written all the same.
  public func plot(_ product: LightCurves, table: PhotometryTable) async throws(PipelineError) -> [String] {
    let folder = output + "/plots"
    try OutputFolder.create(folder)
    let plots = try plots(product, table: table)
    return try await PlotStage(scripts: plotScripts, folder: folder).draw(plots)
  }

  /// Everything that the tables allow to draw.
  private func plots(_ product: LightCurves, table: PhotometryTable) throws(PipelineError) -> [Plot] {
    var plots: [Plot] = []
    let files = CurveFiles(product.curves)
    let (scans, growth) = (try saved("aperture_scan"), try saved("growth"))
    let verdicts = try saved("distrust")
    var binning: Binning?
    if case .of(let asked) = configuration.lightcurve.bin { binning = asked }
    for filter in files.filters {
      let scatter = ScatterPlot(product, filter: filter, table: table)
      if let plot = scatter?.plot(name: files.name("rms", filter: filter)) { plots.append(plot) }
      if let growth, let plot = GrowthPlot(growth, filter: filter, frames: table.frames, scans: scans) {
        plots.append(plot.plot(name: files.name("growth", filter: filter)))
      }
    }
    for (place, curve) in product.curves.enumerated() {
      let others = try saved("distrust_" + TableFile.name(for: curve.target.name))
      let radii = try saved("radii_" + TableFile.name(for: curve.target.name))
      let beside = ComparisonCurve.of(product.comparisons, beside: curve, in: table)
      for filter in files.filters {
        let shown = LightCurvePlot(curve, filter: filter, comparisons: beside, binning: binning)
        if let shown { plots.append(shown.plot(name: files.stem(curve.target, filter: filter))) }
        if let leakage = LeakagePlot(curve, filter: filter) {
          plots.append(leakage.plot(name: files.stem(curve.target, filter: filter, of: "seeing_leakage")))
        }
        func add<Made>(_ made: Made?, _ product: String, _ draw: (Made, String) -> Plot) {
          if let made { plots.append(draw(made, files.stem(curve.target, filter: filter, of: product))) }
        }
        let name = curve.target.name
        add(scans.flatMap { ApertureScanPlot($0, target: name, filter: filter) }, "aperture_scan") { $0.plot(name: $1) }
        add(radii.flatMap { RadiiPlot($0, target: name, filter: filter) }, "radii") { $0.plot(name: $1) }
        if let verdicts, let others {
          add(DistrustPlot(verdicts, others, target: name, filter: filter), "distrust") { $0.plot(name: $1) }
        }
        if place == 0 {
          let stars = ComparisonsPlot(curve, filter: filter, comparisons: beside)
          if let plot = stars?.plot(name: files.name("comparisons", filter: filter)) { plots.append(plot) }
        }
      }
    }
    for filter in files.filters {
      if let targets = TargetsPlot(product.curves, filter: filter) {
        plots.append(targets.plot(name: files.name("targets", filter: filter)))
      }
    }
    if let budget = ErrorBudgetPlot(product.curves, filters: files.filters, in: table) { plots.append(budget.plot()) }
    if let quality = QualityPlot(table.frames) { plots.append(quality.plot()) }
    if let finder = finder(product, table: table) { plots.append(try finder.plot()) }
    if let camera = try PhotonTransferPlot(folder: output) { plots.append(camera.plot) }
    return plots
  }

  /// A table of the folder; nil where an earlier version did not write it.
  private func saved(_ name: String) throws(PipelineError) -> SavedTable? {
    try SavedTable(path: "\(output)/\(name).csv")
  }
}
