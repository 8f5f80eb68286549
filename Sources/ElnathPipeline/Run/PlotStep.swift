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
    var binning: Binning?
    if case .of(let asked) = configuration.lightcurve.bin { binning = asked }
    for filter in files.filters {
      let scatter = ScatterPlot(product, filter: filter, table: table)
      if let plot = scatter?.plot(name: files.name("rms", filter: filter)) { plots.append(plot) }
    }
    for (place, curve) in product.curves.enumerated() {
      let beside = ComparisonCurve.of(product.comparisons, beside: curve, in: table)
      for filter in files.filters {
        let shown = LightCurvePlot(curve, filter: filter, comparisons: beside, binning: binning)
        if let shown { plots.append(shown.plot(name: files.stem(curve.target, filter: filter))) }
        if let leakage = LeakagePlot(curve, filter: filter) {
          plots.append(leakage.plot(name: files.stem(curve.target, filter: filter, of: "seeing_leakage")))
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
}
