import ElnathCore

extension Workspace {
  /// Draws all plots into `plots/`; returns the pictures' names. Throws `plotterMissing` where there is no gnuplot:
  /// scripts and data are written all the same.
  public func plot(_ product: LightCurves, table: PhotometryTable) async throws(PipelineError) -> [String] {
    let folder = output + "/plots"
    try OutputFolder.create(folder)
    var plots: [PlotStage.Plot] = []
    let files = CurveFiles(product.curves)
    for curve in product.curves {
      let beside = ComparisonCurve.of(product.comparisons, beside: curve, in: table)
      plots += files.filters.compactMap {
        PlotContent.lightCurve(
          curve, filter: $0, name: files.stem(curve.target, filter: $0), comparisons: beside)
      }
    }
    if let quality = PlotContent.quality(table.frames) { plots.append(quality) }
    if let camera = try PhotonTransferPlot(folder: output) { plots.append(camera.plot) }
    return try await PlotStage(scripts: plotScripts, folder: folder).draw(plots)
  }
}
